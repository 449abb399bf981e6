"""Two patterns, alternative by alternative and path by path.

Taken by itself, each field is a scalar or not there, and paths do not depend on each other: so two alternatives overlap
when on each path one value passes both. Arrays break this, for each list may be met by another element; of the envelope's
fields alone it is known that they are no arrays.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cdk_event_flow.match.analysis.values import ABSENT, NOTHING, Leaves, Unknown, find
from cdk_event_flow.match.operators.exact import Exact
from cdk_event_flow.match.operators.exists import Exists, wants_absence
from cdk_event_flow.match.parser import Alternative

if TYPE_CHECKING:
    from cdk_event_flow.match.event_pattern import EventPattern

Event = dict[str, Any]
Box = dict[str, tuple[tuple[Leaves, ...], Leaves]]  # path → all of these, none of those

# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
ENVELOPE = frozenset({"version", "id", "detail-type", "source", "account", "time", "region"})
MOST_PAIRS = 10_000
MOST_BOXES = 500


class Side:
    """One alternative, with what is asked of it again and again."""

    def __init__(self, alternative: Alternative) -> None:
        self.alternative = alternative
        self.values = {path: find((leaves,)) for path, leaves in alternative.items()}
        self.literals = {path: texts for path, leaves in alternative.items() if (texts := _texts(leaves))}
        self.envelope = ENVELOPE.intersection(alternative)
        self.others = alternative.keys() - ENVELOPE

    def both(self, other: "Side", path: str) -> Any:
        """A value of the path that passes both."""
        if path in self.literals and path in other.literals:
            return min(self.literals[path] & other.literals[path], default=NOTHING)
        return find((self.alternative[path], other.alternative[path]))


def _texts(leaves: Leaves) -> frozenset[str]:
    """The strings of a list of nothing else, if none is an address, which can be written in several ways."""
    literals = [leaf.literal for leaf in leaves if isinstance(leaf, Exact)]
    if len(literals) == len(leaves) and all(isinstance(each, str) and ":" not in each for each in literals):
        return frozenset(literals)
    return frozenset()


def witness(pattern: "EventPattern") -> Event | Unknown | None:
    """An event that matches; None when none can."""
    unknown: Unknown | None = None
    for side in pattern.sides:
        found = _event(side.values)
        if isinstance(found, Unknown):
            unknown = found
        elif found is not None and pattern.matches(found):
            return found
    return unknown


def overlap(one: "EventPattern", other: "EventPattern") -> Event | Unknown | None:
    """An event that matches both; None when none can."""
    if len(one.alternatives) * len(other.alternatives) > MOST_PAIRS:
        return Unknown(f"there are more than {MOST_PAIRS:,} pairs of alternatives")
    unknown: Unknown | None = None
    for mine in one.sides:
        for theirs in other.sides:
            found = _both(mine, theirs)
            if isinstance(found, Unknown):
                unknown = unknown or found
            elif found is not None:
                if one.matches(found) and other.matches(found):
                    return found
                unknown = unknown or Unknown("the fields cannot stand in one event without arrays")
    return unknown


def _both(mine: Side, theirs: Side) -> Event | Unknown | None:
    values = mine.values | theirs.values
    for path in mine.envelope & theirs.envelope:
        values[path] = mine.both(theirs, path)
        if values[path] is NOTHING:
            return None
    for path in mine.others & theirs.others:
        values[path] = mine.both(theirs, path)
        if values[path] is NOTHING:
            return Unknown(f"disjoint for scalar fields: no value of {path} passes both, but an array could hold one for each")
    return _event(values)


def uncovered(cover: "EventPattern", covered: "EventPattern") -> Event | Unknown | None:
    """An event that matches `covered` and not `cover`; None when there is none."""
    unknown: Unknown | None = None
    for alternative in covered.alternatives:
        if any(covers_whatever(each, alternative) for each in cover.alternatives):
            continue
        boxes: list[Box] | None = [{path: ((leaves,), ()) for path, leaves in alternative.items()}]
        for each in cover.alternatives:
            boxes = _cut(boxes, each) if boxes is not None else None
        if boxes is None:
            unknown = Unknown("too many cases to decide")
            continue
        for box in boxes:
            found = _event({path: find(*lists) for path, lists in box.items()})
            if isinstance(found, Unknown):
                unknown = found
            elif found is not None and covered.matches(found) and not cover.matches(found):
                return found
        paths = {path for each in (alternative, *cover.alternatives) for path in each}
        if not paths <= ENVELOPE and unknown is None:
            unknown = Unknown("covered for scalar fields; what arrays do is not known")
    return unknown


def covers_whatever(cover: Alternative, covered: Alternative) -> bool:
    """Whether it does for all events, arrays and all: what is chosen for the one is a choice for the other."""
    if cover == covered:
        return True
    if not cover.keys() <= covered.keys() or any(
        wants_absence(leaf) for each in (cover, covered) for ls in each.values() for leaf in ls
    ):
        return False
    return all(find((covered[path],), leaves) is NOTHING for path, leaves in cover.items())


def _cut(boxes: list[Box], hole: Alternative) -> list[Box] | None:
    """What is left of the boxes without the alternative: for each of its paths, what passes the paths before and not this one."""
    left: list[Box] = []
    for box in boxes:
        if any(_within(box, path, leaves) is NOTHING for path, leaves in hole.items()):
            left.append(box)
            continue
        inside = dict(box)
        for path, leaves in hole.items():
            all_of, none_of = inside.get(path, ((), ()))
            outside = (all_of, (*none_of, *leaves))
            if find(*outside) is not NOTHING:
                left.append({**inside, path: outside})
            inside[path] = ((*all_of, leaves), none_of)
        if len(left) > MOST_BOXES:
            return None
    return left


def _within(box: Box, path: str, leaves: Leaves) -> Any:
    all_of, none_of = box.get(path, ((), ()))
    return find((*all_of, leaves), none_of)


def _event(values: Mapping[str, Any]) -> Event | Unknown | None:
    """The event of these fields. A key with dots stands where the way is taken by a scalar."""
    event: Event = {}
    for path, value in sorted(values.items(), key=lambda each: len(each[0])):
        if value is NOTHING:
            return None
        if isinstance(value, Unknown):
            return value
        if value is not ABSENT:
            level, rest = _way(event, path.split("."))
            level[rest] = value
    return event


def _way(event: Event, parts: list[str]) -> tuple[Event, str]:
    level = event
    for at, part in enumerate(parts[:-1]):
        inner = level.setdefault(part, {})
        if not isinstance(inner, dict):
            return level, ".".join(parts[at:])
        level = inner
    return level, parts[-1]


def redundant(leaves: Leaves) -> Iterator[tuple[int, int]]:
    """Pairs of places in a list: the first passes nothing that the second does not pass."""
    for at, leaf in enumerate(leaves):
        for other, wider in enumerate(leaves):
            if (leaf != wider or other < at) and find(((leaf,),), (wider,)) is NOTHING:
                yield at, other
                break


def always_true(leaves: Leaves) -> bool:
    """Whether every value that is there passes the list."""
    return find(((Exists(True),),), leaves) is NOTHING
