"""Kinds of values on the command line: durations, moments, patterns.

click's types are generic from 8.3 on, and 8.2 is taken too.
"""

import json
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


class DurationType(click.ParamType):  # type: ignore[type-arg]
    """`90s`, `15m`, `2h`, `7d`: seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The seconds. Fails for anything else."""
        if isinstance(value, int | float):
            return float(value)
        found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd])", str(value).strip())
        if found is None:
            self.fail(f"{value!r} is no duration; write it as 90s, 15m, 2h or 7d", param, ctx)
        return float(found[1]) * _SECONDS[found[2]]


class MomentType(click.ParamType):  # type: ignore[type-arg]
    """A time in ISO 8601 (`2026-09-01T12:00`, in UTC unless it says otherwise), or how long ago (`2h`): epoch seconds."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The epoch seconds. Fails for anything else."""
        if isinstance(value, int | float):
            return float(value)
        if re.fullmatch(r"\d+(\.\d+)?\s*[smhd]", str(value).strip()):
            return time.time() - DURATION.convert(value, param, ctx)
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no time; write it as 2026-09-01T12:00, or as 2h for two hours ago", param, ctx)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


class PatternType(click.ParamType):  # type: ignore[type-arg]
    """An EventBridge pattern, as JSON or as the name of a file with it."""

    name = "pattern"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The compiled pattern. Fails for what EventBridge refuses."""
        from cdk_event_flow.match import EventPattern, PatternError

        if not isinstance(value, str):
            return value
        try:
            text = value if value.lstrip().startswith("{") else Path(value).read_text("utf-8")
            return EventPattern(json.loads(text))
        except OSError as error:
            self.fail(f"{value!r} is neither a pattern in JSON nor a file that can be read ({error.strerror})", param, ctx)
        except PatternError as error:
            self.fail(f"EventBridge refuses the pattern: {error}", param, ctx)
        except ValueError as error:
            self.fail(f"it is not JSON: {error}", param, ctx)


DURATION, MOMENT, PATTERN = DurationType(), MomentType(), PatternType()
