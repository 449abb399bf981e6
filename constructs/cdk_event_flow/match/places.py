"""Whether fields can be chosen that do not stand in different elements of one array.

Paths are walked in alphabetical order, as AWS does, because `exists: false` depends on it: a field counts as absent when
it is nowhere in the elements chosen so far.
"""

from collections.abc import Iterable, Iterator, Sequence

from cdk_event_flow.match.fields import Picked, Place
from cdk_event_flow.match.operators.base import Leaf
from cdk_event_flow.match.operators.exists import wants_absence

Step = tuple[str, tuple[Leaf, ...]]
State = frozenset[tuple[int, int]]  # the elements chosen that later paths can still meet


class _Places:
    """Places as a tree: array → index → what stands in that element."""

    __slots__ = ("elements", "here")

    def __init__(self, places: Iterable[Place]) -> None:
        self.here = False
        self.elements: dict[int, dict[int, _Places]] = {}
        for place in places:
            node = self
            for array, index in place.items():
                within = node.elements.setdefault(array, {})
                if index not in within:
                    within[index] = _Places(())
                node = within[index]
            node.here = True

    def near(self, chosen: Place) -> Iterator[Place]:
        """The places that fit what is chosen."""
        todo: list[tuple[_Places, dict[int, int]]] = [(self, {})]
        while todo:
            node, place = todo.pop()
            if node.here:
                yield place
            for array, within in node.elements.items():
                if array not in chosen:
                    todo.extend((inner, {**place, array: index}) for index, inner in within.items())
                elif chosen[array] in within:
                    todo.append((within[chosen[array]], {**place, array: chosen[array]}))


def consistent(steps: Sequence[Step], picked: Picked) -> bool:
    """Whether one alternative matches; `steps` are its paths in alphabetical order."""
    in_arrays: list[Step] = []
    for step in steps:
        path, leaves = step
        there = picked.get(path)
        if there and any(place for _, place in there):
            in_arrays.append(step)
        elif there:
            if not any(leaf.matches(value) for value, _ in there for leaf in leaves):
                return False
        elif not any(map(wants_absence, leaves)):
            return False
    met_later: list[frozenset[int]] = []
    arrays: frozenset[int] = frozenset()
    for path, _ in reversed(in_arrays):
        met_later.append(arrays)
        arrays = arrays.union(*(place.keys() for _, place in picked[path]))
    states: set[State] = {frozenset()}
    for (path, leaves), still in zip(in_arrays, reversed(met_later), strict=True):
        states = _advance(states, leaves, picked[path], still)
        if not states:
            return False
    return True


def _advance(states: set[State], leaves: tuple[Leaf, ...], there: list[tuple[object, Place]], still: frozenset[int]) -> set[State]:
    fitting = _Places(place for value, place in there if any(leaf.matches(value) for leaf in leaves))
    any_value = _Places(place for _, place in there) if any(map(wants_absence, leaves)) else None
    found: set[State] = set()
    for state in states:
        chosen = dict(state)
        if any_value is not None and next(any_value.near(chosen), None) is None:
            found.add(frozenset(each for each in state if each[0] in still))
        for place in fitting.near(chosen):
            found.add(frozenset(each for each in (chosen | dict(place)).items() if each[0] in still))
    return found
