"""EventBridge event patterns, and the core that the other filters share."""

from functools import cached_property
from typing import Any

from cdk_event_flow.errors import Problem
from cdk_event_flow.match import jsons
from cdk_event_flow.match.dialects import EVENTBRIDGE, Dialect
from cdk_event_flow.match.machine import Machine
from cdk_event_flow.match.operators.base import Leaf, either
from cdk_event_flow.match.operators.exists import wants_absence
from cdk_event_flow.match.parser import alternatives, load
from cdk_event_flow.match.verdict import PathVerdict, Verdict


class EventPattern:
    """An EventBridge event pattern. Raises PatternError, with AWS's wording, for what AWS refuses."""

    def __init__(self, pattern: dict[str, Any] | str, dialect: Dialect = EVENTBRIDGE) -> None:
        self.pattern = load(pattern, dialect)
        self.alternatives = alternatives(self.pattern, dialect)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What AWS accepts and nobody means."""
        return ()

    def matches(self, event: dict[str, Any] | str | bytes) -> bool:
        """Whether a rule with this pattern would take the event. Raises EventError when it is not a JSON object."""
        return bool(self._machine.match(jsons.event(event)))

    def explain(self, event: dict[str, Any] | str | bytes) -> Verdict:
        """Path by path, why or why not; of several `$or` alternatives, the nearest miss."""
        fields = self._machine.fields(jsons.event(event))
        numbers = {path: at for at, path in enumerate(self._machine.paths)}
        judged: dict[tuple[str, int], PathVerdict] = {}
        nearest: Verdict | None = None
        for number, alternative in enumerate(self.alternatives):
            for path, leaves in alternative.items():
                if (path, id(leaves)) not in judged:
                    judged[path, id(leaves)] = _judge(path, leaves, fields.values.get(numbers[path], []))
            paths = sorted((judged[path, id(leaves)] for path, leaves in alternative.items()), key=_passed)
            verdict = Verdict(self._machine.decide(number, fields), tuple(paths))
            if verdict.matched:
                return verdict
            if nearest is None or len(verdict.misses) < len(nearest.misses):
                nearest = verdict
        assert nearest is not None, "a pattern has at least one alternative"
        return nearest

    @cached_property
    def _machine(self) -> Machine:
        return Machine(self.alternatives)


def _passed(verdict: PathVerdict) -> bool:
    return verdict.outcome == "matched"


def _judge(path: str, leaves: tuple[Leaf, ...], values: list[Any]) -> PathVerdict:
    wanted = either([each.wanted() for each in leaves])
    if not values:
        return PathVerdict(path, "matched" if any(map(wants_absence, leaves)) else "absent", None, wanted)
    matched = any(each.matches(value) for value in values for each in leaves)
    return PathVerdict(path, "matched" if matched else "rejected", values[0] if len(values) == 1 else values, wanted)
