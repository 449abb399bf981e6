"""A literal: string, number, true, false or null."""

import ipaddress
from dataclasses import dataclass
from typing import Any

from cdk_event_flow.match.operators.base import is_number, say


@dataclass(frozen=True, slots=True)
class Exact:
    """Equal in type and value. Numbers compare by value (5, 5.0, 5e0); IP addresses compare as addresses."""

    literal: Any

    def matches(self, value: Any) -> bool:
        """Whether `value` is the literal."""
        if is_number(self.literal):
            return is_number(value) and value == self.literal
        if isinstance(self.literal, str):
            return isinstance(value, str) and (value == self.literal or _same_address(value, self.literal))
        return value is self.literal

    def wanted(self) -> str:
        """The literal as JSON."""
        return say(self.literal)


def _same_address(one: str, other: str) -> bool:
    if ":" not in one or ":" not in other:
        return False
    try:
        return ipaddress.ip_address(one) == ipaddress.ip_address(other)
    except ValueError:
        return False
