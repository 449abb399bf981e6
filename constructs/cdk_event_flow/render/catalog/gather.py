"""A catalogue, read from a flow."""

from collections.abc import Mapping

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.dead_letters import hidden
from cdk_event_flow.flow.model import Bus, Function, Node, Queue, Rule, Table, Topic
from cdk_event_flow.flow.names import short_names
from cdk_event_flow.flow.publishers import publishers
from cdk_event_flow.flow.sources import Bucket, CustomBus, Polled, Stream
from cdk_event_flow.render.catalog.events import Names, events_of, word
from cdk_event_flow.render.catalog.keys import keys_of
from cdk_event_flow.render.catalog.model import Catalog, Channel, Hop, Party
from cdk_event_flow.render.hops import filter_of

OWNER = "owner"
_KINDS: Mapping[type[Node], tuple[str, str]] = {
    Bus: ("event bus", "AWS::Events::EventBus"),
    CustomBus: ("custom event bus", "AWS::EventsV2::EventBus"),
    Topic: ("topic", "AWS::SNS::Topic"),
    Queue: ("queue", "AWS::SQS::Queue"),
    Stream: ("data stream", "AWS::Kinesis::Stream"),
    Table: ("table", "AWS::DynamoDB::Table"),
    Bucket: ("bucket", "AWS::S3::Bucket"),
    Polled: ("polled source", ""),
}


def catalog_of(flow: Flow, *, title: str | None = None, owner_tag: str = OWNER) -> Catalog:
    """The catalogue of a flow. `owner_tag` is the tag, in any case of letters, whose value says who owns something."""
    names = _names(flow, owner_tag)
    events = tuple(events_of(flow, names))
    return Catalog(
        title=title or ", ".join(template.name for template in flow.templates if "/" not in template.path) or "Events",
        events=events,
        channels=tuple(_channel(flow, names, key, node) for key, node in names.channels.items()),
        functions=tuple(_party(flow, names, key, node) for key, node in names.functions.items()),
    )


def _names(flow: Flow, owner_tag: str) -> Names:
    short = short_names(flow.nodes)
    into: dict[str, list[tuple[str, Node]]] = {}
    for source, by, target in flow.ways.edges:
        at = flow.receiver(target) or flow.nodes.get(target)
        into.setdefault(at.arn if at else target, []).append((source, by))
    ends = {end for source, _, target in flow.ways.edges for end in (source, target)}
    quiet = hidden(flow)

    def told(node: Node) -> bool:
        if isinstance(node, Bus | Bucket | Table):
            return node.arn in ends or (isinstance(node, Bus) and node.name != "default")
        return type(node) in _KINDS and node.arn not in quiet

    def name(node: Node) -> str:
        return short.get(node.arn, node.path)

    channels = sorted((node for node in flow.nodes.values() if type(node) in _KINDS and told(node)), key=name)
    functions = sorted(flow.of(Function), key=name)
    return Names(
        short=short,
        owner_tag=owner_tag.lower(),
        channels=keys_of(channels, name),
        functions=keys_of(functions, name),
        published=tuple(publishers(flow)),
        into=into,
    )


def _channel(flow: Flow, names: Names, key: str, node: Node) -> Channel:
    kind, aws_type = _KINDS[type(node)]
    fed = [hop for source, by in names.into.get(node.arn, ()) if (hop := _into(flow, names, source, by))]
    fed += [
        Hop(name=names.of(function), kind="function", told=told) for function, receiver, told in names.published if receiver is node
    ]
    takers = [_on(flow, names, by, target) for source, by, target in flow.ways.edges if source == node.arn]
    return Channel(
        key=key,
        name=names.of(node),
        kind="FIFO " + kind if isinstance(node, Queue | Topic) and node.fifo else kind,
        type=getattr(node, "type", aws_type),
        path=node.path,
        # A name that is made up, as CloudFormation makes one up, is no address.
        address=None if node.name.lower().endswith(f"-{node.logical_id}".lower()) else node.name,
        owner=names.owner(node),
        fed=tuple(_sorted(fed)),
        takers=tuple(_sorted(takers)),
    )


def _party(flow: Flow, names: Names, key: str, node: Function) -> Party:
    takes = [hop for source, by in names.into.get(node.arn, ()) if (hop := _into(flow, names, source, by))]
    publishes = [
        Hop(name=names.of(receiver), kind=_KINDS[type(receiver)][0], told=told)
        for function, receiver, told in names.published
        if function is node
    ]
    return Party(key=key, name=names.of(node), path=node.path, owner=names.owner(node), takes=tuple(_sorted(takes)),
                 publishes=tuple(_sorted(publishes)))  # fmt: skip


def _into(flow: Flow, names: Names, source: str, by: Node) -> Hop | None:
    at = flow.nodes.get(source)
    if at is by and isinstance(by, Rule) and by.pattern is not None:
        return None  # the hop from its bus says it
    return Hop(name=names.called(source, at), kind=_word(at or by), by=names.of(by), filter=tuple(filter_of(by)))


def _on(flow: Flow, names: Names, by: Node, target: str) -> Hop:
    at = flow.receiver(target) or flow.nodes.get(target)
    return Hop(name=names.called(target, at), kind=_word(at), by=names.of(by), filter=tuple(filter_of(by)))


def _word(node: Node | None) -> str:
    if node is None:
        return "elsewhere"
    return _KINDS[type(node)][0] if type(node) in _KINDS else word(node)


def _sorted(found: list[Hop]) -> list[Hop]:
    return sorted(dict.fromkeys(found), key=lambda hop: (hop.name, hop.by, hop.filter))
