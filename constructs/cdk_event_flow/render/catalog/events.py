"""The kinds of events of a flow, and who takes each: found by sending it."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cdk_event_flow.errors import EventFlowError
from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.contracts import Contract
from cdk_event_flow.flow.delivery import Delivery
from cdk_event_flow.flow.model import AsyncConfig, Bus, EventSchema, Function, Node, Other, Queue, Rule, Schedule, Topic
from cdk_event_flow.flow.published import allowances
from cdk_event_flow.flow.sent import send
from cdk_event_flow.flow.sources import Archive, CustomBus, Pipe
from cdk_event_flow.flow.witnesses import admitted, declared, of_rule, witnesses
from cdk_event_flow.render.catalog.keys import keys_of
from cdk_event_flow.render.catalog.model import Consumer, Event, Form, Producer
from cdk_event_flow.render.hops import filter_of
from cdk_event_flow.render.words import summary

# https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
_OUTCOME = "Lambda Function Invocation Result - {}"
Sendable = tuple[Bus, dict[str, Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """How nodes are called; `channels` and `functions` by their keys; who is `published` to by whom, and how that
    is told; `into` has what leads to an ARN, and by what."""

    short: Mapping[str, str]
    owner_tag: str
    channels: Mapping[str, Node]
    functions: Mapping[str, Function]
    published: Sequence[tuple[Function, Bus | Topic | Queue, str]]
    into: Mapping[str, Sequence[tuple[str, Node]]]

    def of(self, node: Node) -> str:
        """The short name."""
        return self.short.get(node.arn, node.path)

    def called(self, arn: str, node: Node | None) -> str:
        """The short name, or what is elsewhere by its ARN or address."""
        return self.of(node) if node is not None else arn

    def owner(self, node: Node) -> str | None:
        """The value of the owner's tag; None where there is none."""
        said = [value for name, value in node.tags.items() if name.lower() == self.owner_tag]
        return said[-1] if said else None  # those of the stack come first

    def channel(self, node: Node) -> str | None:
        """Its key, where it is a channel."""
        return next((key for key, each in self.channels.items() if each is node), None)


def events_of(flow: Flow, names: Names) -> Iterator[Event]:
    """Declared events first, then what rules ask for and nobody declares; each in the order of names."""
    asked = _undeclared(flow)
    found = [*_declared(flow), *sorted((*asked, *_made(flow, asked)), key=lambda each: each.title)]
    for key, each in keys_of(found, lambda each: each.title).items():
        yield each.event(flow, names, key)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    """A kind of event, and the events to send for it."""

    title: str
    sources: tuple[str, ...] | None
    types: tuple[str, ...] | None
    source_words: str | None
    type_words: str | None
    schema: EventSchema | None
    asked_by: tuple[Rule, ...]
    sent: tuple[Sendable, ...]
    buses: tuple[Bus, ...]

    def event(self, flow: Flow, names: Names, key: str) -> Event:
        consumers: dict[tuple[str, tuple[str, ...]], Consumer] = {}
        seen: dict[str, Form] = {}
        for bus, event in self.sent:
            try:
                root = send(flow, bus, event).root
            except EventFlowError:
                continue  # it multiplies without end: `check` says so
            for way in _ways(root):
                _see(names, way, seen)
                if _ends(way[-1]):
                    consumer = _consumer(names, way)
                    known = consumers.setdefault((way[-1].receiver.arn, consumer.way), consumer)
                    if len(consumer.doubts) < len(known.doubts):
                        consumers[way[-1].receiver.arn, consumer.way] = consumer
        buses = tuple(sorted(filter(None, map(names.channel, self.buses))))
        owner = names.owner(self.schema) if self.schema else None
        return Event(
            key=key,
            title=self.title,
            source=self.source_words,
            detail_type=self.type_words,
            declared=self.schema.path if self.schema else None,
            schema=self.schema.schema if self.schema else None,
            sample=_sample(self.schema) if self.schema else None,
            owner=owner,
            buses=buses,
            asked_by=tuple(sorted(names.of(rule) for rule in self.asked_by)),
            producers=tuple(_producers(flow, names, self)),
            consumers=tuple(sorted(consumers.values(), key=lambda each: (each.name, each.way))),
            seen={channel: form for channel, form in sorted(seen.items()) if channel not in buses},
        )


