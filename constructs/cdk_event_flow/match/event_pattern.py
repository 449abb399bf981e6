"""EventBridge event patterns, and the core that the other filters share."""

from functools import cached_property
from typing import Any

from cdk_event_flow.errors import Problem
from cdk_event_flow.match import advice, jsons
from cdk_event_flow.match.analysis import compare
from cdk_event_flow.match.analysis.values import Unknown
from cdk_event_flow.match.dialects import EVENTBRIDGE, Dialect
from cdk_event_flow.match.machine import Machine
from cdk_event_flow.match.operators.base import Leaf, either
from cdk_event_flow.match.operators.exists import wants_absence
from cdk_event_flow.match.parser import Alternative, load, parse
from cdk_event_flow.match.verdict import PathVerdict, Verdict


class EventPattern:
    """An EventBridge event pattern. Raises PatternError, with AWS's wording, for what AWS refuses."""

    def __init__(self, pattern: dict[str, Any] | str, dialect: Dialect = EVENTBRIDGE) -> None:
        self.pattern = load(pattern, dialect)
        self._dialect = dialect
        self.columns = parse(self.pattern, dialect)
        self._machine = Machine([self.columns])

    @cached_property
    def warnings(self) -> tuple[Problem, ...]:
        """What AWS accepts and nobody means: lists that are always true, values that another covers, risky wildcards."""
        return advice.warnings(self.pattern, self.alternatives, self._dialect)

    def matches(self, event: dict[str, Any] | str | bytes) -> bool:
        """Whether a rule with this pattern would take the event. Raises EventError when it is not a JSON object."""
        return bool(self._machine.match(jsons.event(event)))

    def explain(self, event: dict[str, Any] | str | bytes) -> Verdict:
        """Path by path, why or why not; of several `$or` alternatives, the nearest miss."""
        fields = self._machine.fields(jsons.event(event))
        numbers = {path: at for at, path in enumerate(self._machine.paths)}
        judged = {
            (path, who): _judge(path, leaves, fields.values.get(numbers[path], []))
            for path, lists in self.columns.lists.items()
            for leaves, who in lists
        }
        matching = self._machine.match_fields(fields)
        wrong = [who for (_, who), verdict in judged.items() if not _passed(verdict)]
        nearest = min(matching or range(self.columns.count), key=lambda number: (sum(who >> number & 1 for who in wrong), number))
        paths = [verdict for (_, who), verdict in judged.items() if who >> nearest & 1]
        return Verdict(bool(matching), tuple(sorted(paths, key=_passed)))

    @cached_property
    def alternatives(self) -> list[Alternative]:
        """The branches of `$or` multiplied out, each path → leaves of which one must match; without `$or` there is one."""
        return self.columns.alternatives()

    def witness(self) -> dict[str, Any] | Unknown | None:
        """An event that matches, the shortest texts in it; None when no event can."""
        return compare.witness(self)

    def overlap(self, other: "EventPattern") -> dict[str, Any] | Unknown | None:
        """An event that matches both; None when there is none. Ask `is None`: a witness may be an empty event.

        Disjoint fields that may be arrays are UNKNOWN: one element could meet the one, another the other. The fields of
        the envelope (source, detail-type, account, region, time, id, version) are no arrays.
        """
        return compare.overlap(self, other)

    def covers(self, other: "EventPattern") -> dict[str, Any] | Unknown | None:
        """The counterexample: an event that matches `other` and not this; None when this covers the other."""
        return compare.uncovered(self, other)

    @cached_property
    def sides(self) -> list[compare.Side]:
        """What comparing asks of each alternative."""
        return [compare.Side(alternative) for alternative in self.alternatives]


def _passed(verdict: PathVerdict) -> bool:
    return verdict.outcome == "matched"


def _judge(path: str, leaves: tuple[Leaf, ...], values: list[Any]) -> PathVerdict:
    wanted = either([each.wanted() for each in leaves])
    if not values:
        return PathVerdict(path, "matched" if any(map(wants_absence, leaves)) else "absent", None, wanted, there=False)
    matched = any(each.matches(value) for value in values for each in leaves)
    return PathVerdict(path, "matched" if matched else "rejected", values[0] if len(values) == 1 else values, wanted)
