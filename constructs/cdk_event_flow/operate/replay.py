"""Replaying an archive: its events go on the bus again, to all rules or some."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cdk_event_flow.errors import Problem, RunError
from cdk_event_flow.flow.model import Rule
from cdk_event_flow.flow.sources import Archive
from cdk_event_flow.operate.stack import Stack

POLL_SECONDS = 2.0
_RUNNING = ("STARTING", "RUNNING", "CANCELLING")


@dataclass(frozen=True, kw_only=True, slots=True)
class Replay:
    """A replay of the events from `start` to before `end`; `last` is the time of the last one replayed. Epoch seconds."""

    name: str
    state: str
    start: float
    end: float
    last: float | None = None
    reason: str = ""

    @property
    def running(self) -> bool:
        """Whether it goes on."""
        return self.state in _RUNNING

    @property
    def part(self) -> float:
        """How much of its time is replayed, 0.0 to 1.0."""
        if self.state == "COMPLETED":
            return 1.0
        return max(0.0, min(1.0, ((self.last or self.start) - self.start) / (self.end - self.start)))

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Replay":
        """From DescribeReplay."""
        last = told.get("EventLastReplayedTime")
        return cls(
            name=told["ReplayName"],
            state=told["State"],
            start=told["EventStartTime"].timestamp(),
            end=told["EventEndTime"].timestamp(),
            last=last.timestamp() if last else None,
            reason=told.get("StateReason", ""),
        )


def archive_named(stack: Stack, name: str) -> Archive:
    """The archive of this name, or the only one of the bus of this name. Raises RunError (EF-NAME-UNKNOWN, EF-NAME-AMBIGUOUS)."""
    archives = stack.flow.of(Archive)
    of_bus = [archive for archive in archives if name in (stack.called(archive.bus_arn), archive.bus_arn)]
    if len(of_bus) == 1:
        return of_bus[0]
    found = stack.find(name, Archive)
    assert isinstance(found, Archive)
    return found


def replay(
    stack: Stack,
    archive: Archive,
    rules: Sequence[Rule],
    *,
    start: float,
    end: float,
    on_progress: Callable[[Replay], None] = lambda _: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Replay:
    """Start a replay, to `rules` or all, and follow it to its end or until `stopped`: it then goes on.

    Raises RunError (EF-REPLAY-RULE, EF-REPLAY-TIME) before anything starts.
    """
    for rule in rules:
        if rule.bus_arn != archive.bus_arn:
            problem = Problem(code="EF-REPLAY-RULE", given=f"the rule is on {stack.called(rule.bus_arn)}",
                              allowed=f"the archive replays to {stack.called(archive.bus_arn)}",
                              fix="name a rule of that bus, or none")  # fmt: skip
            raise RunError(rule.path, problem)
    if end <= start:
        problem = Problem(code="EF-REPLAY-TIME", given=f"from {iso(start)} to {iso(end)} is no time",
                          allowed="events are replayed from one time to a later one", fix="correct --from and --to")  # fmt: skip
        raise RunError(archive.path, problem)
    events = stack.aws.client("events")
    name = f"event-flow-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}"[:64]
    events.start_replay(
        ReplayName=name,
        EventSourceArn=archive.arn,
        EventStartTime=datetime.fromtimestamp(start, UTC),
        EventEndTime=datetime.fromtimestamp(end, UTC),
        Destination={"Arn": archive.bus_arn, "FilterArns": [rule.arn for rule in rules]},
    )
    while (told := Replay.of(events.describe_replay(ReplayName=name))).running and not stopped():
        on_progress(told)
        time.sleep(POLL_SECONDS if told.last else POLL_SECONDS / 4)
    return told


def iso(at: float) -> str:
    """Epoch seconds as EventBridge writes times."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"
