"""Whether each hop is permitted, read from the policies of the template: of queues, topics, functions, roles and keys.

What the template cannot tell (a role of another stack, the organization of an account) is unknown, never guessed.
"""

from typing import TYPE_CHECKING

from cdk_event_flow.flow.model import Node
from cdk_event_flow.flow.permissions.hops import Hop, hops, hops_of
from cdk_event_flow.flow.permissions.needs import permissions
from cdk_event_flow.flow.permissions.permission import Permission, worst
from cdk_event_flow.flow.permissions.services import service_of

if TYPE_CHECKING:
    from cdk_event_flow.flow.graph import Flow

__all__ = ["Hop", "Permission", "handing_on", "hops", "permission", "permissions", "service_of"]


def permission(flow: "Flow", hop: Hop) -> Permission:
    """Whether the hop is permitted: denied where anything that it needs is, else unknown where anything is."""
    return worst(permissions(flow, hop))


def handing_on(flow: "Flow", by: Node, arn: str) -> Permission | None:
    """Whether `by` may hand on to `arn`, and read what it hands on; None where nobody is asked, as for an archive."""
    needed = [hop for hop in hops_of(by) if not hop.dead and (hop.reads or hop.arn == arn)]
    return worst([permission(flow, hop) for hop in needed]) if needed else None
