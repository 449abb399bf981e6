"""Every hop of a flow as a table's row."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import EventSourceMapping, Node, Rule, Subscription
from cdk_event_flow.flow.names import short_names
from cdk_event_flow.flow.sources import Archive, Pipe, Subscriber
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
        found.append(Hop(names.get(source, source), names.get(by.arn, by.path), list(filter_of(by)), end))
    return found


def filter_of(node: Node) -> Iterator[str]:
    """What lets through, a line a key; where one of several filters is enough, a line a filter."""
    match node:
        case Rule(pattern=pattern) | Archive(pattern=pattern) | Subscription(filter_policy=pattern):
            yield from summary(pattern) if isinstance(pattern, Mapping) else ()
        case EventSourceMapping() | Pipe():
            for number, each in enumerate(node.filters):
                if isinstance(each, Mapping):
                    yield ("or " if number else "") + ", ".join(summary(each))
        case Subscriber():
            for each in node.filters:
                yield from summary(each.pattern) if isinstance(each.pattern, Mapping) else ()
