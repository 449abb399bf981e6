"""`exists`: whether the field is there. Only leaves exist: null does, `{}`, `[]` and objects do not."""

from dataclasses import dataclass
from typing import Any


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
