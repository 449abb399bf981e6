"""What changes from one flow to another: hops, and events that go elsewhere."""

import dataclasses
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from cdk_event_flow.flow.graph import Flow
from cdk_event_flow.flow.model import Bus, EventSchema, Node, Rule, Topic, Unknown
from cdk_event_flow.flow.names import short_names
from cdk_event_flow.flow.sent import Sent, send
from cdk_event_flow.flow.witnesses import between, declared, witnesses

_IDENTITY = {field.name for field in dataclasses.fields(Node)} | {"targets", "target"}
_OF_ALL_ITS_HOPS = {"actions", "properties"}  # of what leads on from itself: alarms, buckets, tables
_MARKS = {"added": "+", "removed": "-", "changed": "~"}


@dataclass(frozen=True, kw_only=True)
class HopChange:
    """One hop that came, went or changed; `details` say of each property what it was and what it is."""

    kind: Literal["added", "removed", "changed"]
    source: str
    by: str
    target: str
    details: tuple[str, ...] = ()

    def __str__(self) -> str:
        route = " → ".join(dict.fromkeys((self.source, self.by, self.target)))
        return "\n".join([f"{_MARKS[self.kind]} {route}", *(f"    {detail}" for detail in self.details)])


@dataclass(frozen=True, kw_only=True)
class Rerouted:
    """An event put on `on` that has other receivers than before."""

    on: str
    event: Any
    gained: tuple[str, ...]
    lost: tuple[str, ...]

    def __str__(self) -> str:
        now = [f"now reaches {', '.join(self.gained)}"] if self.gained else []
        no_longer = [f"no longer reaches {', '.join(self.lost)}"] if self.lost else []
        told = {key: self.event[key] for key in ("source", "detail-type", "detail") if key in self.event} or self.event
        return f"on {self.on}, {_shown(told)} {' and '.join(now + no_longer)}"


@dataclass(frozen=True)
class Difference:
    """All that changes; false when nothing does."""

    hops: tuple[HopChange, ...]
    rerouted: tuple[Rerouted, ...]

    def __bool__(self) -> bool:
        return bool(self.hops or self.rerouted)

    def __str__(self) -> str:
        if not self:
            return "no hop changes"
        lines = [str(change) for change in self.hops]
        if self.rerouted:
            lines += ["events that go elsewhere:", *(f"  {each}" for each in self.rerouted)]
        return "\n".join(lines)

    def as_json(self) -> str:
        """The same for machines."""
        return json.dumps(dataclasses.asdict(self), indent=2)


def diff(old: Flow, new: Flow) -> Difference:
    """From `old` to `new`; nodes are the same when their construct paths (or logical ids) are."""
    return Difference(tuple(_hop_changes(old, new)), tuple(_rerouted(old, new)))


_Key = tuple[str, str, str]


@dataclass(frozen=True)
class _Hop:
    names: _Key
    properties: Mapping[str, Any]


def _hop_changes(old: Flow, new: Flow) -> Iterator[HopChange]:
    before, after = _hops(old), _hops(new)
    for key in sorted(before.keys() | after.keys()):
        if key not in before:
            yield _change("added", after[key])
        elif key not in after:
            yield _change("removed", before[key])
        elif before[key].properties != after[key].properties:
            was, is_ = before[key].properties, after[key].properties
            changed = sorted(name for name in was.keys() | is_.keys() if was.get(name) != is_.get(name))
            details = tuple(f"{name}: {_shown(was.get(name))} → {_shown(is_.get(name))}" for name in changed)
            yield _change("changed", after[key], details)


def _change(kind: Literal["added", "removed", "changed"], hop: _Hop, details: tuple[str, ...] = ()) -> HopChange:
    source, by, target = hop.names
    return HopChange(kind=kind, source=source, by=by, target=target, details=details)


def _hops(flow: Flow) -> dict[_Key, _Hop]:
    """Every hop by the paths of its ends; names are short."""
    names = short_names(flow.nodes)
    found = {}
    for source, by, target in flow.ways.edges:
        receiver = flow.receiver(target)
        start = flow.nodes.get(source)
        if start is by and isinstance(by, Rule) and by.pattern is not None:  # it leads on from its bus as well
            continue
        ends = (start.path if start else source, by.path, receiver.path if receiver else target)
        shown = (names.get(source, source), names.get(by.arn, by.path), names.get(receiver.arn, target) if receiver else target)
        found[ends] = _Hop(shown, _properties(by, target, _IDENTITY | (_OF_ALL_ITS_HOPS if start is by else set())))
    return found


def _properties(by: Node, target: str, others: set[str]) -> dict[str, Any]:
    own = _fields(by, others)
    if "notifications" in own:
        own["notifications"] = [each for each in own["notifications"] if each.destination == target]
    targets = by.targets if isinstance(by, Rule) else [by.target] if hasattr(by, "target") else []
    for each in targets:
        if each.arn == target:
            own |= _fields(each, {"id", "arn"})
    return own


def _fields(of: Any, others: Collection[str] = ()) -> dict[str, Any]:
    return {field.name: getattr(of, field.name) for field in dataclasses.fields(of) if field.name not in others}


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=lambda each: str(each) if isinstance(each, Unknown) else _fields(each))


def _rerouted(old: Flow, new: Flow) -> Iterator[Rerouted]:
    """Of each bus in both flows, the first event for each other set of receivers gained and lost."""
    before = {bus.path: bus for bus in old.of(Bus)}
    changed = list(between(old, new))
    for bus in new.of(Bus):
        if bus.path not in before:
            continue
        seen = set()
        asked = [*witnesses(old, before[bus.path]), *witnesses(new, bus), *changed]
        schemas = {schema.path: schema for schema in (*old.of(EventSchema), *new.of(EventSchema))}
        for event in [*(each for schema in schemas.values() for each in declared(schema, asked)), *asked]:
            was, is_ = _receivers(old, send(old, before[bus.path], event)), _receivers(new, send(new, bus, event))
            gained, lost = tuple(sorted(is_ - was)), tuple(sorted(was - is_))
            if (gained or lost) and (gained, lost) not in seen:
                seen.add((gained, lost))
                yield Rerouted(on=short_names(new.nodes)[bus.arn], event=event, gained=gained, lost=lost)


def _receivers(flow: Flow, sent: Sent) -> set[str]:
    """The names of all that received it but buses and topics, which only hand on."""
    names = short_names(flow.nodes)
    ends = [each.receiver for each in sent.deliveries if not isinstance(each.receiver, Bus | Topic)]
    return {names.get(end.arn, end.path) for end in ends}
