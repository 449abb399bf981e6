"""Many rules, one event."""

from collections.abc import Mapping
from typing import Any

from cdk_event_flow.match import jsons
from cdk_event_flow.match.machine import Machine
from cdk_event_flow.match.parser import load, parse


class Router:
    """Answers which of many patterns an event matches; the event is read once.

    Raises PatternError for a pattern that AWS refuses.
    """

    def __init__(self, patterns: Mapping[str, dict[str, Any] | str]) -> None:
        self._names: list[str] = []
        patterns_read = []
        for name, pattern in patterns.items():
            parsed = parse(load(pattern))
            patterns_read.append(parsed)
            self._names += [name] * parsed.count
        self._machine = Machine(patterns_read)

    def route(self, event: dict[str, Any] | str | bytes) -> frozenset[str]:
        """The names of all patterns that match. Raises EventError when the event is not a JSON object."""
        names = self._names
        return frozenset([names[each] for each in self._machine.match(jsons.event(event))])
