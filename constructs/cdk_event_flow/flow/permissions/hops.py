"""Every place of a flow where one resource hands something to another."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cdk_event_flow.flow.model import AsyncConfig, EventSourceMapping, Function, Node, Rule, Schedule, Subscription, Target

if TYPE_CHECKING:
    from cdk_event_flow.flow.graph import Flow


@dataclass(frozen=True, kw_only=True, slots=True)
class Hop:
    """`by` hands on to `arn`: a rule or a schedule to a target, a subscription to its endpoint, a mapping to its function.

    `dead` is where it goes that could not be delivered; those of a function or its asynchronous configuration are what
    failed (or, on success, what was answered). `role_arn` is the role of a target.
    """

    by: Node
    arn: str
    role_arn: str | None = None
    dead: bool = False


def hops(flow: "Flow") -> Iterator[Hop]:
    """All hops of the flow, in the template's order."""
    for node in flow.nodes.values():
        match node:
            case Rule():
                for target in node.targets:
                    yield from _of_target(node, target)
            case Schedule():
                yield from _of_target(node, node.target)
            case Subscription():
                yield Hop(by=node, arn=node.endpoint)
                yield from _dead(node, node.dead_letter_arn)
            case EventSourceMapping():
                yield Hop(by=node, arn=node.function_arn)
            case Function():
                yield from _dead(node, node.dead_letter_arn)
            case AsyncConfig():
                yield from _dead(node, node.on_failure)
                yield from _dead(node, node.on_success)


def hop_of(by: Node, arn: str) -> Hop | None:
    """The hop by which this node hands on to `arn`; None for kinds of nodes whose permissions are not followed."""
    match by:
        case Rule(targets=targets):
            role = next((target.role_arn for target in targets if target.arn == arn), None)
            return Hop(by=by, arn=arn, role_arn=role)
        case Schedule(target=target):
            return Hop(by=by, arn=arn, role_arn=target.role_arn)
        case Subscription() | EventSourceMapping():
            return Hop(by=by, arn=arn)
    return None


def _of_target(by: Node, target: Target) -> Iterator[Hop]:
    yield Hop(by=by, arn=target.arn, role_arn=target.role_arn)
    yield from _dead(by, target.dead_letter_arn, target.role_arn)


def _dead(by: Node, arn: str | None, role_arn: str | None = None) -> Iterator[Hop]:
    if arn is not None:
        yield Hop(by=by, arn=str(arn), role_arn=role_arn, dead=True)
