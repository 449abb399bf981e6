"""How faults are spelt.

`errors=10%,timeouts=2%,kills=1%,throttles=5%,slow=200ms,duplicates=1%`, and for one function `Billing:errors=10%`.
"""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cdk_event_flow.errors import Problem, RunError

# Only one of these can happen to an invocation.
EXCLUSIVE = ("throttles", "errors", "timeouts", "kills")
RATES = (*EXCLUSIVE, "duplicates")
KINDS = (*RATES, "slow")
_RATE = re.compile(r"(\d+(?:\.\d+)?)%")
_TIME = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0}
_EXAMPLE = "errors=10%,slow=200ms, or Billing:errors=10% for one function"


@dataclass(frozen=True, slots=True)
class FaultRule:
    """What one `--fault` asks for, of one function or (None) of all: `rates` from 0 to 1 by kind, and `slow` in seconds."""

    spelt: str
    function: str | None
    faults: Mapping[str, float]


def read_faults(texts: Iterable[str]) -> tuple[FaultRule, ...]:
    """The rules that are spelt so. Raises RunError (EF-FAULT)."""
    return tuple(_rule(text) for text in texts)


def refused(spelt: str, given: str, allowed: str, fix: str) -> RunError:
    """The error for a fault that cannot be meant."""
    return RunError(f"--fault {spelt}", Problem(code="EF-FAULT", given=given, allowed=allowed, fix=fix))


def refuse_too_many(spelt: str, faults: Mapping[str, float]) -> None:
    """Raise RunError (EF-FAULT) where more than every invocation would fail."""
    total = sum(faults.get(kind, 0.0) for kind in EXCLUSIVE)
    if total > 1.0 + 1e-9:
        given = f"{', '.join(EXCLUSIVE)} come to {total * 100:g}% together"
        raise refused(spelt, given, "an invocation meets one of them at most, so at most 100%", "lower them")


def _rule(text: str) -> FaultRule:
    function, colon, spelt = text.rpartition(":")
    if colon and not function.strip():
        raise refused(text, "no name stands before the colon", "a function's name, as in Billing:errors=10%", "name the function")
    faults: dict[str, float] = {}
    for part in spelt.split(","):
        kind, equals, value = (piece.strip() for piece in part.partition("="))
        if "=" in function or "," in function:
            raise refused(
                text,
                f"the name {function.rpartition(',')[2]} stands in the middle",
                "a name stands once, before all faults of its function",
                f"give two: --fault {function.rpartition(',')[0]} --fault {function.rpartition(',')[2]}:{spelt}",
            )
        if kind not in KINDS or not equals:
            near = difflib.get_close_matches(kind, KINDS, n=1)
            fix = f"did you mean {near[0]}={'200ms' if near[0] == 'slow' else '10%'}?" if near else f"for example {_EXAMPLE}"
            given = f"{part.strip() or 'nothing'} is no fault"
            raise refused(text, given, f"the faults are {', '.join(KINDS)}, each with = and its value", fix)
        if kind in faults:
            raise refused(text, f"{kind} is given twice", "each fault once", "leave one of them out")
        faults[kind] = _time(text, value) if kind == "slow" else _rate(text, kind, value)
    refuse_too_many(text, faults)
    return FaultRule(text, function.strip() or None, faults)


def _rate(text: str, kind: str, value: str) -> float:
    found = _RATE.fullmatch(value)
    rate = float(found[1]) / 100 if found else -1.0
    if not 0 <= rate <= 1:
        raise refused(text, f"{kind} is {value or 'nothing'}", "a percentage from 0% to 100%", f"for example {kind}=10%")
    return rate


def _time(text: str, value: str) -> float:
    found = _TIME.fullmatch(value)
    if not found:
        raise refused(text, f"slow is {value or 'nothing'}", "a time in ms, s or m", "for example slow=200ms")
    return float(found[1]) * _SECONDS[found[2]]
