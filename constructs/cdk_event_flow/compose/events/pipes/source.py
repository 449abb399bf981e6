"""Where a pipe reads: how its batches are made, and what becomes of those that fail."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from cdk_event_flow.compose.edge import seconds, within
from cdk_event_flow.compose.events.pipes.template import text_of
from cdk_event_flow.compose.sources.failures import FailureDestination, told_of
from cdk_event_flow.compose.sources.options import Retry, filter_problems, filters
from cdk_event_flow.compose.sources.polled import Polled
from cdk_event_flow.compose.sources.resources import PollSource, polled_of
from cdk_event_flow.errors import ConstructError, Problem
from cdk_event_flow.match import PipeFilters
from constructs import Construct

PIPE_SOURCES = "EventBridge Pipes (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-event-source.html)"
PIPE_FILTERS = "EventBridge Pipes (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-event-filtering.html)"
PARAMETERS = "EventBridge Pipes (https://docs.aws.amazon.com/eventbridge/latest/pipes-reference/API_PipeSourceParameters.html)"
_NAMES = {"sqs": "sqs_queue_parameters", "kinesis": "kinesis_stream_parameters", "dynamodb": "dynamo_db_stream_parameters"}

Filters = Mapping[str, Any] | Sequence[Mapping[str, Any]]
Start = Literal["TRIM_HORIZON", "LATEST"] | datetime


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How a pipe reads, as `Pipe` was told; `on_failure` is resolved."""

    where: Filters = ()
    batch: int
    window: timedelta = timedelta(0)
    start: Start | None = None
    retry: Retry | None = None
    parallel: int = 1
    on_failure: FailureDestination | None = None


def polled_by_pipe(source: PollSource, scope: Construct, at: str) -> Polled:
    """`source` as the pipe sees it. Raises ConstructError (EF-PIPE-SOURCE), also for a table without a stream."""
    try:
        return polled_of(source, scope)
    except ConstructError as refused:
        (problem, *_) = refused.problems
        fix = "give the table a stream, or import it with table_stream_arn"
        raise ConstructError(
            at,
            Problem(code="EF-PIPE-SOURCE", given=problem.given,
                    allowed=f"{PIPE_SOURCES} gives a pipe of ours queues, data streams and tables' streams",
                    fix=fix if refused.code == "EF-MAPPING-STREAM" else "give one of them, or a queue in between"),
        ) from None  # fmt: skip


def source_problems(polled: Polled) -> list[Problem]:
    """What a pipe does not read, though a mapping would."""
    if polled.kind in _NAMES and "consumer" not in polled.what:
        return []
    return [Problem(code="EF-PIPE-SOURCE", given=f"the source is {polled.what}",
                    allowed=f"{PIPE_SOURCES} gives a pipe of ours queues, data streams and tables' streams",
                    fix="give one of them, or let a function consume it")]  # fmt: skip


_NOT_CARRIED = {"KEYS_ONLY": ("NewImage", "OldImage"), "NEW_IMAGE": ("OldImage",), "OLD_IMAGE": ("NewImage",)}


def image_problems(source: Any, where: Filters, templates: Sequence[Any]) -> list[Problem]:
    """Filters and templates that read an image which the stream of this table (ours) does not carry."""
    view = getattr(source, "view", None) or ""
    text = json.dumps([filters(where), *map(text_of, templates)])
    return [
        Problem(code="EF-PIPE-IMAGE", given=f"{image} is read, and the table's stream is {view}",
                allowed="DynamoDB (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html) puts into records "
                "what the stream's view says: it would be empty", fix='give the table stream="NEW_AND_OLD_IMAGES", or read its Keys')
        for image in _NOT_CARRIED.get(view, ()) if f"dynamodb.{image}" in text or f'"{image}"' in text
    ]  # fmt: skip


