"""What a failure destination gets of a batch of a stream.

https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cdk_event_flow.flow.model import EventSourceMapping
from cdk_event_flow.flow.payloads.services import UNQUALIFIED
from cdk_event_flow.local.ids import Ids, iso_milliseconds
from cdk_event_flow.local.invocation import Fault, Invocation
from cdk_event_flow.local.streams.record import Record


@dataclass(frozen=True, slots=True)
class Discarded:
    """The document, and the key of the object that it becomes in a bucket."""

    document: dict[str, Any]
    key: str


def metadata(
    records: Sequence[Record],
    mapping: EventSourceMapping,
    *,
    condition: str,
    tries: int,
    answer: Invocation | None,
    ids: Ids,
    now: float,
) -> Discarded:
    """What AWS says of a batch: where it is in the stream, not what is in it."""
    first, last = records[0], records[-1]
    kind = "DDBStreamBatchInfo" if ":dynamodb:" in mapping.source_arn else "KinesisBatchInfo"
    arn = mapping.function_arn if mapping.function_arn.count(":") > UNQUALIFIED else f"{mapping.function_arn}:$LATEST"
    answered: dict[str, Any] = {}
    if answer and answer.fault is not Fault.THROTTLED:
        error = {"functionError": "Unhandled"} if answer.fault else {}
        answered = {"responseContext": {"statusCode": 200, "executedVersion": answer.version, **error}}
    document = {
        "requestContext": {
            "requestId": answer.request_id if answer else ids.uuid(),
            "functionArn": arn,
            "condition": condition,
            "approximateInvokeCount": tries,
        },
        **answered,
        "version": "1.0",
        "timestamp": iso_milliseconds(now),
        kind: {
            "shardId": first.shard,
            "startSequenceNumber": first.sequence,
            "endSequenceNumber": last.sequence,
            "approximateArrivalOfFirstRecord": iso_milliseconds(first.arrived),
            "approximateArrivalOfLastRecord": iso_milliseconds(last.arrived),
            "batchSize": len(records),
            "streamArn": mapping.source_arn,
        },
    }
    at = datetime.fromtimestamp(now, UTC)
    key = f"aws/lambda/{mapping.arn.rpartition(':')[2]}/{first.shard}/{at:%Y/%m/%d/%Y-%m-%dT%H.%M.%S}-{ids.uuid()}"
    return Discarded(document, key)
