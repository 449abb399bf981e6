"""`wildcard`: `*` stands for any characters, `\\*` for a star and `\\\\` for a backslash."""

from dataclasses import dataclass, field
from typing import Any

from cdk_event_flow.match.operators.base import say


@dataclass(frozen=True, slots=True)
class Wildcard:
    """A string that `text` describes. Matched piece by piece from the left: linear in the value, no backtracking."""

    text: str
    _pieces: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_pieces", pieces(self.text))

    def matches(self, value: Any) -> bool:
        """Whether `value` is a string and fits."""
        if not isinstance(value, str):
            return False
        first, *rest = self._pieces
        if not rest:
            return value == first
        *between, last = rest
        if len(value) < len(first) + len(last) or not value.startswith(first) or not value.endswith(last):
            return False
        at, end = len(first), len(value) - len(last)
        for piece in between:
            found = value.find(piece, at, end)
            if found < 0:
                return False
            at = found + len(piece)
        return True

    def wanted(self) -> str:
        """In words."""
        return f"text like {say(self.text)}"


def pieces(text: str) -> tuple[str, ...]:
    """The literal pieces between the stars, unescaped."""
    found, at = [""], 0
    while at < len(text):
        if text[at] == "\\" and at + 1 < len(text):
            found[-1] += text[at + 1]
            at += 2
        elif text[at] == "*":
            found.append("")
            at += 1
        else:
            found[-1] += text[at]
            at += 1
    return tuple(found)
