"""What Lambda polls besides queues and streams: Kafka, MQ and DocumentDB, filtered, in the shapes that handlers parse."""

import base64
import json

import pytest
from aws_lambda_powertools.utilities.data_classes.active_mq_event import ActiveMQEvent
from aws_lambda_powertools.utilities.data_classes.rabbit_mq_event import RabbitMQEvent
from aws_lambda_powertools.utilities.parser.models import KafkaMskEventModel, KafkaSelfManagedEventModel

from cdk_event_flow.flow import Flow

MSK = "arn:aws:kafka:us-east-1:123456789012:cluster/shop/1-2"
BROKER = "arn:aws:mq:us-east-1:123456789012:broker:shop:b-1"
CLUSTER = "arn:aws:rds:us-east-1:123456789012:cluster:shop"


def flow(properties, pattern=None, **more):
    filtered = {"FilterCriteria": {"Filters": [{"Pattern": json.dumps(pattern)}]}} if pattern else {}
    function = {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "billing", "Handler": "h.h", "Runtime": "python3.13"}}
    mapping = {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {"FunctionName": "billing", **properties, **filtered}}
    return Flow.from_template({"Resources": {"Billing": function, "Mapping": mapping, **more}})


def received(flow, source, message):
    (delivery,) = flow.send(source, message).root.next
    return None if delivery.reasons else delivery.payload


KAFKA = {
    "msk": ({"EventSourceArn": MSK, "Topics": ["orders"]}, KafkaMskEventModel),
    "self-managed": (
        {"SelfManagedEventSource": {"Endpoints": {"KafkaBootstrapServers": ["a:9092", "b:9092"]}}, "Topics": ["orders"]},
        KafkaSelfManagedEventModel,
    ),
}


@pytest.mark.parametrize("kind", KAFKA)
def test_a_kafka_topic_gives_batches_by_partition(kind):
    properties, model = KAFKA[kind]
    read = flow(properties, {"value": {"total": [{"numeric": [">", 10]}]}})
    event = received(read, "orders", {"total": 42})
    parsed = model.model_validate(event)
    (record,) = parsed.records["orders-0"]
    assert json.loads(record.value) == {"total": 42}
    assert received(read, "orders", {"total": 5}) is None
    assert parsed.bootstrapServers


def test_a_message_of_kafka_may_have_a_key():
    read = flow(KAFKA["msk"][0], {"key": ["CUST-7"]})
    event = received(read, "orders", {"key": "CUST-7", "value": {"total": 5}})
    (record,) = event["records"]["orders-0"]
    assert base64.b64decode(record["key"]) == b"CUST-7"
    assert received(read, "orders", {"key": "CUST-8", "value": {"total": 5}}) is None


ACCESS = [{"Type": "BASIC_AUTH", "URI": "arn:aws:secretsmanager:us-east-1:123456789012:secret:s"}]


def test_a_queue_of_activemq_gives_messages():
    broker = {"Type": "AWS::AmazonMQ::Broker", "Properties": {"EngineType": "ACTIVEMQ"}}
    properties = {"EventSourceArn": {"Fn::GetAtt": ["Broker", "Arn"]}, "Queues": ["orders"], "SourceAccessConfigurations": ACCESS}
    read = flow(properties, {"data": {"kind": ["sold"]}}, Broker=broker)
    (message,) = ActiveMQEvent(received(read, "orders", {"kind": "sold"})).messages
    assert (message.json_data, message.destination_physicalname) == ({"kind": "sold"}, "orders")
    assert received(read, "orders", {"kind": "lost"}) is None


def test_a_queue_of_rabbitmq_gives_messages_by_queue_and_virtual_host():
    access = [*ACCESS, {"Type": "VIRTUAL_HOST", "URI": "/shop"}]
    read = flow({"EventSourceArn": BROKER, "Queues": ["orders"], "SourceAccessConfigurations": access})
    event = RabbitMQEvent(received(read, "orders", {"kind": "sold"}))
    (message,) = event.rmq_messages_by_queue["orders::/shop"]
    assert message.json_data == {"kind": "sold"}


def test_what_a_broker_of_an_unknown_engine_sends_is_not_guessed():
    read = flow({"EventSourceArn": BROKER, "Queues": ["orders"], "SourceAccessConfigurations": ACCESS})
    assert "ActiveMQ or RabbitMQ" in str(received(read, "orders", {"kind": "sold"}))


def test_changes_of_a_documentdb_collection_are_events():
    config = {"DatabaseName": "shop", "CollectionName": "orders"}
    read = flow({"EventSourceArn": CLUSTER, "DocumentDBEventSourceConfig": config}, {"event": {"operationType": ["insert"]}})
    event = received(read, "shop.orders", {"total": 42})
    assert (event["eventSource"], event["eventSourceArn"]) == ("aws:docdb", CLUSTER)
    (change,) = event["events"]
    assert change["event"]["ns"] == {"db": "shop", "coll": "orders"}
    assert change["event"]["fullDocument"] == {"total": 42}
    assert received(read, "shop.orders", {"operationType": "delete"}) is None


def test_two_functions_that_poll_one_topic_both_get_it():
    other = {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "audit", "Handler": "h.h", "Runtime": "python3.13"}}
    mapping = {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {"FunctionName": "audit", **KAFKA["msk"][0]}}
    sent = flow(KAFKA["msk"][0], None, Audit=other, Second=mapping).send("orders", {"total": 5})
    assert [delivery.receiver.name for delivery in sent.root.next] == ["billing", "audit"]
