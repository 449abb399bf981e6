"""How a mapping or a pipe reads a stream."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cdk_event_flow.flow.model import JSON, EventSourceMapping
from cdk_event_flow.flow.sources import Pipe

# Kinesis keeps records for a day unless told otherwise, and the stream of a table always does.
DAY = 86_400.0
_PIPES = ("KinesisStreamParameters", "DynamoDBStreamParameters")


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What can be said of it; see EventSourceMapping. Times in seconds; `since` leaves older records out."""

    arn: str
    source_arn: str
    to_arn: str
    enabled: bool
    batch_size: int
    window: float
    filters: tuple[JSON, ...]
    parallel: int
    bisect: bool
    retries: int | None
    max_age: float | None
    on_failure: str | None
    partial_failures: bool
    tumbling: int = 0
    since: float = 0.0


def reading_of(node: EventSourceMapping | Pipe) -> Reading:
    """What the template says. A pipe hears of single failed records always.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-batching-concurrency.html
    """
    if isinstance(node, EventSourceMapping):
        return Reading(
            arn=node.arn,
            source_arn=node.source_arn,
            to_arn=node.function_arn,
            enabled=node.enabled,
            batch_size=node.batch_size,
            window=node.window,
            filters=node.filters,
            parallel=max(1, node.parallel),
            bisect=node.bisect,
            retries=node.retries,
            max_age=node.max_age,
            on_failure=node.on_failure,
            partial_failures=node.partial_failures,
            tumbling=node.tumbling,
            since=node.since if node.position == "AT_TIMESTAMP" else 0.0,
        )
    given: dict[str, Any] = {}
    for kind in _PIPES:
        given |= (node.properties.get("SourceParameters") or {}).get(kind) or {}
    return Reading(
        arn=node.arn,
        source_arn=node.source_arn,
        to_arn=node.arn,
        enabled=node.enabled,
        batch_size=int(given.get("BatchSize") or 100),
        window=float(given.get("MaximumBatchingWindowInSeconds") or 0),
        filters=node.filters,
        parallel=max(1, int(given.get("ParallelizationFactor") or 1)),
        bisect=given.get("OnPartialBatchItemFailure") == "AUTOMATIC_BISECT",
        retries=_limit(given.get("MaximumRetryAttempts")),
        max_age=_limit(given.get("MaximumRecordAgeInSeconds")),
        on_failure=node.dead_letter_arn,
        partial_failures=True,
        since=_time(given.get("StartingPositionTimestamp")) if given.get("StartingPosition") == "AT_TIMESTAMP" else 0.0,
    )


def _limit(given: Any) -> int | None:
    return None if given is None or int(given) < 0 else int(given)


def _time(given: Any) -> float:
    try:
        return float(given)
    except (TypeError, ValueError):
        pass
    try:
        return datetime.fromisoformat(str(given)).timestamp()
    except ValueError:
        return 0.0
