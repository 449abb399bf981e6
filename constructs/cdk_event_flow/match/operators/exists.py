"""`exists`: whether the field is there. Only leaves exist: null does, `{}`, `[]` and objects do not."""

from dataclasses import dataclass
from typing import Any

from cdk_event_flow.errors import PatternError


@dataclass(frozen=True, slots=True)
class Exists:
    """`there=True`: any value passes. `there=False` is decided on the whole event: no value passes."""

    there: bool

    def matches(self, value: Any) -> bool:  # noqa: ARG002
        """Any value at all, or none."""
        return self.there

    def wanted(self) -> str:
        """In words."""
        return "it to be present" if self.there else "it to be absent"


def wants_absence(leaf: object) -> bool:
    """Whether the leaf passes a field that is not there."""
    return isinstance(leaf, Exists) and not leaf.there


def read(value: Any, path: str) -> Exists:
    """`true` or `false`. Raises PatternError."""
    if not isinstance(value, bool):
        raise PatternError("exists match pattern must be either true or false.", path=path)
    return Exists(value)
