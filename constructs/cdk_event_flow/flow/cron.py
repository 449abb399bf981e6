"""Schedule expressions in AWS's dialect: `rate(…)`, `cron(…)` with `?`, `L`, `W` and `#`, and `at(…)`.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count, islice
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cdk_event_flow.errors import Problem, ScheduleError

_MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, start=1)}
_DAYS = {name: number for number, name in enumerate(("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"), start=1)}
_UNITS = {"minute": 60, "hour": 3_600, "day": 86_400}
_FIRST_YEAR, _LAST_YEAR = 1970, 2199


def next_times(expression: str, after: datetime, count: int = 1, *, timezone: str = "UTC", scheduler: bool = False) -> list[datetime]:
    """The next `count` times strictly after `after` (aware), in `timezone`; fewer when the expression ends.

    `scheduler` reads a rate as EventBridge Scheduler does, which takes `rate(1 hours)`; a rule refuses that. A rate is
    counted from `after`. A time that daylight saving skips is skipped; one that it repeats runs once.
    Raises ScheduleError (EF-SCHEDULE) for an expression or time zone that AWS refuses.
    """
    return list(islice(_times(expression, after, timezone, scheduler), count))


def _times(expression: str, after: datetime, timezone: str, scheduler: bool) -> Iterator[datetime]:
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise _refused(timezone, "a time zone of the IANA database (Europe/Berlin)") from None
    read = re.fullmatch(r"(?s)(rate|cron|at)\((.*)\)", expression.strip())
    if not read:
        raise _refused(expression, "rate(…), cron(…) or at(…)")
    kind, body = read.groups()
    if kind == "rate":
        step = timedelta(seconds=rate_seconds(expression, scheduler=scheduler))
        return (after.astimezone(zone) + step * n for n in count(1))
    if kind == "at":
        return _once(expression, body, after, zone)
    return Cron.parse(body).times(after, zone)


def rate_seconds(expression: str, *, scheduler: bool = False) -> int:
    """The period of a `rate(…)` in seconds. Number and unit must agree, but for EventBridge Scheduler."""
    found = re.fullmatch(r"rate\(\s*([1-9]\d*) +(minute|hour|day)(s?)\s*\)", expression.strip())
    if not found or ((found[1] == "1") == bool(found[3]) and not scheduler):
        raise _refused(expression, "rate(1 minute|hour|day) or rate(N minutes|hours|days) with N over 1")
    return int(found[1]) * _UNITS[found[2]]


def _once(expression: str, body: str, after: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    try:
        at = datetime.strptime(body, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=zone)
    except ValueError:
        raise _refused(expression, "at(yyyy-mm-ddThh:mm:ss)") from None
    return iter([at] if at > after else [])


@dataclass(frozen=True, slots=True)
class Cron:
    """The six fields of `cron(minutes hours day-of-month month day-of-week year)`, read."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    day_of_month: str
    months: tuple[int, ...]
    day_of_week: str
    years: frozenset[int]

    @classmethod
    def parse(cls, fields: str) -> "Cron":
        """Read what stands between the parentheses. Raises ScheduleError (EF-SCHEDULE)."""
        given = fields.upper().split()
        if len(given) != 6:
            raise _refused(f"cron({fields})", "six fields: minutes hours day-of-month month day-of-week year")
        minutes, hours, day_of_month, month, day_of_week, year = given
        if (day_of_month == "?") == (day_of_week == "?"):
            raise _refused(f"cron({fields})", "? in exactly one of day-of-month and day-of-week")
        cron = cls(
            minutes=_values(minutes, 0, 59),
            hours=_values(hours, 0, 23),
            day_of_month=day_of_month,
            months=_values(month, 1, 12, _MONTHS),
            day_of_week=day_of_week,
            years=frozenset(_values(year, _FIRST_YEAR, _LAST_YEAR)),
        )
        cron.days(2024, 1)
        return cron

    def times(self, after: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        """Every time after `after`, in order."""
        begin = after.astimezone(zone)
        after_utc = after.astimezone(UTC)
        for year in sorted(y for y in self.years if y >= begin.year):
            for month in self.months:
                if (year, month) < (begin.year, begin.month):
                    continue
                for day in self.days(year, month):
                    for at in self._times_of(datetime(year, month, day), zone):
                        if at > after_utc:
                            yield at.astimezone(zone)

    def _times_of(self, day: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        for hour in self.hours:
            for minute in self.minutes:
                local = day.replace(hour=hour, minute=minute)
                at = local.replace(tzinfo=zone).astimezone(UTC)
                if at.astimezone(zone).replace(tzinfo=None) == local:
                    yield at

    def days(self, year: int, month: int) -> list[int]:
        """The days of a month that match, in order."""
        last = calendar.monthrange(year, month)[1]
        found = _days_of_month(self.day_of_month, year, month, last)
        if self.day_of_month == "?":
            found = _days_of_week(self.day_of_week, year, month, last)
        return sorted(found)


def _days_of_month(field: str, year: int, month: int, last: int) -> set[int]:
    found: set[int] = set()
    for part in field.split(",") if field != "?" else ():
        if part == "L":
            found.add(last)
        elif nearest := re.fullmatch(r"(\d{1,2})W", part):
            day = int(nearest[1])
            if not 1 <= day <= 31:
                raise _refused(part, "1W to 31W")
            if day <= last:
                found.add(_weekday_near(year, month, day, last))
        else:
            found.update(day for day in _values(part, 1, 31) if day <= last)
    return found


def _weekday_near(year: int, month: int, day: int, last: int) -> int:
    """The working day nearest to a day, within its month."""
    weekday = date(year, month, day).weekday()
    if weekday == 5:
        return day - 1 if day > 1 else day + 2
    if weekday == 6:
        return day + 1 if day < last else day - 2
    return day


def _days_of_week(field: str, year: int, month: int, last: int) -> set[int]:
    by_weekday: dict[int, list[int]] = {}
    for day in range(1, last + 1):
        by_weekday.setdefault(date(year, month, day).isoweekday() % 7 + 1, []).append(day)
    found: set[int] = set()
    parts = field.split(",")
    for part in parts:
        if part == "L":
            found.update(by_weekday[7])
        elif part.endswith("L"):
            found.update(by_weekday[day][-1] for day in _values(part[:-1], 1, 7, _DAYS))
        elif "#" in part:
            weekday, _, nth = part.partition("#")
            if len(parts) > 1 or nth not in ("1", "2", "3", "4", "5"):
                raise _refused(field, "one day#n with n from 1 to 5")
            found.update(by_weekday[_number(weekday, 1, 7, _DAYS)][int(nth) - 1 : int(nth)])
        else:
            found.update(day for weekday in _values(part, 1, 7, _DAYS) for day in by_weekday[weekday])
    return found


def _values(field: str, low: int, high: int, names: dict[str, int] | None = None) -> tuple[int, ...]:
    """The numbers that a field of commas, ranges and steps allows. A range may run over the end (FRI-MON)."""
    found: set[int] = set()
    for part in field.split(","):
        span, slash, step_text = part.partition("/")
        step = int(step_text) if step_text.isdecimal() else 0
        if slash and not step:
            raise _refused(part, "a step of at least 1 after /")
        if span == "*":
            first, last = low, high
        elif "-" in span:
            first, last = (_number(end, low, high, names) for end in span.split("-", 1))
        else:
            first = _number(span, low, high, names)
            last = high if slash else first
        if first <= last:
            found.update(range(first, last + 1, step or 1))
        else:
            wrapped = [*range(first, high + 1), *range(low, last + 1)]
            found.update(wrapped[:: step or 1])
    return tuple(sorted(found))


def _number(text: str, low: int, high: int, names: dict[str, int] | None) -> int:
    number = (names or {}).get(text.capitalize(), int(text) if text.isdecimal() else -1)
    if not low <= number <= high:
        raise _refused(text or "nothing", f"{low} to {high}" + (f" or {', '.join(names)}" if names else ""))
    return number


def _refused(given: str, allowed: str) -> ScheduleError:
    return ScheduleError(
        "schedule",
        Problem(
            code="EF-SCHEDULE",
            given=f"schedule has {given}",
            allowed=f"AWS allows {allowed} (https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html)",
            fix="correct the expression",
        ),
    )
