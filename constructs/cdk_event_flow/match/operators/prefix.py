"""`prefix`: how a string starts. `""` means "is a string"."""

from dataclasses import dataclass
from typing import Any

from cdk_event_flow.errors import PatternError
from cdk_event_flow.match.operators import alike
from cdk_event_flow.match.operators.base import read_text, say


@dataclass(frozen=True, slots=True)
class Prefix:
    """A string that starts with `text`."""

    text: str
    ignore_case: bool

    def matches(self, value: Any) -> bool:
        """Whether `value` is a string and starts so."""
        if not isinstance(value, str):
            return False
        return alike.after(self.text, value) >= 0 if self.ignore_case else value.startswith(self.text)

    def wanted(self) -> str:
        """In words."""
        return f"text starting with {say(self.text)}{' in any case' if self.ignore_case else ''}"


def read(value: Any, path: str) -> Prefix:
    """`"text"` or `{"equals-ignore-case": "text"}`. Raises PatternError."""
    text, ignore_case = read_affix(value, "prefix", path)
    return Prefix(text, ignore_case)


def read_affix(value: Any, name: str, path: str) -> tuple[str, bool]:
    """The text, and whether case is ignored; prefix and suffix are written alike. Raises PatternError."""
    if not isinstance(value, dict):
        return read_text(value, name, path), False
    if len(value) != 1:
        raise PatternError("Only one key allowed in match expression", path=path)
    [(inner, text)] = value.items()
    if inner != "equals-ignore-case":
        raise PatternError(f"Unsupported {name} pattern: {inner}", path=path, fix="use a string, or equals-ignore-case")
    return read_text(text, "equals-ignore-case", path), True
