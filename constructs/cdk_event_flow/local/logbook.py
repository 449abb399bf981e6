"""What the functions of the run wrote, by log group, for whoever reads it as CloudWatch Logs."""

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from cdk_event_flow.local.invocation import Invocation
from cdk_event_flow.local.keeper import Forgetful, Keeper, Kind

MOST_LINES = 50_000  # of a group; older ones go


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One line. `at` and `taken` in milliseconds since the epoch; `stream` is the execution environment's."""

    id: str
    at: int
    taken: int
    stream: str
    text: str


class Logbook:
    """The lines of each log group, oldest first."""

    def __init__(self, keep: Keeper = Forgetful()) -> None:  # noqa: B008 - it has no state
        self._keep = keep
        self._groups: dict[str, deque[LogEvent]] = defaultdict(lambda: deque(maxlen=MOST_LINES))
        self._ids = count(1)

    def write(self, group: str, invocation: Invocation, now: float) -> None:
        """Take the lines of one invocation; `now` in epoch seconds."""
        for line in invocation.log:
            event = LogEvent(f"{next(self._ids):056d}", int(line.at * 1000), int(now * 1000), invocation.environment, line.text)
            self._take(group, event)

    def add(self, group: str, stream: str, text: str, now: float) -> None:
        """Take one line that a service wrote; `now` in epoch seconds."""
        at = int(now * 1000)
        self._take(group, LogEvent(f"{next(self._ids):056d}", at, at, stream, text))

    def _take(self, group: str, event: LogEvent) -> None:
        lines = self._groups[group]
        if len(lines) == MOST_LINES:
            self._keep.drop(Kind.LINE, lines[0].id)
        lines.append(event)
        self._keep.put(Kind.LINE, event.id, [group, event.at, event.taken, event.stream, event.text])

    def restore(self) -> None:
        """Take what earlier processes kept."""
        for id, (group, at, taken, stream, text) in sorted(self._keep.rows(Kind.LINE)):
            self._groups[group].append(LogEvent(id, at, taken, stream, text))
            self._ids = count(int(id) + 1)

    def __contains__(self, group: str) -> bool:
        return group in self._groups

    def lines(self, group: str) -> Iterator[LogEvent]:
        """The lines of a group."""
        return iter(tuple(self._groups.get(group, ())))
