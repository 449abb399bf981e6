"""When: schedule expressions from Python values, checked as AWS reads them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cdk_event_flow.compose.edge import seconds, within
from cdk_event_flow.errors import Problem, ScheduleError

SCHEDULES = "EventBridge Scheduler (https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html)"
YEAR = 31_536_000


@dataclass(frozen=True)
class Cron:
    """Six fields, without the word: minutes hours day-of-month month day-of-week year (`0 2 * * ? *`: each night at two)."""

    fields: str

    @property
    def expression(self) -> str:
        """As AWS writes it."""
        return f"cron({self.fields})"

    def problems(self, timezone: str = "UTC") -> list[Problem]:
        """What AWS would refuse, and an expression that never comes true again."""
        return _problems(self.expression, timezone)


@dataclass(frozen=True)
class Every:
    """A period of whole minutes, 1 minute to 1 year."""

    period: timedelta

    @property
    def expression(self) -> str:
        """As AWS writes it, in the largest unit that divides the period."""
        for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
            count, rest = divmod(seconds(self.period), size)
            if not rest:
                return f"rate({count} {unit}{'s' if count != 1 else ''})"
        return f"rate({seconds(self.period)} seconds)"

    def problems(self, timezone: str = "UTC") -> list[Problem]:
        """What AWS would refuse."""
        found = within("EF-SCHEDULE-RATE", "every", seconds(self.period), 60, YEAR, unit="seconds", source=SCHEDULES,
                       fix="choose whole minutes, hours or days")  # fmt: skip
        if not found and seconds(self.period) % 60:
            found = [
                Problem(code="EF-SCHEDULE-RATE", given=f"every is {seconds(self.period)} seconds",
                        allowed=f"{SCHEDULES} counts whole minutes", fix="choose whole minutes, hours or days")
            ]  # fmt: skip
        return found or _problems(self.expression, timezone)


@dataclass(frozen=True)
class Once:
    """One moment, in the schedule's time zone: a datetime without a zone of its own."""

    moment: datetime

    @property
    def expression(self) -> str:
        """As AWS writes it."""
        return f"at({self.moment:%Y-%m-%dT%H:%M:%S})"

    def problems(self, timezone: str = "UTC") -> list[Problem]:
        """A moment with a zone of its own; one in the past is no error, or a stack could not be deployed again."""
        if self.moment.tzinfo is None:
            return _refused(self.expression, timezone)
        return [
            Problem(code="EF-SCHEDULE", given=f"at={self.moment.isoformat()} has a zone of its own",
                    allowed=f"{SCHEDULES} reads the moment in the schedule's time zone",
                    fix="give a datetime without tzinfo, and timezone")
        ]  # fmt: skip


When = Cron | Every | Once


def in_utc(moment: datetime, timezone: str) -> str:
    """The moment as Scheduler's dates want it; one without a zone of its own is of `timezone`."""
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))
    return f"{zoned.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _refused(expression: str, timezone: str) -> list[Problem]:
    """What AWS would refuse of an expression or a time zone."""
    try:
        from cdk_event_flow.flow.cron import next_times  # with all of `flow`, which functions do not need

        next_times(expression, datetime.now(UTC), timezone=timezone)
    except ScheduleError as refused:
        return list(refused.problems)
    return []


def _problems(expression: str, timezone: str) -> list[Problem]:
    if refused := _refused(expression, timezone):
        return refused
    from cdk_event_flow.flow.cron import next_times  # with all of `flow`, which functions do not need

    if next_times(expression, datetime.now(UTC), timezone=timezone):
        return []
    return [
        Problem(code="EF-SCHEDULE", given=f"{expression} never comes true again", allowed=f"{SCHEDULES} runs it at its times only",
                fix="correct the expression")
    ]  # fmt: skip
