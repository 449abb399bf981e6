"""What a handler says of the records of its batch."""

import json


def failed_records(response: bytes, ids: list[str]) -> frozenset[str]:
    """The record ids that a handler's response with ReportBatchItemFailures gives back.

    A response that Lambda cannot read, an empty, null or unknown identifier, or a wrong key means the whole batch;
    nothing, null, an empty object and an empty or null list mean none.
    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
    """
    every = frozenset(ids)
    try:
        answer = json.loads(response) if response.strip() else None
    except ValueError:
        return every
    if answer is None or (isinstance(answer, dict) and answer.get("batchItemFailures") is None):
        return frozenset()
    failures = answer.get("batchItemFailures") if isinstance(answer, dict) else None
    if not isinstance(failures, list):
        return every
    given = [item.get("itemIdentifier") if isinstance(item, dict) else None for item in failures]
    return frozenset(i for i in ids if i in given) if all(one in ids for one in given) else every
