"""EventBridge event patterns, and the core that the other filters share."""

from typing import Any

from cdk_event_flow.match import fields
from cdk_event_flow.match.fields import Fields, Place, merged
from cdk_event_flow.match.operators.base import Leaf, either
from cdk_event_flow.match.operators.exists import Exists
from cdk_event_flow.match.parser import Alternative, alternatives, load
from cdk_event_flow.match.verdict import PathVerdict, Verdict


class EventPattern:
    """An EventBridge event pattern. Raises PatternError, with AWS's wording, for what AWS refuses."""

    def __init__(self, pattern: dict[str, Any] | str) -> None:
        self.pattern = load(pattern)
        self._alternatives = alternatives(self.pattern)

    def matches(self, event: dict[str, Any] | str) -> bool:
        """Whether a rule with this pattern would take the event. Raises EventError when it is not a JSON object."""
        return any_matches(self._alternatives, fields.flatten(fields.load(event)))

    def explain(self, event: dict[str, Any] | str) -> Verdict:
        """Path by path, why or why not; of several `$or` alternatives, the nearest miss."""
        return explained(self._alternatives, fields.flatten(fields.load(event)))


def any_matches(parsed: list[Alternative], event: Fields) -> bool:
    """Whether one alternative matches the flattened event."""
    return any(_search(sorted(alternative.items()), 0, {}, event) for alternative in parsed)


def _search(paths: list[tuple[str, tuple[Leaf, ...]]], at: int, place: Place, event: Fields) -> bool:
    """Walk the paths in alphabetical order, as AWS does; chosen fields may not stand in different elements of an array."""
    if at == len(paths):
        return True
    path, leaves = paths[at]
    near = [(value, both) for value, where in event.get(path, ()) if (both := merged(place, where)) is not None]
    wants_absence = any(isinstance(each, Exists) and not each.there for each in leaves)
    if wants_absence and not near and _search(paths, at + 1, place, event):
        return True
    return any(any(each.matches(value) for each in leaves) and _search(paths, at + 1, both, event) for value, both in near)


def explained(parsed: list[Alternative], event: Fields) -> Verdict:
    """The verdict of the alternative that matches, or of the one that misses by the fewest paths."""
    verdicts = (_verdict(alternative, event) for alternative in parsed)
    return min(verdicts, key=lambda verdict: (not verdict.matched, len(verdict.misses)))


def _verdict(alternative: Alternative, event: Fields) -> Verdict:
    judged = [_judge(path, leaves, event) for path, leaves in alternative.items()]
    judged.sort(key=lambda each: each.outcome == "matched")
    return Verdict(any_matches([alternative], event), tuple(judged))


def _judge(path: str, leaves: tuple[Leaf, ...], event: Fields) -> PathVerdict:
    wanted = either([each.wanted() for each in leaves])
    values = [value for value, _ in event.get(path, ())]
    if not values:
        absent_is_fine = any(isinstance(each, Exists) and not each.there for each in leaves)
        return PathVerdict(path, "matched" if absent_is_fine else "absent", None, wanted)
    matched = any(each.matches(value) for value in values for each in leaves)
    return PathVerdict(path, "matched" if matched else "rejected", values[0] if len(values) == 1 else values, wanted)
