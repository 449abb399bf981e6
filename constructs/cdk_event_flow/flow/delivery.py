"""One hop of an event, and the tree of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cdk_event_flow.flow.attributes import MessageAttributes
from cdk_event_flow.flow.model import Node
from cdk_event_flow.flow.permissions.permission import Permission
from cdk_event_flow.match import Verdict


@dataclass(frozen=True, slots=True)
class Judgement:
    """A filter by its name, and its verdict key by key: also of keys that matched."""

    filter: str
    verdict: Verdict


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One hop. `payload` is what the receiver sees; `reasons` say why nothing was delivered, and are empty if it was.

    `doubts` say what else must hold for it to be delivered, where the template does not tell. `arn` is what it was
    delivered to: a function's alias, where `receiver` is the function. `attributes` are those of a message. `permission` is
    what the policies say, where they are asked: what they deny is not delivered, what they do not tell is. `judgement` is
    what the filter on the way said, where there is one and it could be asked.
    """

    receiver: Node
    by: Node | None
    payload: Any
    arn: str
    attributes: MessageAttributes
    reasons: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    permission: Permission | None = None
    judgement: Judgement | None = None
    next: list["Delivery"] = field(default_factory=list)

    @property
    def delivered(self) -> bool:
        """Whether the receiver gets it, as far as the template tells."""
        return not self.reasons

    def walk(self) -> Iterator["Delivery"]:
        """This delivery and all that follow, delivered or not."""
        yield self
        for each in self.next:
            yield from each.walk()
