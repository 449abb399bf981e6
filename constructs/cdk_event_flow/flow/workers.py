"""Workers: services of ECS whose containers go through a queue."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from cdk_event_flow.flow.model import Code, EventSourceMapping, Other, Queue, Unknown

if TYPE_CHECKING:
    from cdk_event_flow.flow.graph import Flow
    from cdk_event_flow.flow.permissions.permission import Permission

# What a worker does with a queue; whoever may not receive is no consumer of it.
RECEIVES = "sqs:ReceiveMessage"
ACTIONS = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility")
TASKS = "ecs-tasks.amazonaws.com"


@dataclass(frozen=True, kw_only=True, slots=True)
class Scales:
    """How many tasks there may be, and the metric by which (`backlog`: messages a task) as far as the template tells.

    `steps` are those of step policies: metric from how much, and how many tasks then.
    """

    least: int
    most: int
    backlog: float | None = None
    steps: tuple[tuple[float, int], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Workers(Other):
    """A service of ECS with containers. `environment` is that of all of them.

    `runner` says that our own runner works in it: then `queue_arn` is what it goes through, and `handler`, `code`, `python`
    and the `times` (`timeout`, `visibility`, `stop`, `batch`, by the names of their variables) say how. Of others it is only
    known which queues their containers are told, and what their role may do.
    """

    role_arn: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    runner: bool = False
    queue_arn: str = ""
    handler: str = ""
    code: Code = field(default_factory=Code)
    python: str = ""
    memory: int = 512
    log_group: str = ""
    subnets: tuple[str, ...] = ()
    security_groups: tuple[str | Unknown, ...] = ()
    scales: Scales | None = None


class Consumed(NamedTuple):
    """A queue that workers go through; `doubts` say what the template leaves open, `refused` why they get nothing from it."""

    arn: str
    doubts: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def consumed_by(flow: "Flow", workers: Workers) -> Iterator[Consumed]:
    """The queues that these workers go through.

    Of our own runner, the one it is told. Of others, those whose URL or ARN stands in the environment of a container, and from
    which the task's role may receive: where the role is not in the template, perhaps.
    """
    if workers.runner:
        yield Consumed(workers.queue_arn)
        return
    told = set(workers.environment.values())
    for queue in flow.of(Queue):
        if told & {queue.url, queue.arn}:
            permitted = _may_receive(flow, workers, queue.arn)
            if not any(each.by == "role" and each.verdict == "denied" for each in permitted):
                unknown = [each.reason for each in permitted if each.verdict == "unknown"]
                doubts = (f"it may receive from it: {'; '.join(unknown)}",) if unknown else ()
                yield Consumed(queue.arn, doubts, tuple(str(each) for each in permitted if each.verdict == "denied"))


def _may_receive(flow: "Flow", workers: Workers, queue_arn: str) -> "list[Permission]":
    """What receiving from the queue needs of the task's role, and of the queue's key."""
    from cdk_event_flow.flow.permissions.roles import Use, of_role

    unknown = Unknown("the task is known only when it runs")
    use = Use(
        service=TASKS,
        role_arn=workers.role_arn,
        actions=(RECEIVES,),
        arn=queue_arn,
        of_the_key=("kms:Decrypt",),
        source_arns=unknown,
    )
    return of_role(flow, use)


def consumed_queues(flow: "Flow") -> set[str]:
    """The ARNs of all queues that functions or workers go through."""
    mapped = {mapping.source_arn for mapping in flow.of(EventSourceMapping)}
    return mapped | {consumed.arn for workers in flow.of(Workers) for consumed in consumed_by(flow, workers)}
