"""What all hops share: who receives, and what the template leaves open."""

from dataclasses import dataclass
from typing import Any

from cdk_event_flow.flow.attributes import MessageAttributes
from cdk_event_flow.flow.delivery import Delivery
from cdk_event_flow.flow.graph import Flow
from cdk_event_flow.flow.model import Node
from cdk_event_flow.flow.permissions import Permission, handing_on
from cdk_event_flow.flow.ways import Ways

# Properties without which nobody can say whether a hop is taken.
_DECIDING = (
    "State", "Enabled", "DesiredState",
    "EventPattern", "FilterPolicy", "FilterCriteria", "FilterConfiguration", "SourceParameters",
)  # fmt: skip


@dataclass(frozen=True)
class Sending:
    """The flow that is sent through."""

    flow: Flow
    ways: Ways

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
    ) -> Delivery:
        """One delivery to what has this ARN, here or elsewhere."""
        receiver = self.flow.receiver(arn) or Node(logical_id=arn, arn=arn, name=arn, path=arn)
        open_questions = (*_open(by), *_open(receiver), *doubts)
        permitted = self._permission(by, arn)
        if permitted and permitted.verdict == "denied":
            reasons = tuple(dict.fromkeys((*reasons, str(permitted))))
        if permitted and permitted.verdict == "unknown":
            open_questions = (*open_questions, f"it is permitted: {permitted.reason}")
        return Delivery(
            receiver=receiver,
            by=by,
            payload=payload,
            arn=arn,
            attributes=attributes or {},
            reasons=reasons,
            doubts=open_questions,
            permission=permitted,
        )

    def _permission(self, by: Node, arn: str) -> Permission | None:
        """What the policies say, asked once for each hop; None where nobody is asked."""
        answer = self.ways.compiled(("permission", by.arn, arn), lambda: handing_on(self.flow, by, arn))
        return answer if isinstance(answer, Permission) else None


def _open(node: Node) -> tuple[str, ...]:
    exists = (f"{short(node)} exists: {node.unknown['Condition']}",) if "Condition" in node.unknown else ()
    decided = (f"{name} of {short(node)} allows it: {node.unknown[name]}" for name in _DECIDING if name in node.unknown)
    return (*exists, *decided)


def short(node: Node) -> str:
    """The name a person gave it: the last part of the path that is not the kind of what stands there."""
    parts = [part for part in node.path.split("/") if part not in ("Queue", "Topic", "Bus", "Function")]
    return parts[-1] if parts else node.path
