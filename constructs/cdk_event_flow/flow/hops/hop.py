"""What all hops share: who receives, and what the template leaves open."""

from dataclasses import dataclass, field
from typing import Any

from cdk_event_flow.flow.attributes import MessageAttributes
from cdk_event_flow.flow.delivery import Delivery, Judgement
from cdk_event_flow.flow.elsewhere import elsewhere
from cdk_event_flow.flow.graph import Flow
from cdk_event_flow.flow.model import AsyncConfig, Node, Queue, Rule, Schedule, Subscription, Topic, Unknown
from cdk_event_flow.flow.payload import OpenText, as_text
from cdk_event_flow.flow.permissions import Permission, handing_on
from cdk_event_flow.flow.sources import Bucket, BucketNotifications
from cdk_event_flow.flow.ways import Ways

# Properties without which nobody can say whether a hop is taken.
# Ids that constructs of ours give to the one resource they are about.
_KINDS = frozenset({"Api", "Bucket", "Bus", "Function", "Pipe", "Queue", "Stream", "Table", "Topic"})
_DECIDING = (
    "State", "Enabled", "DesiredState",
    "EventPattern", "FilterPolicy", "FilterCriteria", "FilterConfiguration", "SourceParameters",
    "ContentBasedDeduplication",
)  # fmt: skip
# Those of whom it is known what they give a FIFO receiver. A pipe, an API or a subscriber of the new bus can give more.
_TO_FIFO = (AsyncConfig, Bucket, BucketNotifications, Rule, Schedule, Subscription)


@dataclass(frozen=True)
class Sending:
    """The flow that is sent through. `taken` is what FIFO receivers took of this event, for duplicates."""

    flow: Flow
    ways: Ways
    taken: set[tuple[str, str]] = field(default_factory=set)

    def leading(self, at: Delivery) -> list[Node]:
        """The nodes by which events go on from there."""
        return self.ways.out.get(at.receiver.arn, [])

    def hop(
        self,
        arn: str,
        by: Node,
        payload: Any,
        reasons: tuple[str, ...] = (),
        doubts: tuple[str, ...] = (),
        attributes: MessageAttributes | None = None,
        *,
        group: str | None = None,
        judgement: Judgement | None = None,
    ) -> Delivery:
        """One delivery to what has this ARN, here or elsewhere; `group` is the message group that it is given."""
        receiver = self.flow.receiver(arn) or elsewhere(arn)
        open_questions = (*_open(by), *_open(receiver), *doubts)
        permitted = self._permission(by, arn)
        if permitted and permitted.verdict == "denied":
            reasons = tuple(dict.fromkeys((*reasons, str(permitted))))
        if permitted and permitted.verdict == "unknown":
            open_questions = (*open_questions, f"it is permitted: {permitted.reason}")
        if isinstance(receiver, Queue | Topic) and receiver.fifo and isinstance(by, _TO_FIFO) and not reasons:
            reasons = self._refused(receiver, by, payload, group)
        return Delivery(
            receiver=receiver,
            by=by,
            payload=payload,
            arn=arn,
            attributes=attributes or {},
            reasons=reasons,
            doubts=open_questions,
            permission=permitted,
            judgement=judgement,
        )

    def _permission(self, by: Node, arn: str) -> Permission | None:
        """What the policies say, asked once for each hop; None where nobody is asked."""
        answer = self.ways.compiled(("permission", by.arn, arn), lambda: handing_on(self.flow, by, arn))
        return answer if isinstance(answer, Permission) else None

    def _refused(self, receiver: Queue | Topic, by: Node, payload: Any, group: str | None) -> tuple[str, ...]:
        """Why a FIFO receiver does not take it. A FIFO topic hands a deduplication id on, all others give none.

        https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-exactly-once-processing.html
        """
        if group is None:
            return (f"{short(receiver)} is FIFO, and {short(by)} gives no message group",)
        if isinstance(by, Subscription) or not receiver.tells("ContentBasedDeduplication") or isinstance(payload, Unknown):
            return ()
        if not receiver.content_deduplication:
            return (f"{short(receiver)} is FIFO without content-based deduplication, and {short(by)} gives no deduplication id",)
        content = (receiver.arn, as_text(payload))
        if isinstance(content[1], OpenText):
            return ()
        if content in self.taken:
            return (f"{short(receiver)} takes what {short(by)} sends for a duplicate of what it has already",)
        self.taken.add(content)
        return ()


def _open(node: Node) -> tuple[str, ...]:
    exists = (f"{short(node)} exists: {node.unknown['Condition']}",) if "Condition" in node.unknown else ()
    decided = (f"{name} of {short(node)} allows it: {node.unknown[name]}" for name in _DECIDING if name in node.unknown)
    return (*exists, *decided)


def short(node: Node) -> str:
    """The name a person gave it: the last part of the path that is not the kind of what stands there."""
    parts = [part for part in node.path.split("/") if part not in _KINDS]
    return parts[-1] if parts else node.path
