"""EF3xx: times that do not fit together."""

from collections import Counter
from collections.abc import Iterator

from cdk_event_flow.flow.findings.kinds import Found, finds
from cdk_event_flow.flow.graph import Flow
from cdk_event_flow.flow.model import AsyncConfig, EventSourceMapping, Function, Queue

SQS_DLQ = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html"
SQS_MAPPING = "https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html"
SQS_SCALING = "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html"
CONCURRENCY = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html"
ASYNC = "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html"
VISIBILITY_FACTOR = 6  # see LAMBDA_WITH_SQS
LARGEST_BATCH_AT_ONCE = 10  # see SQS_MAPPING
LEAST_POLLERS = 5  # batches that Lambda begins with for a queue, see SQS_SCALING
ASYNC_WAITS = (60, 120)  # seconds before the first and the second retry, see ASYNC
LAMBDA_WITH_SQS = "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"


def _consumers(flow: Flow, *properties: str) -> Iterator[tuple[Queue, Function, EventSourceMapping]]:
    """Queues with what consumes them, where the template tells these properties of theirs."""
    for mapping in flow.of(EventSourceMapping):
        queue, function = flow.nodes.get(mapping.source_arn), flow.function(mapping.function_arn)
        if isinstance(queue, Queue) and function and all(node.tells(*properties) for node in (queue, function, mapping)):
            yield queue, function, mapping


def _advised(function: Function, mapping: EventSourceMapping) -> int:
    return VISIBILITY_FACTOR * function.timeout + mapping.window


@finds("EF301", "error", "Visibility below the function's timeout", why="Lambda refuses such a mapping", docs=LAMBDA_WITH_SQS)
def visibility_below_timeout(flow: Flow) -> Iterator[Found]:
    """Queues whose messages come back while they are still worked on."""
    for queue, function, mapping in _consumers(flow, "VisibilityTimeout", "Timeout"):
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
    for queue, function, mapping in _consumers(flow, "VisibilityTimeout", "Timeout", "MaximumBatchingWindowInSeconds"):
        if function.timeout <= queue.visibility < _advised(function, mapping):
            yield Found(
                queue,
                f"Visibility is {queue.visibility} s; {_advised(function, mapping)} s are advised for this consumer.",
                f"Set the queue's visibility timeout to {_advised(function, mapping)} seconds.",
            )


@finds(
    "EF303",
    "warning",
    "Messages expire before they are dead letters",
    why="A message whose retention ends between its receives is gone, and never becomes a dead letter",
    docs=SQS_DLQ,
)
def retention_below_receives(flow: Flow) -> Iterator[Found]:
    """Queues whose retention is shorter than all the visibility timeouts of a message that always fails."""
    for queue in flow.of(Queue):
        needed = queue.visibility * (queue.max_receives or 0)
        if queue.retention < needed and queue.tells("VisibilityTimeout", "MessageRetentionPeriod"):
            yield Found(
                queue,
                f"{queue.max_receives} receives at {queue.visibility} s take {needed} s, messages are kept {queue.retention} s.",
                f"Keep messages for more than {needed} seconds.",
            )


@finds("EF304", "error", "Batch over ten without a window", why="Lambda refuses such a mapping", docs=SQS_MAPPING)
def large_batches_without_window(flow: Flow) -> Iterator[Found]:
    """Mappings of standard queues."""
    for queue, _, mapping in _consumers(flow, "FifoQueue", "MaximumBatchingWindowInSeconds"):
        if not queue.fifo and mapping.batch_size > LARGEST_BATCH_AT_ONCE and mapping.window < 1:
            yield Found(
                mapping,
                f"The batch size is {mapping.batch_size}, and there is no batching window.",
                "Set MaximumBatchingWindowInSeconds to 1 or more, or the batch size to 10 or less.",
            )


@finds("EF305", "error", "FIFO batch over ten", why="Lambda refuses such a mapping", docs=SQS_MAPPING)
def large_fifo_batches(flow: Flow) -> Iterator[Found]:
    """Mappings of FIFO queues."""
    for queue, _, mapping in _consumers(flow):
        if queue.fifo and mapping.batch_size > LARGEST_BATCH_AT_ONCE:
            yield Found(mapping, f"The batch size is {mapping.batch_size} on a FIFO queue.", "Set the batch size to 10 or less.")


@finds(
    "EF306",
    "warning",
    "Mapping may run more than the function may",
    why="Batches over the function's reserved concurrency are throttled, and each throttle is a receive: messages become dead "
    "letters without having been tried",
    docs=SQS_SCALING,
)
def mappings_above_reserved_concurrency(flow: Flow) -> Iterator[Found]:
    """Mappings whose maximum concurrency, together, is above what the function has reserved."""
    wanted = Counter[str]()
    for _, function, mapping in _consumers(flow, "ScalingConfig"):
        wanted[function.arn] += mapping.max_concurrency or LEAST_POLLERS
    for function in flow.of(Function):
        reserved = function.reserved_concurrency
        if reserved is not None and 0 < reserved < wanted[function.arn]:
            yield Found(
                function,
                f"Its queues may invoke it {wanted[function.arn]} times at once, its reserved concurrency is {reserved}.",
                f"Reserve at least {wanted[function.arn]}, or set the mappings' maximum concurrency to {reserved} together.",
            )


@finds(
    "EF307",
    "warning",
    "Function that may not run",
    why="A reserved concurrency of 0 stops all invocations: asynchronous events are dropped, messages become dead letters",
    docs=CONCURRENCY,
)
def functions_that_may_not_run(flow: Flow) -> Iterator[Found]:
    """Functions with nothing reserved for them."""
    for function in flow.of(Function):
        if function.reserved_concurrency == 0:
            yield Found(function, "The reserved concurrency is 0.", "Remove it, or reserve at least 1.")


@finds(
    "EF308",
    "warning",
    "Event age below its retries",
    why="Lambda waits one minute before the first retry and two before the second: an event that is too old by then is not retried",
    docs=ASYNC,
)
def ages_below_retries(flow: Flow) -> Iterator[Found]:
    """Asynchronous configurations whose maximum age leaves no time for the retries."""
    for config in flow.of(AsyncConfig):
        needed = sum(ASYNC_WAITS[: config.retries])
        if config.max_age <= needed and config.tells("MaximumRetryAttempts"):
            yield Found(
                config,
                f"Events may be {config.max_age} s old, and the last of the retries begins after {needed} s and more.",
                f"Allow more than {needed} seconds, or fewer retries.",
            )
