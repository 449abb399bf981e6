"""EF4xx: what the services do not take, or not that many of."""

from collections.abc import Iterator

from cdk_event_flow.flow.findings.kinds import Found, finds
from cdk_event_flow.flow.graph import Flow
from cdk_event_flow.flow.model import Function, Queue, Topic

ASYNC_DLQ = "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html"


@finds(
    "EF401",
    "error",
    "FIFO dead letters of a function",
    why="Lambda takes standard queues and topics only, and refuses this at deployment",
    docs=ASYNC_DLQ,
)
def fifo_dead_letters_of_functions(flow: Flow) -> Iterator[Found]:
    """Functions whose failed asynchronous events would go to a FIFO queue or topic."""
    for function in flow.of(Function):
        target = flow.nodes.get(function.dead_letter_arn or "")
        if isinstance(target, Queue | Topic) and target.fifo:
            yield Found(function, "The function's dead-letter target is FIFO.", "Use a standard queue.")