def reading_problems(polled: Polled, reading: Reading) -> list[Problem]:
    """What EventBridge would refuse, or what could never work, for this source."""
    queue = polled.kind == "sqs"
    problems = [
        *within("EF-PIPE-BATCH", "batch", reading.batch, 1, 10 if polled.fifo else 10_000, unit="records", source=PARAMETERS,
                fix="choose a batch in that range"),
        *within("EF-PIPE-WINDOW", "window", seconds(reading.window), 0, 300, unit="seconds", source=PARAMETERS,
                fix="choose a window in that range"),
        *filter_problems(reading.where, polled.kind, by=PipeFilters, source=PIPE_FILTERS, elsewhere="filter in the enrichment"),
    ]  # fmt: skip
    if queue:
        wrong = [name for name, given in (("start", reading.start), ("retry", reading.retry), ("on_failure", reading.on_failure),
                                          ("parallel", reading.parallel != 1 or None)) if given is not None]  # fmt: skip
        problems += [
            Problem(code="EF-PIPE-QUEUE", given=f"{name} for {polled.what}",
                    allowed=f"{PARAMETERS} has it for streams; a queue has its own order, visibility and redrive policy",
                    fix="leave it out")
            for name in wrong
        ]  # fmt: skip
        return problems
    problems += within("EF-PIPE-PARALLEL", "parallel", reading.parallel, 1, 10, unit="batches a shard", source=PARAMETERS,
                       fix="choose a number in that range")  # fmt: skip
    problems += _retry_problems(reading.retry)
    return problems + _start_problems(polled, reading.start) + _failure_problems(reading.on_failure)


def parameters_of(polled: Polled, reading: Reading) -> dict[str, Any]:
    """The source's parameters, as CloudFormation's properties have them."""
    own: dict[str, Any] = {"batch_size": reading.batch, "maximum_batching_window_in_seconds": seconds(reading.window) or None}
    if polled.kind != "sqs":
        retry = reading.retry or Retry()
        own |= _starting(reading.start)
        own |= {
            "maximum_retry_attempts": -1 if retry.attempts is None else retry.attempts,
            "maximum_record_age_in_seconds": seconds(retry.max_age) if retry.max_age else -1,
            "on_partial_batch_item_failure": "AUTOMATIC_BISECT" if retry.bisect else None,
            "parallelization_factor": reading.parallel,
            "dead_letter_config": {"arn": told_of(reading.on_failure).arn} if reading.on_failure is not None else None,
        }
    patterns = [{"pattern": _compact(each)} for each in filters(reading.where)]
    return {_NAMES[polled.kind]: own, **({"filter_criteria": {"filters": patterns}} if patterns else {})}


def _compact(pattern: Mapping[str, Any]) -> str:
    return json.dumps(pattern, separators=(",", ":"))


def _starting(start: Start | None) -> dict[str, Any]:
    if isinstance(start, datetime):
        return {"starting_position": "AT_TIMESTAMP", "starting_position_timestamp": f"{start.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}
    return {"starting_position": start or "TRIM_HORIZON"}


def _retry_problems(retry: Retry | None) -> list[Problem]:
    return retry.problems(attempts="EF-PIPE-RETRIES", max_age="EF-PIPE-AGE", source=PARAMETERS) if retry else []


def _start_problems(polled: Polled, start: Start | None) -> list[Problem]:
    given = f"start is {start.isoformat() if isinstance(start, datetime) else repr(start)} for {polled.what}"
    if start is None or (not isinstance(start, datetime) and start in ("TRIM_HORIZON", "LATEST")):
        return []
    if not isinstance(start, datetime) or polled.kind == "dynamodb":
        moment = ", or a moment" if polled.kind == "kinesis" else ""
        return [Problem(code="EF-PIPE-START", given=given, allowed=f"{PARAMETERS} starts at TRIM_HORIZON or LATEST{moment}",
                        fix="give one of them")]  # fmt: skip
    if start.tzinfo is None or start > datetime.now(UTC):
        return [Problem(code="EF-PIPE-START", given=given, allowed=f"{PARAMETERS} starts at a moment that has been, in a time zone",
                        fix="give a past datetime with tzinfo=UTC")]  # fmt: skip
    return []


def _failure_problems(to: FailureDestination | None) -> list[Problem]:
    given: Any = getattr(to, "receiver", to)
    if to is None or any(hasattr(given, f"{kind}_arn") and not given.fifo for kind in ("queue", "topic")):
        return []
    said = "a FIFO queue or topic" if getattr(given, "fifo", False) else f"a {type(given).__name__}"
    return [Problem(code="EF-PIPE-FAILURE", given=f"on_failure is {said}",
                    allowed=f"{PIPE_SOURCES} tells standard queues and topics of the records of a stream that it gives up",
                    fix="give one of them")]  # fmt: skip
