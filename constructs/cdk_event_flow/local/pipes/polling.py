"""A pipe polls a queue, or reads a stream, as a mapping does."""

from datetime import datetime
from typing import Any

from cdk_event_flow.flow.model import EventSourceMapping
from cdk_event_flow.flow.readers.resource import as_mapping, whole
from cdk_event_flow.flow.sources import Pipe

_KINDS = ("SqsQueueParameters", "KinesisStreamParameters", "DynamoDBStreamParameters")


def mapping_of(pipe: Pipe) -> EventSourceMapping:
    """The mapping that a pipe is for its source; what it calls is the pipe itself. It hears of single failed records always.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-batching-concurrency.html
    """
    parameters, given = as_mapping(pipe.properties.get("SourceParameters")), dict[str, Any]()
    for kind in _KINDS:
        given |= as_mapping(parameters.get(kind))
    return EventSourceMapping(
        logical_id=pipe.logical_id,
        arn=pipe.arn,
        name=pipe.name,
        path=pipe.path,
        source_arn=pipe.source_arn,
        function_arn=pipe.arn,
        enabled=pipe.enabled,
        batch_size=whole(given.get("BatchSize"), 10 if ":sqs:" in pipe.source_arn else 100),
        window=whole(given.get("MaximumBatchingWindowInSeconds"), 0),
        filters=pipe.filters,
        partial_failures=True,
        on_failure=pipe.dead_letter_arn,
        parallel=whole(given.get("ParallelizationFactor"), 1),
        bisect=given.get("OnPartialBatchItemFailure") == "AUTOMATIC_BISECT",
        retries=_limit(given.get("MaximumRetryAttempts")),
        max_age=_limit(given.get("MaximumRecordAgeInSeconds")),
        position=str(given.get("StartingPosition", "")),
        since=_time(given.get("StartingPositionTimestamp")),
    )


def _limit(given: Any) -> int | None:
    """A limit, of which -1 is none."""
    limit = whole(given, -1)
    return None if limit < 0 else limit


def _time(given: Any) -> float:
    """Epoch seconds, from a number or from ISO 8601."""
    try:
        return float(given)
    except (TypeError, ValueError):
        pass
    try:
        return datetime.fromisoformat(str(given)).timestamp()
    except ValueError:
        return 0.0
