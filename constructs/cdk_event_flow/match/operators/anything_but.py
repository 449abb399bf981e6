"""`anything-but`: every value that is there, but for these."""

from dataclasses import dataclass
from typing import Any

from cdk_event_flow.match.operators.base import Leaf, either


@dataclass(frozen=True, slots=True)
class AnythingBut:
    """Passes what none of `excluded` matches. Strict about types: "5" passes `anything-but: [5]`; null passes."""

    excluded: tuple[Leaf, ...]

    def matches(self, value: Any) -> bool:
        """Whether none of the excluded matches."""
        return not any(leaf.matches(value) for leaf in self.excluded)

    def wanted(self) -> str:
        """In words."""
        return f"anything but {either([leaf.wanted() for leaf in self.excluded])}"
