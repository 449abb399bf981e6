"""`suffix`: how a string ends. `""` means "is a string"."""

from dataclasses import dataclass
from typing import Any

from cdk_event_flow.match.operators import alike
from cdk_event_flow.match.operators.base import say
from cdk_event_flow.match.operators.prefix import read_affix


@dataclass(frozen=True, slots=True)
class Suffix:
    """A string that ends with `text`."""

    text: str
    ignore_case: bool

    def matches(self, value: Any) -> bool:
        """Whether `value` is a string and ends so."""
        if not isinstance(value, str):
            return False
        return alike.before(self.text, value) >= 0 if self.ignore_case else value.endswith(self.text)

    def wanted(self) -> str:
        """In words."""
        return f"text ending with {say(self.text)}{' in any case' if self.ignore_case else ''}"


def read(value: Any, path: str) -> Suffix:
    """`"text"` or `{"equals-ignore-case": "text"}`. Raises PatternError."""
    text, ignore_case = read_affix(value, "suffix", path)
    return Suffix(text, ignore_case)
