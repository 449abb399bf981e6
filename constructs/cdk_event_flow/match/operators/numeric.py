"""`numeric`: a comparison, or a range."""

from dataclasses import dataclass
from typing import Any

from cdk_event_flow.match.operators.base import is_number

WORDS = {"<": "less than", "<=": "at most", ">": "greater than", ">=": "at least", "=": "equal to"}


@dataclass(frozen=True, slots=True)
class Numeric:
    """A number within all `terms` (operator, threshold)."""

    terms: tuple[tuple[str, float], ...]

    def matches(self, value: Any) -> bool:
        """Whether `value` is a number within the terms."""
        return is_number(value) and all(_holds(operator, value, threshold) for operator, threshold in self.terms)

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
