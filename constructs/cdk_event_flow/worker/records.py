"""Messages as Lambda hands them to a handler, and the answer as Lambda reads it.

https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any


def event_of(messages: Sequence[Mapping[str, Any]], queue_arn: str) -> dict[str, Any]:
    """The event of a batch of messages, as ReceiveMessage gave them."""
    return {"Records": [_record(message, queue_arn) for message in messages]}


def _record(message: Mapping[str, Any], queue_arn: str) -> dict[str, Any]:
    attributes = message.get("MessageAttributes") or {}
    record = {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": dict(message.get("Attributes") or {}),
        "messageAttributes": {name: _attribute(value) for name, value in attributes.items()},
        "md5OfBody": message.get("MD5OfBody", ""),
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": queue_arn.split(":")[3] if queue_arn.count(":") >= 5 else "",
    }
    if "MD5OfMessageAttributes" in message:
        record["md5OfMessageAttributes"] = message["MD5OfMessageAttributes"]
    return record


def _attribute(value: Mapping[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {"stringListValues": [], "binaryListValues": [], "dataType": value["DataType"]}
    if "StringValue" in value:
        shown["stringValue"] = value["StringValue"]
    if "BinaryValue" in value:
        shown["binaryValue"] = base64.b64encode(value["BinaryValue"]).decode()
    return shown


def failed_in(answer: object, ids: Sequence[str]) -> frozenset[str]:
    """The ids that a handler's answer gives back; all of them where Lambda could not read it, or knows an id not.

    Nothing, None, an empty object and an empty or null list mean that none failed. Raises TypeError or ValueError for an
    answer that is not JSON, which Lambda refuses.
    """
    answer = json.loads(json.dumps(answer))
    return frozenset() if answer == "" else failed_of(answer, ids)


def failed_of(answer: Any, ids: Sequence[str]) -> frozenset[str]:
    """The same of an answer that came as JSON."""
    every = frozenset(ids)
    if answer is None or (isinstance(answer, dict) and answer.get("batchItemFailures") is None):
        return frozenset()
    failures = answer.get("batchItemFailures") if isinstance(answer, dict) else None
    if not isinstance(failures, list):
        return every
    given = [item.get("itemIdentifier") if isinstance(item, dict) else None for item in failures]
    return frozenset(id for id in ids if id in given) if all(one in ids for one in given) else every
