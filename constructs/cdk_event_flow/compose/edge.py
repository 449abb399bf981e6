"""What comes in at the edge of a construct: converted once, checked once, refused together."""

import re
import sys
from collections.abc import Sequence
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from types import FrameType

import aws_cdk as cdk

from cdk_event_flow.compose.known import path_of, stack_of
from cdk_event_flow.errors import ConstructError, Problem
from constructs import Construct, IConstruct

LAMBDA_QUOTAS = "Lambda (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html)"


@lru_cache(maxsize=512)
def duration(whole_seconds: int) -> cdk.Duration:
    """The CDK's own, made once."""
    return cdk.Duration.seconds(whole_seconds)


def seconds(value: timedelta | cdk.Duration) -> int:
    """Whole seconds of either kind of duration."""
    return int(value.total_seconds()) if isinstance(value, timedelta) else int(value.to_seconds())


def words(value: int) -> str:
    """Seconds as a person says them: 1200 -> "20 minutes"."""
    for size, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if value >= size and value % size == 0:
            return f"{value // size} {name}{'s' if value != size else ''}"
    return f"{value} second{'s' if value != 1 else ''}"


def shown(value: object, most: int = 200) -> str:
    """A value in an error, no longer than a person reads."""
    text = repr(value)
    return text if len(text) <= most else f"{text[: most - 20]}… ({len(text):,} characters)"


def within(code: str, what: str, value: int, low: int, high: int, *, unit: str, source: str, fix: str) -> list[Problem]:
    """No problem, or the one that `value` lies outside low..high. `unit` is "seconds" (said in words) or e.g. "MB"."""
    if low <= value <= high:
        return []
    say = words if unit == "seconds" else (lambda n: f"{n:,} {unit}".strip())
    return [Problem(code=code, given=f"{what} is {say(value)}", allowed=f"{source} allows {say(low)} to {say(high)}", fix=fix)]


def account_problems(accounts: Sequence[str], organization: str | None, services: Sequence[str] = ()) -> list[Problem]:
    """Nobody allowed, or somebody who cannot exist: accounts have 12 digits, an organization is `o-` and 10 to 32 letters or
    digits, a service one name."""
    known = [each for each in accounts if not cdk.Token.is_unresolved(each)]
    wrong = [each for each in known if not re.fullmatch(r"\d{12}", each)]
    wrong += [each for each in ([organization] if organization else []) if not re.fullmatch(r"o-[a-z0-9]{10,32}", each)]
    wrong += [each for each in services if not re.fullmatch(r"[a-z0-9-]+", each)]
    if not wrong and (accounts or organization or services):
        return []
    return [
        Problem(code="EF-ALLOW", given=f"{wrong[0]!r} is allowed" if wrong else "nobody is allowed",
                allowed="accounts have twelve digits, an organization is o-…, a service is named like s3", fix="correct it")
    ]  # fmt: skip


def beside(receiver: object, scope: Construct, id: str) -> tuple[Construct, str]:
    """Where to make what leads from `scope` to `receiver`: here, or in the receiver's stack, under a name that says from where.

    So the receiver's stack depends on the sender's and never the other way round as well, which would be a cycle.
    """
    there = stack_of(receiver) if isinstance(receiver, Construct) else None
    here = stack_of(scope)
    if there is None or there is here or path_of(there) == path_of(here):
        return scope, id
    return there, f"{path_of(scope).rpartition('/')[2]}{id}"


def place(scope: IConstruct, construct_id: str) -> str:
    """The path a construct is about to have, before it is made; the line that asks for it is remembered."""
    path = f"{path_of(scope)}/{construct_id}".lstrip("/")
    _LINES[path] = _line_of_the_user()
    return path


# By construct path, where in the user's code it is made: in this process only, for templates must not change with lines.
_LINES: dict[str, str] = {}


def line_of(path: str) -> str | None:
    """`app.py:27` for what is at this path or was made by it; None for constructs that are not ours."""
    parts = path.split("/")
    return next((line for end in range(len(parts), 0, -1) if (line := _LINES.get("/".join(parts[:end])))), None)


def _line_of_the_user() -> str:
    frame: FrameType | None = sys._getframe(1)
    while frame and frame.f_globals.get("__name__", "").split(".")[0] in ("cdk_event_flow", "jsii", "aws_cdk"):
        frame = frame.f_back
    if frame is None:
        return ""
    file = Path(frame.f_code.co_filename)
    return f"{file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file.name}:{frame.f_lineno}"


def refuse(at: str, problems: Sequence[Problem]) -> None:
    """Raise all problems of one construct together; no problem, no error."""
    if problems:
        raise ConstructError(at, problems)
