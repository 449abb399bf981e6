"""Many rules, one event."""

from collections.abc import Mapping
from typing import Any

from cdk_event_flow.match import fields
from cdk_event_flow.match.parser import alternatives, load
from cdk_event_flow.match.pattern import any_matches


class Router:
    """Answers which of many patterns an event matches; the event is read once."""

    def __init__(self, patterns: Mapping[str, dict[str, Any] | str]) -> None:
        self._rules = {name: alternatives(load(pattern)) for name, pattern in patterns.items()}

    def route(self, event: dict[str, Any] | str | bytes) -> frozenset[str]:
        """The names of all patterns that match."""
        flat = fields.flatten(fields.load(event))
        return frozenset(name for name, parsed in self._rules.items() if any_matches(parsed, flat))
