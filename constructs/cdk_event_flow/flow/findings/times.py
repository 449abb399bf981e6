"""EF3xx: times that do not fit together."""

from collections.abc import Iterator

from cdk_event_flow.flow.findings.kinds import Found, finds
from cdk_event_flow.flow.graph import Flow
from cdk_event_flow.flow.model import EventSourceMapping, Function, Queue

VISIBILITY_FACTOR = 6
LAMBDA_WITH_SQS = "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"


def _consumers(flow: Flow) -> Iterator[tuple[Queue, Function, EventSourceMapping]]:
    for mapping in flow.of(EventSourceMapping):
        queue, function = flow.nodes.get(mapping.source_arn), flow.function(mapping.function_arn)
        if isinstance(queue, Queue) and function is not None:
            yield queue, function, mapping


def _advised(function: Function, mapping: EventSourceMapping) -> int:
    return VISIBILITY_FACTOR * function.timeout + mapping.window


@finds("EF301", "error", "Visibility below the function's timeout", why="Lambda refuses such a mapping", docs=LAMBDA_WITH_SQS)
def visibility_below_timeout(flow: Flow) -> Iterator[Found]:
    """Queues whose messages come back while they are still worked on."""
    for queue, function, mapping in _consumers(flow):
        if queue.visibility < function.timeout:
            yield Found(
                queue,
                f"Visibility is {queue.visibility} s, the function's timeout {function.timeout} s.",
                f"Set the queue's visibility timeout to {_advised(function, mapping)} seconds.",
            )


@finds(
    "EF302",
    "warning",
    "Visibility below what is advised",
    why="Throttled batches become visible while they are still retried",
    docs=LAMBDA_WITH_SQS,
)
def visibility_below_advice(flow: Flow) -> Iterator[Found]:
    """Queues with less than six times the function's timeout plus the batching window."""
    for queue, function, mapping in _consumers(flow):
        if function.timeout <= queue.visibility < _advised(function, mapping):
            yield Found(
                queue,
                f"Visibility is {queue.visibility} s; {_advised(function, mapping)} s are advised for this consumer.",
                f"Set the queue's visibility timeout to {_advised(function, mapping)} seconds.",
            )
