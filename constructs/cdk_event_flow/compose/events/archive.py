"""What a bus keeps of its events, to replay them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from aws_cdk import aws_events as events

from cdk_event_flow.compose.edge import seconds, shown, within
from cdk_event_flow.errors import PatternError, Problem
from cdk_event_flow.match import EventPattern
from constructs import Construct

ARCHIVES = "EventBridge (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-archive-event.html)"
LONGEST_DAYS = 36_500


@dataclass(frozen=True, kw_only=True)
class Archive:
    """Keep events for replay: `keep` them whole days, 1 day or more (None: for ever), and of all only those that `where`, an
    event pattern, lets through (default: all). A replay puts them on this bus again, where a rule sees them by `replay-name`.
    """

    keep: timedelta | None = None
    where: Mapping[str, Any] | None = None

    def problems(self) -> list[Problem]:
        """What EventBridge would refuse."""
        problems = []
        if self.keep is not None:
            problems += within("EF-BUS-ARCHIVE", "archive", seconds(self.keep), 86_400, 86_400 * LONGEST_DAYS, unit="seconds",
                               source=ARCHIVES, fix="keep events for at least one day, or for ever")  # fmt: skip
            if not problems and seconds(self.keep) % 86_400:
                problems.append(Problem(code="EF-BUS-ARCHIVE", given=f"archive is {self.keep}", allowed=f"{ARCHIVES} counts days",
                                        fix="choose whole days"))  # fmt: skip
        if self.where is not None:
            try:
                EventPattern(dict(self.where))
            except PatternError as refused:
                problems += [Problem(code="EF-PATTERN", given=f"pattern {shown(dict(self.where))} is refused: {refused.reason}",
                                     allowed=p.allowed, fix=p.fix) for p in refused.problems]  # fmt: skip
        return problems

    def make(self, scope: Construct, bus: events.IEventBus) -> events.CfnArchive:
        """The archive of `bus`."""
        return events.CfnArchive(
            scope,
            "Archive",
            source_arn=bus.event_bus_arn,
            retention_days=seconds(self.keep) // 86_400 if self.keep else None,
            event_pattern=dict(self.where) if self.where is not None else None,
        )
