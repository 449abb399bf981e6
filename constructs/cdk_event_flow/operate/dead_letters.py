"""The dead-letter queues of a flow: what each serves, how full it is, and how old its oldest message is."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from cdk_event_flow.errors import Problem, RunError, TemplateError
from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.arns import url_suffix
from cdk_event_flow.flow.dead_letters import DeadLetters, dead_letters_of
from cdk_event_flow.flow.model import Queue
from cdk_event_flow.operate.figures import Figure, latest
from cdk_event_flow.operate.queue import Depth, depth_of
from cdk_event_flow.operate.stack import Stack


@dataclass(frozen=True, kw_only=True)
class DeadLetterQueue:
    """A queue that keeps dead letters, with what it `serves`; `name` is what people call it."""

    name: str
    node: Queue
    serves: tuple[DeadLetters, ...]

    @property
    def url(self) -> str:
        """Its URL, as SQS takes it."""
        return self.node.url


@dataclass(frozen=True, kw_only=True)
class Filling:
    """How full a dead-letter queue is: None where it does not exist. `oldest` is an age in seconds, None where nobody tells."""

    queue: DeadLetterQueue
    depth: Depth | None
    oldest: float | None


def dead_letter_queues(stack: Stack) -> list[DeadLetterQueue]:
    """All of them, in the template's order; queues of other stacks too, by their ARNs."""
    serves: dict[str, list[DeadLetters]] = defaultdict(list)
    for each in dead_letters_of(stack.flow):
        if each.queue.split(":")[2:3] == ["sqs"]:
            serves[each.queue].append(each)
    return [
        DeadLetterQueue(name=stack.called(arn), node=queue_of(stack.flow, arn), serves=tuple(dict.fromkeys(of)))
        for arn, of in serves.items()
    ]


def queue_of(flow: Flow, arn: str) -> Queue:
    """The queue of this ARN; of one that the flow has not, what its ARN tells."""
    node = flow.nodes.get(arn)
    if isinstance(node, Queue):
        return node
    region, account, name = arn.split(":")[3:6]
    url = f"https://sqs.{region}.{url_suffix(region)}/{account}/{name}"
    return Queue(logical_id=name, arn=arn, name=name, path=name, url=url, fifo=name.endswith(".fifo"))


def find(stack: Stack, name: str) -> DeadLetterQueue:
    """The dead-letter queue of this name, or of what it serves: `Billing` for `OrderEvents/Billing/DeadLetters`.

    Raises RunError (EF-DLQ-NONE, EF-NAME-UNKNOWN, EF-NAME-AMBIGUOUS).
    """
    queues = {queue.node.arn: queue for queue in dead_letter_queues(stack)}
    if not queues:
        problem = Problem(code="EF-DLQ-NONE", given="no queue of it keeps dead letters",
                          allowed="dead letters need a redrive policy, a DeadLetterConfig or a failure destination",
                          fix="see `event-flow check`, EF201 to EF210")  # fmt: skip
        raise RunError(stack.name, problem)
    try:
        return queues[Flow({arn: queue.node for arn, queue in queues.items()}).find(name, Queue).arn]
    except TemplateError as error:
        served = {
            queue.node.arn for queue in queues.values() for each in queue.serves if name in (stack.called(each.source), each.source)
        }
        if len(served) == 1:
            return queues[served.pop()]
        raise RunError(stack.name, error.problems) from None


def fillings(stack: Stack, queues: Sequence[DeadLetterQueue]) -> list[Filling]:
    """How full they are. The age of the oldest is CloudWatch's, which leaves out what was received three times or more."""
    sqs = stack.aws.client("sqs")
    depths = {queue.node.arn: depth_of(sqs, queue.url) for queue in queues}
    full = [queue for queue in queues if (depth := depths[queue.node.arn]) and depth.all]
    ages = latest(stack, [Figure("AWS/SQS", "ApproximateAgeOfOldestMessage", {"QueueName": q.node.name}, "Maximum") for q in full])
    oldest = {queue.node.arn: age for queue, age in zip(full, ages, strict=True)}
    return [Filling(queue=queue, depth=depths[queue.node.arn], oldest=oldest.get(queue.node.arn)) for queue in queues]
