"""EF309 and EF310: workers that go through a queue, and are scaled."""

from collections.abc import Iterator

from cdk_event_flow.flow.findings.kinds import Found, finds
from cdk_event_flow.flow.graph import Flow
from cdk_event_flow.flow.model import Queue
from cdk_event_flow.flow.workers import Workers, consumed_by

TRACKING = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-autoscaling-targettracking.html"
BACKLOG = "https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking-metric-math.html"


@finds(
    "EF309",
    "error",
    "Workers that never start",
    why="Where no task runs a metric of each task has no data, and target tracking does nothing without data: a step policy on the"
    " messages that wait must begin",
    docs=TRACKING,
)
def workers_that_never_start(flow: Flow) -> Iterator[Found]:
    """Services that may be scaled to nothing, and that target tracking by a task's backlog alone would start again."""
    for workers in flow.of(Workers):
        scales = workers.scales
        if scales and scales.least == 0 and scales.most > 0 and scales.backlog is not None and not scales.steps:
            yield Found(
                workers,
                "It is scaled in to 0 tasks, and only by target tracking on a queue.",
                "Add a step scaling policy for messages that wait while nothing runs, or keep one task.",
            )


@finds(
    "EF310",
    "warning",
    "Workers that their queue does not scale",
    why="A backlog waits for the few that run, and those run while there is nothing to do",
    docs=BACKLOG,
)
def workers_that_are_not_scaled(flow: Flow) -> Iterator[Found]:
    """Services that go through a queue and are scaled by something else than its messages, or by nothing."""
    for workers in flow.of(Workers):
        queues = [queue for each in consumed_by(flow, workers) if isinstance(queue := flow.nodes.get(each.arn), Queue)]
        scales = workers.scales
        if queues and (scales is None or (scales.backlog is None and not scales.steps)):
            by = "by nothing" if scales is None else "by something else"
            yield Found(
                workers,
                f"It goes through {queues[0].path} and is scaled {by}.",
                "Scale it by target tracking on the queue's messages a task.",
            )
