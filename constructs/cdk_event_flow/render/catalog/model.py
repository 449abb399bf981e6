"""What a catalogue knows. What a template does not tell is None or empty, never a guess."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Form = Literal["event", "notification", "reshaped"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Producer:
    """Who publishes. `told` is how the template tells; `surely` where it names this very event, not only the bus."""

    name: str
    told: str
    surely: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Consumer:
    """Who takes an event in the end, `by` which nodes on the way, under which `filters` (where, and in words).

    `doubts` say what else must hold, where the template does not tell.
    """

    name: str
    kind: str
    way: tuple[str, ...]
    filters: tuple[tuple[str, str], ...]
    doubts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One kind of event. `key` is unique and fit for a file's name; `schema` is None for one that only filters tell of.

    `source` and `detail_type` are texts; of undeclared ones they may be several, or None for any. `buses` are keys of
    channels; `seen` says in which form it comes to which other channel.
    """

    key: str
    title: str
    source: str | None
    detail_type: str | None
    declared: str | None
    schema: Mapping[str, Any] | None
    sample: Mapping[str, Any] | None
    owner: str | None
    buses: tuple[str, ...]
    asked_by: tuple[str, ...]
    producers: tuple[Producer, ...]
    consumers: tuple[Consumer, ...]
    seen: Mapping[str, Form] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Hop:
    """What leads into a channel, or on from it: the name of the other end, by what, under which filter (a line a key).

    Of what is published, `told` is how the template tells of it.
    """

    name: str
    kind: str
    by: str = ""
    filter: tuple[str, ...] = ()
    told: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Channel:
    """A bus, topic, queue, stream or the like. `address` is its name where the template gives it one."""

    key: str
    name: str
    kind: str
    type: str
    path: str
    address: str | None
    owner: str | None
    fed: tuple[Hop, ...]
    takers: tuple[Hop, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Party:
    """A function: what it takes (of which channel, under which filter), and the channels that it publishes to."""

    key: str
    name: str
    path: str
    owner: str | None
    takes: tuple[Hop, ...]
    publishes: tuple[Hop, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Catalog:
    """All of it, in the order of names."""

    title: str
    events: tuple[Event, ...]
    channels: tuple[Channel, ...]
    functions: tuple[Party, ...]
