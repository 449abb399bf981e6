"""EventBridge archives: what a bus got is kept, and put on it again when somebody asks.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-archive.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-replay-archived-event.html
"""

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cdk_event_flow.flow.sources import Archive
from cdk_event_flow.local.buses import LocalBus
from cdk_event_flow.local.hub import Hub
from cdk_event_flow.local.keeper import Kind
from cdk_event_flow.match import EventPattern

REPLAY_NAME = "replay-name"
_AT_ONCE = 100  # events, before others have their turn
_DAY = 86_400


@dataclass(frozen=True, kw_only=True, slots=True)
class Archived:
    """An event that `archive` (an ARN) keeps, by its `number` there; `at` in epoch seconds."""

    archive: str
    number: int
    at: float
    event: Mapping[str, Any]


class LocalArchive:
    """The events of a bus that match the archive's pattern, for as long as it keeps them. Replayed ones are not kept again."""

    def __init__(self, node: Archive, bus: LocalBus, *, hub: Hub) -> None:
        self.node = node
        self.bus = bus
        self._pattern = EventPattern(node.pattern) if node.pattern is not None else None
        self._kept: deque[Archived] = deque()
        self._count = 0
        self._clock = hub.clock
        self._keep = hub.keep
        days = node.properties.get("RetentionDays")
        self._seconds = float(days) * _DAY if isinstance(days, int | float | str) and float(days) else None
        bus.archives.append(self.keep)

    def __len__(self) -> int:
        self._forget()
        return len(self._kept)

    def keep(self, event: dict[str, Any]) -> None:
        """Keep an event that came to the bus, if it is one of those."""
        if REPLAY_NAME not in event and (self._pattern is None or self._pattern.matches(event)):
            self.resume(Archived(archive=self.node.arn, number=self._count + 1, at=self._clock.now(), event=dict(event)))

    def resume(self, archived: Archived) -> None:
        """Take an event, perhaps one that an earlier process kept."""
        self._count = max(self._count, archived.number)
        self._kept.append(archived)
        self._keep.put(Kind.ARCHIVED, _id(archived), archived)

    def between(self, start: float, end: float) -> list[tuple[float, dict[str, Any]]]:
        """Time and event of those whose own time is from `start` to before `end` (epoch seconds), in that order."""
        self._forget()
        timed = [(_time(kept.event, kept.at), dict(kept.event)) for kept in self._kept]
        return sorted(((at, event) for at, event in timed if start <= at < end), key=lambda pair: pair[0])

    def _forget(self) -> None:
        while self._seconds is not None and self._kept and self._kept[0].at + self._seconds <= self._clock.now():
            self._keep.drop(Kind.ARCHIVED, _id(self._kept.popleft()))


def _id(archived: Archived) -> str:
    return f"{archived.archive} {archived.number:012d}"


def _time(event: Mapping[str, Any], kept: float) -> float:
    try:
        return datetime.fromisoformat(str(event.get("time"))).timestamp()
    except ValueError:
        return kept


@dataclass(kw_only=True, eq=False)
class Replay:
    """A replay: `rules` are the ARNs of those that get the events, all where there are none. Times in epoch seconds."""

    name: str
    archive: LocalArchive
    rules: frozenset[str]
    start: float
    end: float
    began: float
    state: str = "RUNNING"
    last: float | None = None
    ended: float | None = None
    left: deque[tuple[float, dict[str, Any]]] = field(default_factory=deque)


class Replays:
    """The replays of a run, by name, the newest last."""

    def __init__(self, archives: list[LocalArchive], *, hub: Hub) -> None:
        self.archives = archives
        self.by_name: dict[str, Replay] = {}
        self._hub = hub

    def archive(self, arn: str) -> LocalArchive | None:
        """The archive of this ARN or name."""
        return next((each for each in self.archives if arn in (each.node.arn, each.node.name)), None)

    def start(self, name: str, archive: LocalArchive, *, start: float, end: float, rules: frozenset[str]) -> Replay:
        """Put the archive's events of a time on their bus again, oldest first."""
        replay = Replay(name=name, archive=archive, rules=rules, start=start, end=end, began=self._hub.clock.now())
        replay.left.extend(archive.between(start, end))
        self.by_name[name] = replay
        self._hub.clock.call_soon(lambda: self._go_on(replay))
        return replay

    def cancel(self, replay: Replay) -> None:
        """Replay no more of it."""
        if replay.state == "RUNNING":
            replay.state, replay.ended = "CANCELLED", self._hub.clock.now()

    def _go_on(self, replay: Replay) -> None:
        if replay.state != "RUNNING":
            return
        bus, trace = replay.archive.bus, self._hub.trace
        for _ in range(min(_AT_ONCE, len(replay.left))):
            replay.last, event = replay.left.popleft()
            event = {**event, REPLAY_NAME: replay.name}
            root = trace.begin(bus.kind, bus.node.arn, self._hub.post.name(bus.node.arn), json.dumps(event), origin="replay")
            bus.put(event, root, only=replay.rules)
        if replay.left:
            self._hub.clock.call_soon(lambda: self._go_on(replay))
        else:
            replay.state, replay.ended = "COMPLETED", self._hub.clock.now()
