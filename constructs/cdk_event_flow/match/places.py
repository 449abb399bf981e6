"""Whether fields can be chosen that do not stand in different elements of one array.

Paths are walked in alphabetical order, as AWS does, because `exists: false` depends on it: a field counts as absent when
it is nowhere in the elements chosen so far.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from cdk_event_flow.match.fields import Fields, Place
from cdk_event_flow.match.operators.base import Leaf
from cdk_event_flow.match.operators.exists import wants_absence

Step = tuple[int, tuple[Leaf, ...]]
State = frozenset[tuple[int, int]]  # the elements chosen that later paths can still meet


def consistent(steps: Sequence[Step], fields: Fields) -> bool:
    """Whether the paths of one alternative can be met together where they stand in arrays, if each can be met by itself.

    `steps` are its paths, by number, in alphabetical order of their names.
    """
    in_arrays = [step for step in steps if step[0] in fields.places]
    flat = _flat(in_arrays, fields)
    return _walk(in_arrays, fields) if flat is None else flat


def _passing(leaves: tuple[Leaf, ...], values: Iterable[object]) -> list[int]:
    """Which of the values pass."""
    return [number for number, value in enumerate(values) if any(leaf.matches(value) for leaf in leaves)]


def _flat(steps: Sequence[Step], fields: Fields) -> bool | None:
    """The usual case, fast: each path stands in one array that is in no other; None when it is not the case."""
    chosen: dict[int, set[int]] = {}
    for at, leaves in steps:
        places = fields.places[at]
        single = [(array, index) for outer, array, index in filter(None, places) if not outer]
        if len(single) < len(places) or len({array for array, _ in single}) > 1 or any(map(wants_absence, leaves)):
            return None
        array = single[0][0]
        elements = {single[number][1] for number in _passing(leaves, fields.values[at])}
        both = chosen.get(array, elements) & elements
        if not both:
            return False
        chosen[array] = both
    return True


class _Places:
    """Places as a tree: array → index → what stands in that element."""

    __slots__ = ("elements", "here")

    def __init__(self, places: Iterable[Place]) -> None:
        self.here = False
        self.elements: dict[int, dict[int, _Places]] = {}
        for place in places:
            node = self
            for array, index in _outermost_first(place):
                within = node.elements.setdefault(array, {})
                if index not in within:
                    within[index] = _Places(())
                node = within[index]
            node.here = True

    def near(self, chosen: Mapping[int, int]) -> Iterator[list[tuple[int, int]]]:
        """The places that fit what is chosen."""
        todo: list[tuple[_Places, list[tuple[int, int]]]] = [(self, [])]
        while todo:
            node, place = todo.pop()
            if node.here:
                yield place
            for array, within in node.elements.items():
                if array not in chosen:
                    todo.extend((inner, [*place, (array, index)]) for index, inner in within.items())
                elif chosen[array] in within:
                    todo.append((within[chosen[array]], [*place, (array, chosen[array])]))


def _outermost_first(place: Place) -> list[tuple[int, int]]:
    found = []
    while place:
        place, array, index = place
        found.append((array, index))
    return found[::-1]


def _walk(steps: Sequence[Step], fields: Fields) -> bool:
    """Step by step, each choice once; elements that no later path can meet are forgotten."""
    met_later: list[frozenset[int]] = []
    arrays: frozenset[int] = frozenset()
    for at, _ in reversed(steps):
        met_later.append(arrays)
        arrays |= {array for place in fields.places[at] for array, _ in _outermost_first(place)}
    levels = []
    for (at, leaves), still in zip(steps, reversed(met_later), strict=True):
        places = fields.places[at]
        fitting = _Places(places[number] for number in _passing(leaves, fields.values[at]))
        there = _Places(places) if any(map(wants_absence, leaves)) else None
        levels.append((fitting, there, still, set[State]()))
    todo: list[tuple[int, State]] = [(0, frozenset())]
    while todo:
        number, state = todo.pop()
        if number == len(levels):
            return True
        fitting, there, still, seen = levels[number]
        following = set(_following(state, fitting, there, still)) - seen
        seen |= following
        todo += [(number + 1, each) for each in following]
    return False


def _following(state: State, fitting: _Places, there: _Places | None, still: frozenset[int]) -> Iterator[State]:
    chosen = dict(state)
    if there is not None and next(there.near(chosen), None) is None:
        yield frozenset(each for each in state if each[0] in still)
    for place in fitting.near(chosen):
        yield frozenset(each for each in (*state, *place) if each[0] in still)
