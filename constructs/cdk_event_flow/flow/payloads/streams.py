"""Records of Kinesis and of DynamoDB streams.

https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
"""

import base64
from collections.abc import Mapping
from typing import Any

from cdk_event_flow.errors import EventError, Problem
from cdk_event_flow.flow.arns import place
from cdk_event_flow.flow.payload import as_text

ARRIVED = 1767225600.0  # 2026-01-01T00:00:00Z, as everywhere where no clock runs
SEQUENCE = "49590338271490256608559692538361571095921575989136588898"


def kinesis_record(data: Any, stream_arn: str) -> dict[str, Any]:
    """One record as a function behind a stream receives it: the data is base64."""
    inner = {
        "kinesisSchemaVersion": "1.0",
        "partitionKey": "1",
        "sequenceNumber": SEQUENCE,
        "data": base64.b64encode(as_text(data).encode()).decode(),
        "approximateArrivalTimestamp": ARRIVED,
    }
    return {
        "kinesis": inner,
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"shardId-000000000000:{SEQUENCE}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": "",
        "awsRegion": place(stream_arn)[0],
        "eventSourceARN": stream_arn,
    }


def dynamodb_record(change: Any, stream_arn: str, keys: tuple[str, ...]) -> dict[str, Any]:
    """One record of a table's stream.

    `change` is such a record (with `dynamodb` in it), or an item, plain or typed, that is taken as newly put. Raises
    EventError for what is neither.
    """
    if not isinstance(change, Mapping):
        raise EventError(
            "the table",
            Problem(code="EF-EVENT", given=f"{as_text(change)[:80]} was sent to a table", allowed="a table takes an item, an object",
                    fix='give the item ({"id": "1"}) or a stream record ({"eventName": "INSERT", "dynamodb": {…}})'),
        )  # fmt: skip
    envelope = {
        "eventID": "1",
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": place(stream_arn)[0],
        "eventSourceARN": stream_arn,
    }
    if "dynamodb" in change:
        return {**envelope, **change}
    item = {str(name): typed(value) for name, value in change.items()}
    inner = {
        "ApproximateCreationDateTime": ARRIVED,
        "Keys": {name: item[name] for name in keys if name in item},
        "NewImage": item,
        "SequenceNumber": "1",
        "SizeBytes": len(as_text(item).encode()),
        "StreamViewType": "NEW_AND_OLD_IMAGES",
    }
    return {**envelope, "dynamodb": inner}


def kinesis_change(record: Mapping[str, Any], table: str) -> dict[str, Any]:
    """What DynamoDB puts on a Kinesis data stream of a change, of which a table's own stream has `record`: times are in milliseconds.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/kds_gettingstarted.html
    """
    change = {name: value for name, value in record["dynamodb"].items() if name not in ("SequenceNumber", "StreamViewType")}
    if isinstance(at := change.get("ApproximateCreationDateTime"), int | float):
        change["ApproximateCreationDateTime"] = int(at * 1000)
    return {
        "awsRegion": record["awsRegion"],
        "eventID": record["eventID"],
        "eventName": record["eventName"],
        "userIdentity": None,
        "recordFormat": "application/json",
        "tableName": table,
        "dynamodb": change,
        "eventSource": "aws:dynamodb",
    }


_TYPES = frozenset({"S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"})


def typed(value: Any) -> dict[str, Any]:
    """A value as DynamoDB writes it: `{"S": "x"}`, `{"N": "5"}`; what is written so already stays."""
    match value:
        case dict() if len(value) == 1 and next(iter(value)) in _TYPES:
            return value
        case bool():
            return {"BOOL": value}
        case None:
            return {"NULL": True}
        case int() | float():
            return {"N": str(value)}
        case Mapping():
            return {"M": {str(name): typed(each) for name, each in value.items()}}
        case list() | tuple():
            return {"L": [typed(each) for each in value]}
    return {"S": str(value)}