def _declared(flow: Flow) -> Iterator[_Found]:
    buses = flow.of(Bus)
    asked = {bus.arn: list(witnesses(flow, bus)) for bus in buses}
    for schema in sorted(flow.of(EventSchema), key=lambda each: (each.detail_type, each.source)):
        own = [bus for bus in buses if bus.path.rpartition("/")[0] and _beside(schema, bus)]
        events = {bus.arn: _events(schema, asked[bus.arn]) for bus in buses}
        on = own or [bus for bus in buses if _carries(flow, bus, schema, events[bus.arn])]
        yield _Found(
            title=schema.detail_type,
            sources=(schema.source,),
            types=(schema.detail_type,),
            source_words=schema.source,
            type_words=schema.detail_type,
            schema=schema,
            asked_by=(),
            sent=tuple((bus, event) for bus in on for event in events[bus.arn]),
            buses=tuple(on),
        )


def _beside(schema: EventSchema, bus: Bus) -> bool:
    """Whether both are of one construct: our EventBus keeps its schemas beside its bus."""
    return schema.path.rpartition("/")[0] == bus.path.rpartition("/")[0]


def _carries(flow: Flow, bus: Bus, schema: EventSchema, events: Iterable[dict[str, Any]]) -> bool:
    """Whether a rule of the bus takes it, or a role lets publish just it there."""
    if any(_limits(each) and each.admits(schema) for function in flow.of(Function) for each in allowances(flow, function, bus)):
        return True
    for event in events:
        try:
            if any(not isinstance(each.receiver, Archive) for each in send(flow, bus, event).deliveries):
                return True
        except EventFlowError:
            return True
    return False


def _limits(allowance: Any) -> bool:
    return allowance.sources is not None or allowance.detail_types is not None


