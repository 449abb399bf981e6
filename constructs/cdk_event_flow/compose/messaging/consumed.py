"""A queue with its consumer: between any two tiers, or behind a topic."""

from collections.abc import Sequence
from datetime import timedelta

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_

from cdk_event_flow.compose.edge import place, refuse
from cdk_event_flow.compose.functions.consumer import Consumes, consumer_of
from cdk_event_flow.compose.messaging.fifo import Fifo
from cdk_event_flow.compose.messaging.queue import DeadLetters, Queue
from cdk_event_flow.compose.observe.alarms import single_alarms
from cdk_event_flow.compose.sources.mappings import advised_visibility, consume_within, promise_of, refuse_mapping
from cdk_event_flow.compose.sources.polled import Polled
from cdk_event_flow.errors import ConstructError, Problem
from constructs import Construct

VISIBILITY = "Lambda (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html)"


def decouple(
    scope: Construct,
    id: str,
    *,
    producers: Sequence[Consumes | lambda_.IFunction],
    consumer: Consumes | lambda_.IFunction,
    variable: str = "QUEUE_URL",
    batch: int = 10,
    window: timedelta = timedelta(0),
    dead_letters: DeadLetters = DeadLetters(),
    fifo: bool | Fifo = False,
    fair: bool = False,
) -> Queue:
    """Put a queue between two tiers: `producers` may send to it, `consumer` works through it, and neither waits for the other.

    Each producer finds the queue's URL in the environment variable `variable`. Visibility, dead letters and alarms are as
    behind a topic; `fair` is as in `Queue`. Raises ConstructError: EF-QUEUE-…, EF-MAPPING-….
    """
    place(scope, id)
    queue = consumed_queue(
        scope, id, consumer, mapping=f"From{id}", batch=batch, window=window, dead_letters=dead_letters, fifo=fifo, fair=fair
    )
    for producer in producers:
        queue.allow_sending(producer)
        if add_environment := getattr(producer, "add_environment", None) if hasattr(producer, "work_through") else None:
            add_environment(variable, queue.queue.queue_url)
            continue
        function = consumer_of(producer).function
        if not isinstance(function, lambda_.Function):
            cdk.Annotations.of(queue).add_warning_v2(
                "cdk-event-flow:variable",
                f"{function.node.path} is imported: give it {variable}={queue.queue.queue_url} where it is made",
            )
            continue
        function.add_environment(variable, queue.queue.queue_url)
    return queue


def consumed_queue(
    scope: Construct,
    id: str,
    to: Consumes | lambda_.IFunction,
    *,
    mapping: str,
    batch: int,
    window: timedelta,
    dead_letters: DeadLetters,
    visibility: timedelta | None = None,
    fifo: bool | Fifo = False,
    fair: bool = False,
) -> Queue:
    """A queue that `to` works through; its visibility, unless given, is 6 times the function's timeout plus `window`.

    Raises ConstructError (EF-QUEUE-VISIBILITY) for an imported function, whose timeout is not known, without `visibility`.
    """
    at = place(scope, id)
    timeout = consumer_of(to).timeout
    if visibility is None and timeout is None:
        raise ConstructError(
            at,
            Problem(code="EF-QUEUE-VISIBILITY", given="the consumer's timeout is not known",
                    allowed=f"{VISIBILITY} wants a queue's visibility to be 6 times the timeout", fix="give visibility"),
        )  # fmt: skip
    refuse(at, dead_letters.problems())
    by_itself = hasattr(to, "work_through")  # a fleet polls without a mapping, and has an alarm of its own
    if not by_itself:
        refuse_mapping(_to_be(fifo=bool(fifo)), consumer_of(to), mapping, {"batch": batch, "window": window})
    seen = visibility or (advised_visibility(timeout, window) if timeout else None)
    promise = None if by_itself or single_alarms(scope) else promise_of(timeout, window)
    queue = Queue(scope, id, visibility=seen, dead_letters=dead_letters, fifo=fifo, promise=promise, fair=fair)
    consume_within(queue, queue, to, id=mapping, batch=batch, window=window)
    return queue


def _to_be(*, fifo: bool) -> Polled:
    """What a mapping must know of the queue before it is made, so that nothing is made where the mapping is refused."""
    what = "a FIFO queue" if fifo else "an SQS queue"
    return Polled(kind="sqs", what=what, id="", properties={}, rights=[], usual_batch=10, fifo=fifo, starts=False, partial=True)
