"""Event source mappings: Lambda polls a source and invokes the function with batches of records."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Unpack
from weakref import WeakKeyDictionary

from aws_cdk import aws_lambda as lambda_

from cdk_event_flow.compose.acknowledge import Acknowledged, acknowledge
from cdk_event_flow.compose.edge import place, refuse, seconds
from cdk_event_flow.compose.functions.consumer import Consumer, Consumes, consumer_of
from cdk_event_flow.compose.functions.role import allow
from cdk_event_flow.compose.known import remember, stack_of
from cdk_event_flow.compose.messaging.queue import Queue, undelivered
from cdk_event_flow.compose.observe.alarms import iterator_age_alarm, lag_alarm, oldest_message_alarm
from cdk_event_flow.compose.observe.parts import feeds
from cdk_event_flow.compose.sources.failures import FailureDestination, destination_problems, told_of
from cdk_event_flow.compose.sources.options import MappingOptions, Pollers, Retry, batch_of, filters, invokes, problems_of
from cdk_event_flow.compose.sources.polled import Polled, Right
from cdk_event_flow.compose.sources.resources import PollSource, polled_of
from cdk_event_flow.errors import Problem
from constructs import Construct

MAX_TIMEOUT = timedelta(minutes=15)
CONCURRENCY = "Lambda (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html)"
VISIBILITY_FACTOR = 6  # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html


@dataclass
class _Mapped:
    """The mappings of a function: their ids, how often those of queues may invoke at once, which alarms on streams there are."""

    ids: set[str] = field(default_factory=set)
    invokes: int = 0
    watched: set[str] = field(default_factory=set)


# By function, in this process only, so that nothing has to be read back over jsii.
_MAPPED: WeakKeyDictionary[Construct, _Mapped] = WeakKeyDictionary()


def consume(source: PollSource, to: Consumes | lambda_.IFunction, **options: Unpack[MappingOptions]) -> lambda_.CfnEventSourceMapping:
    """Let Lambda poll `source` for `to` with batches of records, and return the mapping.

    `source` is a queue, a stream or its consumer, a table (its stream), ours or the CDK's, or a `ManagedKafka`,
    `SelfManagedKafka`, `BrokerQueue` or `DocumentChanges`. `MappingOptions` says what can be given. The function's role is
    allowed exactly what polling needs. Of queues and streams (and of Kafka with `Pollers`) the handler must return
    `batchItemFailures`: only failed records come again. Records of a stream that are given up are told to the stack's
    `Undelivered` queue unless `on_failure` says otherwise. The visibility of a `Queue` that was given none becomes 6 times
    the function's timeout plus the window.

    Raises ConstructError: EF-MAPPING-…, EF-FILTER…, EF-KAFKA-…, EF-FUNCTION-ROLE.
    """
    return consume_within(None, source, to, **options)


def consume_within(
    queue: Queue | None, source: PollSource, to: Consumes | lambda_.IFunction, **options: Unpack[MappingOptions]
) -> lambda_.CfnEventSourceMapping:
    """As `consume`; the mapping stands with the `queue` that is made for this consumer, where that is in the consumer's stack."""
    if work_through := getattr(to, "work_through", None):  # a fleet polls by itself
        return work_through(source, **options)  # type: ignore[no-any-return]
    consumer = consumer_of(to)
    polled, mapped = polled_of(source, consumer.scope), _MAPPED.setdefault(consumer.scope, _Mapped())
    id = options.get("id", polled.id)
    refuse_mapping(polled, consumer, id, options)
    window, polling = options.get("window", timedelta(0)), options.get("polling")
    where, partial = filters(options.get("where", ())), polled.partial or (polled.kind == "kafka" and isinstance(polling, Pollers))
    properties: dict[str, Any] = {
        **polled.properties,
        "batch_size": batch_of(polled, options),
        "maximum_batching_window_in_seconds": seconds(window) or None,
        "filter_criteria": {"filters": [{"pattern": json.dumps(each, separators=(",", ":"))} for each in where]} if where else None,
        "function_response_types": ["ReportBatchItemFailures"] if partial else None,
        **(_starting(options.get("start")) if polled.starts else {}),
        **(polling.properties() if polling else {}),
    }
    rights = list(polled.rights)
    if polled.retries:
        retry = options.get("retry", None if polled.kind == "kafka" else Retry())
        told = told_of(destination) if (destination := _destination(consumer, polled, options)) else None
        properties |= retry.properties() if retry else {}
        properties |= {"destination_config": {"onFailure": {"destination": told.arn}}} if told else {}
        rights += told.rights if told else []
    before = _allow(consumer, rights)
    scope, own = (queue, "Mapping") if queue and stack_of(queue) is stack_of(consumer.scope) else (consumer.scope, id)
    mapping = lambda_.CfnEventSourceMapping(scope, own, function_name=consumer.invoked, **properties)
    if before is not None:
        mapping.node.add_dependency(before)
    mapped.ids.add(id)
    feeds(source, to)
    remember(mapping, scope, own)
    if not polled.retries:
        acknowledge(mapping, Acknowledged.NO_DESTINATION)
    if polled.kind == "sqs":
        mapped.invokes += invokes(polling)
        _watch_queue(mapping, source, consumer, window)
    elif polled.retries:
        watch, own = (lag_alarm, "OffsetLag") if polled.kind == "kafka" else (iterator_age_alarm, "IteratorAge")
        if own not in mapped.watched:
            mapped.watched.add(own)
            watch(consumer.scope, own, consumer.function.function_name)
    return mapping


