"""Operators on strings: prefix, suffix, equals-ignore-case."""

from dataclasses import dataclass
from typing import Any

from cdk_event_flow.match.operators.base import say


def _alike(pattern: str, text: str) -> bool:
    """Character by character over the lower and upper form of the pattern's character; not a casefold."""
    at = 0
    for character in pattern:
        for form in {character, character.lower(), character.upper()}:
            if text.startswith(form, at):
                at += len(form)
                break
        else:
            return False
    return at == len(text)


@dataclass(frozen=True, slots=True)
class Prefix:
    """A string that starts with `text`."""

    text: str
    ignore_case: bool = False

    def matches(self, value: Any) -> bool:
        """Whether `value` is a string and starts so."""
        if not isinstance(value, str):
            return False
        return _alike(self.text, value[: len(self.text)]) if self.ignore_case else value.startswith(self.text)

    def wanted(self) -> str:
        """In words."""
        return f"text starting with {say(self.text)}{' in any case' if self.ignore_case else ''}"


@dataclass(frozen=True, slots=True)
class Suffix:
    """A string that ends with `text`."""

    text: str
    ignore_case: bool = False

    def matches(self, value: Any) -> bool:
        """Whether `value` is a string and ends so."""
        if not isinstance(value, str):
            return False
        if not self.ignore_case:
            return value.endswith(self.text)
        return len(value) >= len(self.text) and _alike(self.text, value[len(value) - len(self.text) :])

    def wanted(self) -> str:
        """In words."""
        return f"text ending with {say(self.text)}{' in any case' if self.ignore_case else ''}"


@dataclass(frozen=True, slots=True)
class EqualsIgnoreCase:
    """A string equal to `text` but for upper and lower case."""

    text: str

    def matches(self, value: Any) -> bool:
        """Whether `value` is a string and equal so."""
        return isinstance(value, str) and _alike(self.text, value)

    def wanted(self) -> str:
        """In words."""
        return f"{say(self.text)} in any case"
