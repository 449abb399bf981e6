"""A literal: string, number, true, false or null."""

from dataclasses import dataclass
from math import isfinite
from typing import Any

from cdk_event_flow.errors import PatternError
from cdk_event_flow.match.operators.base import comparable, is_number, say
from cdk_event_flow.match.operators.cidr import Address, address


@dataclass(frozen=True, slots=True)
class Exact:
    """Equal in type and value. Numbers compare by value (5, 5.0, 5e0); IP addresses compare as addresses."""

    literal: Any

    def matches(self, value: Any) -> bool:
        """Whether `value` is the literal."""
        literal = self.literal
        if isinstance(literal, str):
            return isinstance(value, str) and (value == literal or _same_address(value, literal))
        if is_number(literal):
            return is_number(value) and comparable(value) == comparable(literal)
        return value is literal

    def wanted(self) -> str:
        """The literal as JSON."""
        return say(self.literal)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Exact) and type(self.literal) is type(other.literal) and self.literal == other.literal

    def __hash__(self) -> int:
        return hash((type(self.literal), self.literal))


def _same_address(one: str, other: str) -> bool:
    address = spelt_many_ways(one)
    return address is not None and address == spelt_many_ways(other)


def spelt_many_ways(text: str) -> Address | None:
    """The address that a text is, if it can be spelt otherwise: IPv4 addresses cannot."""
    return address(text) if ":" in text else None


def read(value: Any, path: str) -> Exact:
    """A JSON scalar. Raises PatternError."""
    if value is not None and not isinstance(value, str | bool | int | float):
        raise PatternError("Match value must be String, number, true, false, or null", path=path)
    if isinstance(value, float) and not isfinite(value):
        raise PatternError(f"Cannot compare number : {value}", path=path, fix="use a number that a double can hold")
    return Exact(value)
