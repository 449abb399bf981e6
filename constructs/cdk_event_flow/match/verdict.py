"""Why an event matched, or did not: path by path, as sentences."""

from dataclasses import dataclass, replace
from typing import Any, Literal

from cdk_event_flow.match.operators.base import say


@dataclass(frozen=True, slots=True)
class PathVerdict:
    """One path of a pattern. `value` is what the event has there (a list if several), `wanted` what passes, in words.

    `there` says whether the event has it at all: where it does not, `value` is None.
    """

    path: str
    outcome: Literal["matched", "rejected", "absent"]
    value: Any
    wanted: str
    there: bool = True

    def __str__(self) -> str:
        joint = "matches" if self.outcome == "matched" else "wanted"
        return f"{self.path} is {say(self.value) if self.there else 'absent'}, {joint} {self.wanted}"

    def within(self, scope: str) -> "PathVerdict":
        """The same, of a part of the event that has a name."""
        return replace(self, path=f"{scope} {self.path}")


@dataclass(frozen=True, slots=True)
class Verdict:
    """A whole pattern against an event; the misses come first. True when it matched.

    `notes` say what the paths cannot: that a body is no JSON, or that AWS's documents leave the answer open.
    """

    matched: bool
    paths: tuple[PathVerdict, ...]
    notes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.matched

    def __str__(self) -> str:
        return "\n".join([*map(str, self.paths), *self.notes])

    @property
    def misses(self) -> tuple[PathVerdict, ...]:
        """The paths that did not pass."""
        return tuple(path for path in self.paths if path.outcome != "matched")
