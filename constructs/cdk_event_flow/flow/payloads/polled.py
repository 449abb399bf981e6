"""Batches of what Lambda polls besides queues and streams: Kafka topics, queues of MQ brokers, changes of DocumentDB.

https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html
https://docs.aws.amazon.com/lambda/latest/dg/with-kafka.html
https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html
https://docs.aws.amazon.com/lambda/latest/dg/with-documentdb.html
"""

import base64
from collections.abc import Mapping
from typing import Any

from cdk_event_flow.flow.model import Unknown
from cdk_event_flow.flow.payload import EPOCH_MS, as_text
from cdk_event_flow.flow.sources import Polled


def record_of(source: Polled, message: Any) -> Any:
    """One record as filters see it. A message for Kafka may be `{"key": …, "value": …}`; a change of a database is a change
    event (with `operationType` in it), or a document that is taken as newly inserted."""
    match source.kind:
        case "msk" | "kafka":
            return _kafka(source.name, message)
        case "activemq" | "rabbitmq" | "mq":
            return {"data": _encoded(message)}
    return {"event": _change(source.name, message)}


def batch_of(source: Polled, record: Mapping[str, Any]) -> Any:
    """What the function is invoked with, for this one record."""
    match source.kind:
        case "msk":
            return {
                "eventSource": "aws:kafka",
                "eventSourceArn": source.cluster,
                "bootstrapServers": "b-1.example.com:9098",
                "records": {f"{source.name}-0": [record]},
            }
        case "kafka":
            return {
                "eventSource": "SelfManagedKafka",
                "bootstrapServers": source.cluster,
                "records": {f"{source.name}-0": [record]},
            }
        case "activemq":
            message = {
                "messageID": "ID:b-1.example.com-1-2:1:1:1:1", "messageType": "jms/text-message", "deliveryMode": 1,
                "replyTo": None, "type": None, "expiration": "0", "priority": 4, "correlationId": "", "redelivered": False,
                "destination": {"physicalName": source.name}, **record, "timestamp": EPOCH_MS, "brokerInTime": EPOCH_MS,
                "brokerOutTime": EPOCH_MS, "properties": {},
            }  # fmt: skip
            return {"eventSource": "aws:mq", "eventSourceArn": source.cluster, "messages": [message]}
        case "rabbitmq":
            message = {"basicProperties": {"contentType": "text/plain", "headers": {}}, "redelivered": False, **record}
            return {
                "eventSource": "aws:rmq",
                "eventSourceArn": source.cluster,
                "rmqMessagesByQueue": {f"{source.name}::{source.virtual_host}": [message]},
            }
        case "mq":
            return Unknown(f"whether the broker of {source.name} is ActiveMQ or RabbitMQ")
    return {"eventSourceArn": source.cluster, "events": [record], "eventSource": "aws:docdb"}


def _encoded(value: Any) -> str:
    return base64.b64encode(as_text(value).encode()).decode()


def _kafka(topic: str, message: Any) -> dict[str, Any]:
    given = (
        message if isinstance(message, Mapping) and "value" in message and set(message) <= {"key", "value"} else {"value": message}
    )
    return {
        "topic": topic,
        "partition": 0,
        "offset": 0,
        "timestamp": EPOCH_MS,
        "timestampType": "CREATE_TIME",
        **{name: _encoded(given[name]) for name in ("key", "value") if name in given},
        "headers": [],
    }


def _change(name: str, message: Any) -> Any:
    if isinstance(message, Mapping) and "operationType" in message:
        return dict(message)
    database, _, collection = name.partition(".")
    return {
        "_id": {"_data": "0165A1"},
        "clusterTime": {"$timestamp": {"t": EPOCH_MS // 1_000, "i": 1}},
        "documentKey": {"_id": {"$oid": "65a100000000000000000000"}},
        "fullDocument": message,
        "ns": {"db": database, "coll": collection or "documents"},
        "operationType": "insert",
    }