def refuse_mapping(polled: Polled, consumer: Consumer, id: str, options: MappingOptions) -> None:
    """Raise ConstructError for what `consume` refuses. Whoever makes the source first asks this before."""
    mapped = _MAPPED.setdefault(consumer.scope, _Mapped())
    refuse(
        place(consumer.scope, id),
        [*problems_of(polled, options), *_told_problems(options), *_concurrency_problems(consumer, mapped, polled, options),
         *consumer.capabilities.unpolled(), *_twice(mapped, id)],
    )  # fmt: skip


def invoked_at_once(function: Construct) -> int:
    """How often the queues of a function of ours may invoke it at once, as far as it is composed."""
    return _MAPPED[function].invokes if function in _MAPPED else 0


def advised_visibility(timeout: timedelta, window: timedelta) -> timedelta:
    """What AWS recommends behind a function with this timeout."""
    return VISIBILITY_FACTOR * timeout + window


def _watch_queue(mapping: lambda_.CfnEventSourceMapping, source: Any, consumer: Consumer, window: timedelta) -> None:
    """Messages stay hidden while they are worked on, and an alarm says when they wait too long."""
    needed = advised_visibility(consumer.timeout or MAX_TIMEOUT, window)
    if isinstance(source, Queue) and consumer.timeout is not None:
        source.wait_for(needed)
    if isinstance(source, Queue) and source.watches_age:
        return
    queue = source.queue if isinstance(source, Queue) else source
    fair = isinstance(source, Queue) and source.fair
    oldest_message_alarm(mapping, "OldestAlarm", queue, promise=promise_of(consumer.timeout, window), fair=fair)


def promise_of(timeout: timedelta | None, window: timedelta) -> int:
    """The seconds within which a queue's messages are worked on: twice what they stay hidden at a time."""
    return 2 * seconds(advised_visibility(timeout or MAX_TIMEOUT, window))


def _starting(start: str | datetime | None) -> dict[str, Any]:
    if isinstance(start, datetime):
        return {"starting_position": "AT_TIMESTAMP", "starting_position_timestamp": start.timestamp()}
    return {"starting_position": start or "TRIM_HORIZON"}


def _destination(consumer: Consumer, polled: Polled, options: MappingOptions) -> FailureDestination | None:
    wanted = options.get("on_failure", None if polled.kind == "kafka" else "undelivered")
    return undelivered(consumer.scope) if wanted == "undelivered" else wanted


def _allow(consumer: Consumer, rights: list[Right]) -> Any:
    """Allow the role, and return what holds its rights, if not itself: the mapping needs them from the first poll on."""
    before: Any = None
    for right in rights:
        if right.key is not None and right.key is consumer.key:
            continue
        before = allow(consumer.role, right.actions, right.named) or before
        if right.why:
            for resource in right.resources:
                acknowledge(consumer.role, right.why, resource)
    return before


def _told_problems(options: MappingOptions) -> list[Problem]:
    wanted = options.get("on_failure")
    return [] if wanted is None or wanted == "undelivered" else destination_problems(wanted)


def _twice(mapped: _Mapped, id: str) -> list[Problem]:
    if id not in mapped.ids:
        return []
    return [Problem(code="EF-MAPPING-TWICE", given=f"the function has a mapping {id} already",
                    allowed="each mapping of a function has an id of its own",
                    fix="give id, or join the filters in one mapping")]  # fmt: skip


def _concurrency_problems(consumer: Consumer, mapped: _Mapped, polled: Polled, options: MappingOptions) -> list[Problem]:
    """Batches of queues over the reserved concurrency are throttled, and each throttle is a receive."""
    if not consumer.reserved or polled.kind != "sqs":
        return []
    wanted = mapped.invokes + invokes(options.get("polling"))
    if wanted <= consumer.reserved:
        return []
    return [
        Problem(code="EF-MAPPING-RESERVED", given=f"its queues may invoke the function {wanted} times at once, "
                f"{consumer.reserved} are reserved for it",
                allowed=f"{CONCURRENCY} throttles what is above, and each throttle counts as a receive: messages become dead "
                "letters without having been tried",
                fix=f"reserve at least {wanted}, or give polling=Concurrency(most=…) with less")
    ]  # fmt: skip
