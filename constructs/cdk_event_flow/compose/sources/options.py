"""How Lambda polls a source: what every mapping may be given, and which of it each kind of source takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypedDict

from cdk_event_flow.compose.edge import LAMBDA_QUOTAS, seconds, shown, within
from cdk_event_flow.compose.sources.failures import FailureDestination
from cdk_event_flow.compose.sources.polled import Polled
from cdk_event_flow.errors import PatternError, Problem
from cdk_event_flow.match import FilterCriteria
from cdk_event_flow.match.criteria import Source

MAPPINGS = "Lambda (https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html)"
SQS_SCALING = "Lambda (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html)"
KAFKA_RETRIES = "Lambda (https://docs.aws.amazon.com/lambda/latest/dg/kafka-retry-configurations.html)"
FILTERS = "Lambda (https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html)"
LARGEST_BATCH_AT_ONCE = 10
FIRST_INVOKES = 5  # that Lambda begins with for a queue, see SQS_SCALING
INVOKES_OF_A_POLLER = 10  # see SQS_SCALING

# Warnings of a filter that can never do what it says. Others (a redundant value, a length) are findings of `flow`.
_NEVER_WORKS = frozenset({"EF-FILTER-KEY", "EF-FILTER-TYPE", "EF-FILTER-EXISTS"})


@dataclass(frozen=True, kw_only=True)
class Retry:
    """How often Lambda tries the failed records of a stream or of Kafka before it gives them up.

    `attempts` 0 to 10,000 after the first (default 10; None: until the record expires, which holds up its shard for so
    long). `max_age` 60 seconds to 7 days (default None: as long as the stream keeps it). `bisect` splits a failed batch in
    two, so that what is wrong is found; splitting is no attempt.
    """

    attempts: int | None = 10
    max_age: timedelta | None = None
    bisect: bool = True

    def problems(
        self, *, attempts: str = "EF-MAPPING-RETRIES", max_age: str = "EF-MAPPING-AGE", source: str = MAPPINGS
    ) -> list[Problem]:
        """What Lambda would refuse, and pipes likewise, by the codes and the `source` of the limits of who asks."""
        problems = []
        if self.attempts is not None:
            problems += within(attempts, "attempts", self.attempts, 0, 10_000, unit="attempts", source=source,
                               fix="choose a number in that range, or None for as long as the record lives")  # fmt: skip
        if self.max_age is not None:
            problems += within(max_age, "max_age", seconds(self.max_age), 60, 604_800, unit="seconds", source=source,
                               fix="choose an age in that range, or None for as long as the record lives")  # fmt: skip
        return problems

    def properties(self) -> dict[str, Any]:
        """Those of the mapping."""
        return {
            "maximum_retry_attempts": self.attempts,
            "maximum_record_age_in_seconds": seconds(self.max_age) if self.max_age else None,
            "bisect_batch_on_function_error": self.bisect or None,
        }


@dataclass(frozen=True, kw_only=True)
class Concurrency:
    """At most so many invocations at once for a queue: `most` 2 to 1,000."""

    most: int
    kinds = frozenset({"sqs"})

    def problems(self, kind: Source) -> list[Problem]:  # noqa: ARG002
        """What Lambda would refuse."""
        return within("EF-MAPPING-CONCURRENCY", "maximum concurrency", self.most, 2, 1_000, unit="invocations",
                      source=SQS_SCALING, fix="choose a number in that range")  # fmt: skip

    def properties(self) -> dict[str, Any]:
        """Those of the mapping."""
        return {"scaling_config": {"maximumConcurrency": self.most}}


@dataclass(frozen=True, kw_only=True)
class Pollers:
    """Provisioned mode: event pollers kept ready for a queue (`least` 2 to 200, `most` 2 to 10,000) or for Kafka (`least` 1 to
    200, `most` 1 to 2,000). Each polls for up to 10 invocations at once, and is paid for by the hour."""

    least: int = 2
    most: int = 200
    kinds = frozenset({"sqs", "kafka"})

    def problems(self, kind: Source) -> list[Problem]:
        """What Lambda would refuse."""
        low, high = (2, 10_000) if kind == "sqs" else (1, 2_000)
        problems = [
            *within("EF-MAPPING-POLLERS", "least", self.least, low, 200, unit="pollers", source=MAPPINGS,
                    fix="choose a number in that range"),
            *within("EF-MAPPING-POLLERS", "most", self.most, low, high, unit="pollers", source=MAPPINGS,
                    fix="choose a number in that range"),
        ]  # fmt: skip
        if self.least > self.most:
            problems.append(Problem(code="EF-MAPPING-POLLERS", given=f"least is {self.least} and most is {self.most} pollers",
                                    allowed="least is the smaller one", fix="exchange them"))  # fmt: skip
        return problems

    def properties(self) -> dict[str, Any]:
        """Those of the mapping."""
        return {"provisioned_poller_config": {"minimumPollers": self.least, "maximumPollers": self.most}}


@dataclass(frozen=True, kw_only=True)
class Shards:
    """How Lambda goes through a stream: `parallel` 1 to 10 batches of each shard at once (records of one partition key stay in
    order), `tumbling` a window of up to 15 minutes over which the function aggregates (default none)."""

    parallel: int = 1
    tumbling: timedelta = timedelta(0)
    kinds = frozenset({"kinesis", "dynamodb"})

    def problems(self, kind: Source) -> list[Problem]:  # noqa: ARG002
        """What Lambda would refuse."""
        return [
            *within("EF-MAPPING-PARALLEL", "parallel", self.parallel, 1, 10, unit="batches a shard", source=MAPPINGS,
                    fix="choose a number in that range, or give the stream more shards"),
            *within("EF-MAPPING-TUMBLING", "tumbling", seconds(self.tumbling), 0, 900, unit="seconds", source=MAPPINGS,
                    fix="choose a window in that range"),
        ]  # fmt: skip

    def properties(self) -> dict[str, Any]:
        """Those of the mapping."""
        return {
            "parallelization_factor": self.parallel if self.parallel != 1 else None,
            "tumbling_window_in_seconds": seconds(self.tumbling) or None,
        }


class MappingOptions(TypedDict, total=False):
    """What every mapping may be given."""

    id: str
    """The mapping's id in the function (default: `From` and the source's)."""
    batch: int | None
    """1 to 10,000 records; over 10 of a queue needs a window, of a FIFO queue 10 are the most. Default 10 of a queue, else 100."""
    window: timedelta
    """How long Lambda gathers a batch: 0 seconds to 5 minutes; none for a FIFO queue."""
    where: Mapping[str, Any] | Sequence[Mapping[str, Any]]
    """A filter, or up to 10 (5 by default quota) of which one must match. What does not match is deleted from a queue."""
    start: Literal["TRIM_HORIZON", "LATEST"] | datetime | None
    """Where reading begins: at the oldest record (the default: nothing written before is missed), at the newest, or at a time."""
    retry: Retry | None
    """For streams, and for Kafka with `Pollers`. A queue has its redrive policy. Default `Retry()` for streams."""
    on_failure: FailureDestination | Literal["undelivered"] | None
    """Who is told of records given up, of a stream or Kafka: a queue, topic or bucket. Default the stack's `Undelivered`
    queue for streams; none for Kafka, whose VPC must have an endpoint to where it goes."""
    polling: Concurrency | Pollers | Shards | None
    """`Concurrency` or `Pollers` for a queue, `Shards` for a stream, `Pollers` for Kafka."""


def problems_of(polled: Polled, options: MappingOptions) -> list[Problem]:
    """What Lambda would refuse, or what could never work, for this source."""
    kind, polling = polled.kind, options.get("polling")
    problems = [
        *_batch_problems(polled, options),
        *filter_problems(options.get("where", ()), kind),
        *_start_problems(polled, options.get("start")),
        *_retry_problems(polled, options),
    ]
    if polling is not None and kind not in polling.kinds:
        problems.append(Problem(code="EF-MAPPING-POLLING", given=f"polling is {type(polling).__name__} for {polled.what}",
                                allowed=f"{MAPPINGS} has that for {_said(polling.kinds)}", fix="leave it out"))  # fmt: skip
    elif polling is not None:
        problems += polling.problems(kind)
    return problems


def batch_of(polled: Polled, options: MappingOptions) -> int:
    """The size of a batch: as given, or as Lambda has it for this kind of source."""
    given = options.get("batch")
    return polled.usual_batch if given is None else given


def filters(where: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One filter or several, as a list."""
    return [dict(where)] if isinstance(where, Mapping) else [dict(each) for each in where]


