"""Why an event matched, or did not: path by path, as sentences."""

from dataclasses import dataclass
from typing import Any, Literal

from cdk_event_flow.match.operators.base import say


@dataclass(frozen=True, slots=True)
class PathVerdict:
    """One path of a pattern. `value` is what the event has there (a list if several), `wanted` what passes, in words."""

    path: str
    outcome: Literal["matched", "rejected", "absent"]
    value: Any
    wanted: str

    def __str__(self) -> str:
        if self.outcome == "absent":
            return f"{self.path} is absent, wanted {self.wanted}"
        joint = "matches" if self.outcome == "matched" else "wanted"
        return f"{self.path} is {say(self.value)}, {joint} {self.wanted}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A whole pattern against an event; the misses come first. True when it matched."""

    matched: bool
    paths: tuple[PathVerdict, ...]

    def __bool__(self) -> bool:
        return self.matched

    def __str__(self) -> str:
        return "\n".join(map(str, self.paths))

    @property
    def misses(self) -> tuple[PathVerdict, ...]:
        """The paths that did not pass."""
        return tuple(path for path in self.paths if path.outcome != "matched")
