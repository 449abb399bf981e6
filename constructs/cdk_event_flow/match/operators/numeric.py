"""`numeric`: a comparison, or a range."""

from dataclasses import dataclass
from math import isfinite
from typing import Any

from cdk_event_flow.errors import PatternError
from cdk_event_flow.match.operators.base import comparable, is_number

WORDS = {"<": "less than", "<=": "at most", ">": "greater than", ">=": "at least", "=": "equal to"}
EXACT_INTEGERS = 2**53  # a double holds every integer up to here


class Beyond(float):
    """A number of the pattern's text that a double cannot hold (`1e-325`, `2e422`); `text` is how it was written."""

    text: str


@dataclass(frozen=True, slots=True)
class Numeric:
    """A number within all `terms` (operator, threshold)."""

    terms: tuple[tuple[str, float], ...]

    def matches(self, value: Any) -> bool:
        """Whether `value` is a number within the terms."""
        if not is_number(value):
            return False
        number = comparable(value)
        return all(_holds(operator, number, threshold) for operator, threshold in self.terms)

    def wanted(self) -> str:
        """In words."""
        return "a number " + " and ".join(f"{WORDS[operator]} {threshold:.12g}" for operator, threshold in self.terms)


def _holds(operator: str, value: float, threshold: float) -> bool:
    match operator:
        case "<":
            return value < threshold
        case "<=":
            return value <= threshold
        case ">":
            return value > threshold
        case ">=":
            return value >= threshold
        case _:
            return value == threshold


def read(value: Any, path: str) -> Numeric:
    """`[">", 0]`, `["=", 5]` or `[">=", 0, "<", 10]`. Raises PatternError."""
    if not isinstance(value, list):
        raise PatternError("Value of numeric must be an array.", path=path)
    if not value:
        raise PatternError("Invalid member in numeric match: ]", path=path)
    first = value[0]
    if not isinstance(first, str):
        raise PatternError(f"Invalid member in numeric match: {first}", path=path)
    if first not in WORDS:
        raise PatternError(f"Unrecognized numeric range operator: {first}", path=path, fix=f"use one of {', '.join(WORDS)}")
    low = _threshold(value, 1, first, path)
    if len(value) == 2:
        return Numeric(((first, low),))
    if first in ("<", "<=", "="):
        raise PatternError("Too many elements in numeric expression", path=path, fix="write the lower bound first")
    second = value[2]
    if not isinstance(second, str):
        raise PatternError(f"Bad value in numeric range: {second}", path=path)
    if second not in ("<", "<="):
        raise PatternError(f"Bad numeric range operator: {second}", path=path, fix="use < or <= for the upper bound")
    high = _threshold(value, 3, second, path)
    if len(value) > 4:
        raise PatternError("Too many terms in numeric range expression", path=path)
    if low > high or (low == high and (first, second) != (">=", "<=")):
        raise PatternError("Bottom must be less than top", path=path)
    return Numeric(((first, low), (second, high)))


def _threshold(value: list[Any], at: int, operator: str, path: str) -> float:
    threshold: Any = value[at] if len(value) > at else None
    if not is_number(threshold):
        raise PatternError(f"Value of {'equals' if operator == '=' else operator} must be numeric", path=path)
    if isinstance(threshold, Beyond) or not _exact_in_a_double(threshold):
        written = threshold.text if isinstance(threshold, Beyond) else threshold
        raise PatternError(f"Cannot compare number : {written}", path=path, fix="use a number that a double can hold")
    return float(threshold)


def _exact_in_a_double(number: float) -> bool:
    return abs(number) <= EXACT_INTEGERS if isinstance(number, int) else isfinite(number)
