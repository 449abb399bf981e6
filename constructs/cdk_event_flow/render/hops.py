"""Every hop of a flow as a table's row."""

from collections.abc import Mapping
from typing import NamedTuple

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import EventSourceMapping, Node, Rule, Subscription
from cdk_event_flow.flow.names import short_names
from cdk_event_flow.render.words import summary


class Hop(NamedTuple):
    """From where, by which rule, subscription or mapping, under which filter (a line a key), to where."""

    source: str
    by: str
    filter: list[str]
    target: str


def hops(flow: Flow) -> list[Hop]:
    """All hops, in the order of the template."""
    names = short_names(flow.nodes)
    found = []
    for source, by, target in flow.ways.edges:
        receiver = flow.receiver(target)
        if flow.nodes.get(source) is by and isinstance(by, Rule) and by.pattern is not None:
            continue  # the hop from its bus says it
        end = names.get(receiver.arn, receiver.path) if receiver else target
        found.append(Hop(names.get(source, source), names.get(by.arn, by.path), _filter(by), end))
    return found


def _filter(node: Node) -> list[str]:
    match node:
        case Rule():
            patterns = [node.pattern]
        case Subscription():
            patterns = [node.filter_policy]
        case EventSourceMapping():
            patterns = list(node.filters)
        case _:
            patterns = []
    return [line for pattern in patterns if isinstance(pattern, Mapping) for line in summary(pattern)]
