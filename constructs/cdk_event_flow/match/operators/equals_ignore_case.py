"""`equals-ignore-case`: a string, in any case."""

from dataclasses import dataclass
from typing import Any

from cdk_event_flow.match.operators import alike
from cdk_event_flow.match.operators.base import read_text, say


@dataclass(frozen=True, slots=True)
class EqualsIgnoreCase:
    """A string equal to `text` but for upper and lower case."""

    text: str

    def matches(self, value: Any) -> bool:
        """Whether `value` is a string and equal so."""
        return isinstance(value, str) and alike.after(self.text, value) == len(value)

    def wanted(self) -> str:
        """In words."""
        return f"{say(self.text)} in any case"


def read(value: Any, path: str) -> EqualsIgnoreCase:
    """A string. Raises PatternError."""
    return EqualsIgnoreCase(read_text(value, "equals-ignore-case", path))