def invokes(polling: Concurrency | Pollers | Shards | None) -> int:
    """How often a queue's mapping may invoke at once; what Lambda begins with where nothing limits it."""
    match polling:
        case Concurrency(most=most):
            return most
        case Pollers(most=most):
            return INVOKES_OF_A_POLLER * most
    return FIRST_INVOKES


def _batch_problems(polled: Polled, options: MappingOptions) -> list[Problem]:
    batch, window = batch_of(polled, options), seconds(options.get("window", timedelta(0)))
    if polled.fifo:
        problems = within("EF-MAPPING-BATCH", "batch of a FIFO queue", batch, 1, LARGEST_BATCH_AT_ONCE, unit="messages",
                          source=MAPPINGS, fix="choose a batch in that range")  # fmt: skip
        if window:
            problems.append(Problem(code="EF-MAPPING-WINDOW", given=f"window of {window} seconds on a FIFO queue",
                                    allowed=f"{MAPPINGS} has batching windows for standard queues only",
                                    fix="leave it out"))  # fmt: skip
        return problems
    problems = [
        *within("EF-MAPPING-BATCH", "batch", batch, 1, 10_000, unit="records", source=LAMBDA_QUOTAS,
                fix="choose a batch in that range"),
        *within("EF-MAPPING-WINDOW", "window", window, 0, 300, unit="seconds", source=LAMBDA_QUOTAS,
                fix="choose a window in that range"),
    ]  # fmt: skip
    if polled.kind == "sqs" and batch > LARGEST_BATCH_AT_ONCE and window < 1:
        problems += within("EF-MAPPING-WINDOW", f"window of a batch of {batch}", window, 1, 300, unit="seconds",
                           source=LAMBDA_QUOTAS, fix="give window at least one second, or a batch of at most 10")  # fmt: skip
    return problems