def _events(schema: EventSchema, asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    try:
        return list({json.dumps(event, sort_keys=True): event for event in declared(schema, asked)}.values())
    except (TypeError, ValueError, AttributeError, KeyError):  # a schema that is none: the envelope alone is known
        return [{"source": schema.source, "detail-type": schema.detail_type, "detail": {}}]


def _sample(schema: EventSchema) -> Mapping[str, Any] | None:
    try:
        return Contract(schema.source, schema.detail_type, schema.schema).sample()
    except (TypeError, ValueError, AttributeError, KeyError):
        return None


def _undeclared(flow: Flow) -> list[_Found]:
    """What rules ask for besides the declared events, one for each source and detail-type that are asked for together."""
    schemas = flow.of(EventSchema)
    found: dict[tuple[Any, Any], _Found] = {}
    for rule in flow.of(Rule):
        pattern = rule.pattern
        bus = flow.nodes.get(rule.bus_arn)
        if not isinstance(pattern, Mapping) or not isinstance(bus, Bus):
            continue
        sources, types = _literals(pattern.get("source")), _literals(pattern.get("detail-type"))
        taken = admitted(pattern, schemas)
        if types is not None:
            types = tuple(each for each in types if each not in {one.detail_type for one in taken})
            if not types:
                continue
            pattern = {**pattern, "detail-type": list(types)}
        elif taken:
            continue  # it takes declared events, and nobody knows whether there are others
        words = _words(pattern, "source"), _words(pattern, "detail-type")
        events = tuple((bus, event) for event in of_rule(flow, rule, pattern))
        before = found.get(words)
        found[words] = _Found(
            title=words[1] or (f"events of {words[0]}" if words[0] else f"events that {rule.path.rpartition('/')[2]} takes"),
            sources=sources,
            types=types,
            source_words=words[0],
            type_words=words[1],
            schema=None,
            asked_by=(*(before.asked_by if before else ()), rule),
            sent=(*(before.sent if before else ()), *events),
            buses=tuple(dict.fromkeys((*(before.buses if before else ()), bus))),
        )
    return list(found.values())


def _made(flow: Flow, asked: Iterable[_Found]) -> Iterator[_Found]:
    """What schedules and pipes make events of, where nobody declares it and no rule asks for just it."""
    known = {(source, kind) for each in asked for source in each.sources or () for kind in each.types or ()}
    known |= {(schema.source, schema.detail_type) for schema in flow.of(EventSchema)}
    for arn, source, kind in filter(None, (_puts(node) for node in flow.nodes.values() if isinstance(node, Schedule | Pipe))):
        bus = flow.receiver(arn)
        if isinstance(bus, Bus) and source and kind and (source, kind) not in known:
            known.add((source, kind))
            event = {"source": source, "detail-type": kind, "detail": {}}
            yield _Found(title=kind, sources=(source,), types=(kind,), source_words=source, type_words=kind, schema=None,
                         asked_by=(), sent=((bus, event),), buses=(bus,))  # fmt: skip


def _literals(wanted: Any) -> tuple[str, ...] | None:
    """The texts that a field may be; None where it may be others too."""
    return tuple(wanted) if isinstance(wanted, list) and all(isinstance(each, str) for each in wanted) else None


def _words(pattern: Mapping[str, Any], key: str) -> str | None:
    """What a pattern wants of one field of the envelope, without the field's name."""
    if key not in pattern:
        return None
    (line, *_) = summary({key: pattern[key]}) or [""]
    return line.removeprefix(f"{key}: ")


def _ways(root: Delivery) -> Iterator[tuple[Delivery, ...]]:
    """Every delivery with those before it, the sending first. What a function hands on is another event."""
    todo: list[tuple[Delivery, ...]] = [(root,)]
    while todo:
        way = todo.pop()
        if len(way) > 1:
            yield way
        if isinstance(way[-1].receiver, Function):
            continue
        todo.extend((*way, each) for each in way[-1].next if each.delivered and not isinstance(each.receiver, Archive))


def _ends(at: Delivery) -> bool:
    return isinstance(at.receiver, Function) or not any(
        each.delivered and not isinstance(each.receiver, Archive) for each in at.next
    )  # fmt: skip


def _consumer(names: Names, way: tuple[Delivery, ...]) -> Consumer:
    end = way[-1].receiver
    filters = [(names.of(each.by), "; ".join(lines)) for each in way[1:] if each.by and (lines := list(filter_of(each.by)))]
    return Consumer(
        name=names.of(end),
        kind=word(end),
        way=tuple(names.of(each.receiver) for each in way[:-1]),
        filters=tuple(filters),
        doubts=tuple(dict.fromkeys(doubt for each in way for doubt in each.doubts)),
    )


def word(node: Node) -> str:
    """What kind of thing a node is, in a word: `function`, `StateMachine`; `elsewhere` for what is in no template."""
    if type(node) is Node:
        return "elsewhere"
    return node.type.rpartition("::")[2] if type(node) is Other else type(node).__name__.lower()


def _see(names: Names, way: tuple[Delivery, ...], seen: dict[str, Form]) -> None:
    """In which form it comes to a channel on the way."""
    at = way[-1]
    if isinstance(at.receiver, Bus | Topic | Queue | CustomBus) and (key := names.channel(at.receiver)):
        form: Form = "reshaped"
        if at.payload == way[0].payload:
            form = "event"
        elif isinstance(at.payload, dict) and at.payload.get("Type") == "Notification" and way[-2].payload == way[0].payload:
            form = "notification"
        seen.setdefault(key, form)


def _producers(flow: Flow, names: Names, found: _Found) -> Iterator[Producer]:
    made: dict[str, Producer] = {}

    def add(producer: Producer) -> None:
        if producer.name not in made or (producer.surely and not made[producer.name].surely):
            made[producer.name] = producer

    for source in found.sources or ():
        if source.startswith("aws.partner/"):
            add(Producer(name=f"the partner {source.removeprefix('aws.partner/')}", told="its source is a partner's", surely=True))
        elif source.startswith("aws."):
            add(Producer(name=f"AWS ({source})", told="its source is an AWS service", surely=True))
    for function, receiver, told in names.published:
        if isinstance(receiver, Bus) and receiver in found.buses:
            allowed = allowances(flow, function, receiver)
            fits = [each for each in allowed if _fits(each, found)]
            if fits or not allowed:
                surely = any(_limits(each) for each in fits)
                add(Producer(name=names.of(function), told="its role allows just it" if surely else told, surely=surely))
    for node in flow.nodes.values():
        if isinstance(node, Schedule | Pipe) and (put := _puts(node)):
            arn, made_as, detail_type = put
            if flow.receiver(arn) in found.buses and made_as in (found.sources or ()) and detail_type in (found.types or ()):
                add(Producer(name=names.of(node), told="it makes events of this source and detail-type", surely=True))
    for config in flow.of(AsyncConfig):
        for end, outcome in ((config.on_success, "Success"), (config.on_failure, "Failure")):
            called = flow.function(config.function_arn)
            if end and called and flow.receiver(end) in found.buses and _OUTCOME.format(outcome) in (found.types or ()):
                add(Producer(name=names.of(called), told="Lambda tells of its asynchronous invokes", surely=True))
    yield from sorted(made.values(), key=lambda each: (not each.surely, each.name))


def _fits(allowance: Any, found: _Found) -> bool:
    return all(
        allowed is None or wanted is None or bool(allowed & set(wanted))
        for allowed, wanted in ((allowance.sources, found.sources), (allowance.detail_types, found.types))
    )


def _puts(node: Schedule | Pipe) -> tuple[str, str | None, str | None]:
    """The ARN that it delivers to, and the source and detail-type that it gives to an event there."""
    if isinstance(node, Schedule):
        return node.target.arn, node.target.event_source, node.target.detail_type
    return node.target_arn, node.event_source, node.detail_type
