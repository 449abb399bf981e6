"""What a handler says of the records of its batch."""

import json

from cdk_event_flow.worker.records import failed_of


def failed_records(response: bytes, ids: list[str]) -> frozenset[str]:
    """The record ids that a handler's response with ReportBatchItemFailures gives back.

    A response that Lambda cannot read, an empty, null or unknown identifier, or a wrong key means the whole batch;
    nothing, null, an empty object and an empty or null list mean none.
    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
    """
    try:
        answer = json.loads(response) if response.strip() else None
    except (ValueError, RecursionError):
        return frozenset(ids)
    return failed_of(answer, ids)
