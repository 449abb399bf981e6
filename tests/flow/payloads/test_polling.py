"""Whole batches of Kafka, MQ and DocumentDB, as the documentation of each shows them."""

import base64

import pytest

from cdk_event_flow.flow.payloads import polled
from cdk_event_flow.flow.sources import Polled

from .making import CLUSTER, NEW_YEAR_MS


def source(kind, **changes):
    return Polled(
        logical_id="P", arn="p", name="orders", path="orders", type="", properties={}, kind=kind, **{"cluster": CLUSTER, **changes}
    )  # fmt: skip


def in_base64(text):
    return base64.b64encode(text.encode()).decode()


def of_kafka(**data):
    return {
        "topic": "orders",
        "partition": 0,
        "offset": 0,
        "timestamp": NEW_YEAR_MS,
        "timestampType": "CREATE_TIME",
        **{name: in_base64(value) for name, value in data.items()},
        "headers": [],
    }


@pytest.mark.parametrize("kind", ["msk", "kafka"])
@pytest.mark.parametrize(
    ("message", "record"),
    [
        ({"total": 1}, of_kafka(value='{"total":1}')),
        ("words", of_kafka(value="words")),
        ("value", of_kafka(value="value")),
        (["value"], of_kafka(value='["value"]')),
        (5, of_kafka(value="5")),
        ({"key": "k", "value": {"total": 1}}, of_kafka(key="k", value='{"total":1}')),
        ({"value": 5}, of_kafka(value="5")),
        ({"key": "k"}, of_kafka(value='{"key":"k"}')),
        ({"value": 5, "more": 6}, of_kafka(value='{"value":5,"more":6}')),
    ],
)
def test_a_record_of_kafka_is_as_lambda_shows_it(kind, message, record):
    assert polled.record_of(source(kind), message) == record


CHANGE = {
    "_id": {"_data": "0165A1"},
    "clusterTime": {"$timestamp": {"t": 1767225600, "i": 1}},
    "documentKey": {"_id": {"$oid": "65a100000000000000000000"}},
    "fullDocument": {"total": 1},
    "ns": {"db": "shop", "coll": "orders.new"},
    "operationType": "insert",
}


@pytest.mark.parametrize(
    ("kind", "name", "message", "record"),
    [
        ("activemq", "orders", {"total": 1}, {"data": in_base64('{"total":1}')}),
        ("rabbitmq", "orders", "words", {"data": in_base64("words")}),
        ("mq", "orders", "words", {"data": in_base64("words")}),
        ("documentdb", "shop.orders.new", {"total": 1}, {"event": CHANGE}),
        ("documentdb", "shop", {"total": 1}, {"event": {**CHANGE, "ns": {"db": "shop", "coll": "documents"}}}),
        ("documentdb", "shop", {"operationType": "delete"}, {"event": {"operationType": "delete"}}),
        ("documentdb", "shop.orders.new", "operationType", {"event": {**CHANGE, "fullDocument": "operationType"}}),
    ],
)
def test_a_record_of_a_broker_or_a_database_is_as_filters_see_it(kind, name, message, record):
    read = Polled(logical_id="P", arn="p", name=name, path=name, type="", properties={}, kind=kind, cluster=CLUSTER)
    assert polled.record_of(read, message) == record


BATCHES = {
    "msk": (
        of_kafka(value="x"),
        {
            "eventSource": "aws:kafka",
            "eventSourceArn": CLUSTER,
            "bootstrapServers": "b-1.example.com:9098",
            "records": {"orders-0": [of_kafka(value="x")]},
        },
    ),
    "kafka": (
        of_kafka(value="x"),
        {"eventSource": "SelfManagedKafka", "bootstrapServers": CLUSTER, "records": {"orders-0": [of_kafka(value="x")]}},
    ),
    "activemq": (
        {"data": "eA=="},
        {
            "eventSource": "aws:mq",
            "eventSourceArn": CLUSTER,
            "messages": [
                {
                    "messageID": "ID:b-1.example.com-1-2:1:1:1:1",
                    "messageType": "jms/text-message",
                    "deliveryMode": 1,
                    "replyTo": None,
                    "type": None,
                    "expiration": "0",
                    "priority": 4,
                    "correlationId": "",
                    "redelivered": False,
                    "destination": {"physicalName": "orders"},
                    "data": "eA==",
                    "timestamp": NEW_YEAR_MS,
                    "brokerInTime": NEW_YEAR_MS,
                    "brokerOutTime": NEW_YEAR_MS,
                    "properties": {},
                }
            ],
        },
    ),
    "rabbitmq": (
        {"data": "eA=="},
        {
            "eventSource": "aws:rmq",
            "eventSourceArn": CLUSTER,
            "rmqMessagesByQueue": {
                "orders::/": [{"basicProperties": {"contentType": "text/plain", "headers": {}}, "redelivered": False, "data": "eA=="}]
            },
        },
    ),
    "documentdb": ({"event": CHANGE}, {"eventSourceArn": CLUSTER, "events": [{"event": CHANGE}], "eventSource": "aws:docdb"}),
}


@pytest.mark.parametrize("kind", BATCHES)
def test_a_batch_of_what_lambda_polls_is_as_lambda_shows_it(kind):
    record, batch = BATCHES[kind]
    assert polled.batch_of(source(kind), record) == batch


def test_of_a_broker_of_an_unknown_engine_no_batch_is_made_up():
    assert str(polled.batch_of(source("mq"), {})) == "unknown (whether the broker of orders is ActiveMQ or RabbitMQ)"