def filter_problems(
    where: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    kind: Source,
    *,
    by: type[FilterCriteria] = FilterCriteria,
    source: str = FILTERS,
    elsewhere: str = "filter in the function",
) -> list[Problem]:
    """What is wrong with the filters of a mapping, or of what filters `by` other rules of the same records."""
    given = filters(where)
    problems = within("EF-FILTER-COUNT", "number of filters", len(given), 0, by.most, unit="filters", source=source,
                      fix=f"join them with $or, or {elsewhere}")  # fmt: skip
    for each in given:
        try:
            criteria = by([each], kind)
        except PatternError as refused:
            problems += [Problem(code="EF-FILTER", given=f"the filter {shown(each)} is refused: {refused.reason}", allowed=p.allowed,
                                 fix=p.fix) for p in refused.problems]  # fmt: skip
        else:
            problems += [warning for warning in criteria.warnings if warning.code in _NEVER_WORKS]
    return problems


def _start_problems(polled: Polled, start: object) -> list[Problem]:
    if start is None:
        return []
    if not polled.starts:
        return [Problem(code="EF-MAPPING-START", given=f"start is {start} for {polled.what}",
                        allowed=f"{MAPPINGS} reads queues from their oldest message", fix="leave it out")]  # fmt: skip
    if not isinstance(start, datetime):
        return [] if start in ("TRIM_HORIZON", "LATEST") else [
            Problem(code="EF-MAPPING-START", given=f"start is {start!r}", allowed=f"{MAPPINGS} knows TRIM_HORIZON and LATEST",
                    fix="give one of them, or a datetime")
        ]  # fmt: skip
    if polled.kind == "dynamodb":
        return [Problem(code="EF-MAPPING-START", given=f"start is {start.isoformat()} for {polled.what}",
                        allowed=f"{MAPPINGS} starts at a time for all sources but DynamoDB", fix="give TRIM_HORIZON")]  # fmt: skip
    if start.tzinfo is None or start > datetime.now(UTC):
        wrong = "without a time zone" if start.tzinfo is None else "in the future"
        return [Problem(code="EF-MAPPING-START", given=f"start is {start.isoformat()}, {wrong}",
                        allowed=f"{MAPPINGS} starts at a moment that has been",
                        fix="give a past datetime with tzinfo=UTC")]  # fmt: skip
    return []


def _retry_problems(polled: Polled, options: MappingOptions) -> list[Problem]:
    problems, retry, told = [], options.get("retry"), options.get("on_failure")
    if retry is not None and not polled.retries:
        problems.append(Problem(code="EF-MAPPING-RETRY", given=f"retry for {polled.what}", allowed=f"{MAPPINGS} {polled.instead}",
                                fix="leave it out"))  # fmt: skip
    elif retry is not None and polled.kind == "kafka" and not isinstance(options.get("polling"), Pollers):
        problems.append(Problem(code="EF-MAPPING-RETRY", given="retry for Kafka without polling=Pollers(…)",
                                allowed=f"{KAFKA_RETRIES} takes these settings in provisioned mode",
                                fix="give polling=Pollers(…), or leave retry out: records are tried until they expire"))  # fmt: skip
    elif retry is not None:
        problems += retry.problems()
    if told is not None and not polled.retries:
        problems.append(Problem(code="EF-MAPPING-DESTINATION", given=f"on_failure for {polled.what}",
                                allowed=f"{MAPPINGS} {polled.instead}", fix="leave it out"))  # fmt: skip
    return problems


def _said(kinds: frozenset[str]) -> str:
    names = {"sqs": "SQS queues", "kafka": "Kafka", "kinesis": "Kinesis", "dynamodb": "DynamoDB streams"}
    return " and ".join(names[kind] for kind in sorted(kinds))
