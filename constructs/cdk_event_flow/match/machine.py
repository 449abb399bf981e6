"""Many alternatives against one event, in one pass.

Each path has an index that answers, for a value, the set of alternatives it lets through; sets are the bits of a number.
They are intersected path by path, the most selective first. What is left is exact unless two paths of an alternative stand
in one array, or `exists: false` stands on a path within an array: these few are checked one by one.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cdk_event_flow.errors import EventError, Problem
from cdk_event_flow.match.fields import Fields, gather, tree
from cdk_event_flow.match.index.path import PathIndex
from cdk_event_flow.match.index.slots import bits, union
from cdk_event_flow.match.parser import Columns
from cdk_event_flow.match.places import Step, consistent

REMEMBERED = 1_024  # shapes of events: which of the paths they have


class Machine:
    """Immutable; the sets it makes on the way are only kept for the next event."""

    def __init__(self, patterns: Sequence[Columns]) -> None:
        self._patterns = patterns
        self._firsts: list[int] = []  # the number of each pattern's first alternative
        asking: dict[str, int] = {}
        indexes: dict[str, PathIndex] = {}
        count = 0
        for pattern in patterns:
            self._firsts.append(count)
            shifted: dict[int, int] = {}
            for path, lists in pattern.lists.items():
                if path not in indexes:
                    indexes[path], asking[path] = PathIndex(), 0
                for leaves, local in lists:
                    who = shifted.setdefault(local, local << count)
                    indexes[path].add(leaves, who)
                    asking[path] |= who
            count += pattern.count
        self._all = (1 << count) - 1
        self.paths = sorted(indexes, key=lambda path: -asking[path].bit_count())
        self._root = tree(self.paths)
        self._asking = [asking[path] for path in self.paths]
        self._absent = [union(indexes[path].absent) for path in self.paths]
        self._indexes = [indexes[path] for path in self.paths]
        for index, ask in zip(self._indexes, self._asking, strict=True):
            index.freeze(self._all & ~ask)
        self._numbers = {path: at for at, path in enumerate(self.paths)}
        self._steps: dict[int, tuple[Step, ...]] = {}
        self._missing: dict[int, int] = {}
        self._doubtful: dict[tuple[int, tuple[int, ...]], int] = {}

    def match(self, event: Mapping[str, Any]) -> list[int]:
        """The numbers of the alternatives that match. Raises EventError for keys that are no strings."""
        return self.match_fields(self.fields(event))

    def match_fields(self, fields: Fields) -> list[int]:
        """The numbers of the alternatives that match what an event has."""
        values = fields.values
        shape = 0
        for at in values:
            shape |= 1 << at
        alive = self._missing[shape] if shape in self._missing else self._without(shape)
        listed = fields.listed
        indexes = self._indexes
        for at in sorted(values):
            if not alive:
                return []
            index = indexes[at]
            passing = 0
            for value in values[at]:
                passing |= index.known[value] if value.__class__ is str and value in index.known else index.mask(value)
            if listed >> at & 1:
                passing |= self._absent[at]
            alive &= passing
        if listed and alive:
            alive = self._certain(alive, fields)
        return _numbers(alive)

    def fields(self, event: Mapping[str, Any]) -> Fields:
        """What the event has of the paths. Raises EventError for keys that are no strings."""
        try:
            return gather(self._root, event)
        except TypeError:
            problem = Problem(
                code="EF-EVENT", given="a key is no string", allowed="an event is a JSON object", fix="write keys as strings"
            )
            raise EventError("event", problem) from None

    def decide(self, alternative: int, fields: Fields) -> bool:
        """Whether one alternative matches that each path lets through by itself."""
        steps = self._steps.get(alternative)
        if steps is None:
            pattern = bisect_right(self._firsts, alternative) - 1
            ordered = sorted(self._patterns[pattern].alternative(alternative - self._firsts[pattern]).items())
            steps = self._steps[alternative] = tuple((self._numbers[path], leaves) for path, leaves in ordered)
        return consistent(steps, fields)

    def _without(self, shape: int) -> int:
        """The alternatives that can do without the paths that an event of this shape lacks."""
        alive = self._all
        for at, asking in enumerate(self._asking):
            if not shape >> at & 1:
                alive &= ~asking | self._absent[at]
        if len(self._missing) >= REMEMBERED:
            self._missing.clear()
        self._missing[shape] = alive
        return alive

    def _certain(self, alive: int, fields: Fields) -> int:
        """Check one by one what arrays leave open."""
        key = (fields.listed, tuple(fields.together))
        doubtful = self._doubtful.get(key)
        if doubtful is None:
            doubtful = self._open(fields)
            if len(self._doubtful) >= REMEMBERED:
                self._doubtful.clear()
            self._doubtful[key] = doubtful
        doubtful &= alive
        if not doubtful:
            return alive
        wrong = [each for each in _numbers(doubtful) if not self.decide(each, fields)]
        return alive & ~bits(wrong)

    def _open(self, fields: Fields) -> int:
        doubtful = 0
        for at in _numbers(fields.listed):
            doubtful |= self._absent[at]
        for together in fields.together:
            once = 0
            for at in _numbers(together):
                doubtful |= once & self._asking[at]
                once |= self._asking[at]
        return doubtful


def _numbers(mask: int) -> list[int]:
    return list(_each(mask))


def _each(mask: int) -> Iterator[int]:
    """The bits that are set, the highest first: clearing it shortens the number."""
    while mask:
        bit = mask.bit_length() - 1
        yield bit
        mask ^= 1 << bit
