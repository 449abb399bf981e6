"""Filters of an event bus's subscriber (AWS::EventsV2::Subscriber): each reads one scope of the event, and all must match."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

from cdk_event_flow.errors import PatternError, Problem
from cdk_event_flow.match.dialects import SUBSCRIBER
from cdk_event_flow.match.event_pattern import EventPattern
from cdk_event_flow.match.verdict import Verdict

SubscriberScope = Literal["DATA", "METADATA", "SYSTEM_METADATA"]

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-eventsv2-subscriber-filterconfiguration.html
MAX_FILTERS = 50


class SubscriberFilters:
    """1 to 50 pairs of scope and pattern. Raises PatternError for what AWS refuses; `path` starts with the filter's number."""

    def __init__(self, filters: Sequence[tuple[SubscriberScope, dict[str, Any] | str]]) -> None:
        if not 1 <= len(filters) <= MAX_FILTERS:
            fix = f"give 1 to {MAX_FILTERS}, or leave the filter configuration out"
            raise PatternError(f"There are {len(filters)} filters", fix=fix)
        for at, (scope, _) in enumerate(filters):
            if scope not in get_args(SubscriberScope):
                fix = f"use one of {', '.join(get_args(SubscriberScope))}"
                raise PatternError(f"The scope {scope} is unknown", path=f"filters[{at}]", fix=fix)
        self.filters = tuple((scope, EventPattern(pattern, SUBSCRIBER)) for scope, pattern in filters)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What AWS accepts and nobody means."""
        return tuple(warning for _, pattern in self.filters for warning in pattern.warnings)

    def matches(
        self, data: dict[str, Any] | str, metadata: Mapping[str, Any] | None = None, system: Mapping[str, Any] | None = None
    ) -> bool:
        """Whether the subscriber would get the event."""
        return self.explain(data, metadata, system).matched

    def explain(
        self, data: dict[str, Any] | str, metadata: Mapping[str, Any] | None = None, system: Mapping[str, Any] | None = None
    ) -> Verdict:
        """The paths of all filters, each after its scope; the misses first."""
        seen = {"DATA": data, "METADATA": dict(metadata or {}), "SYSTEM_METADATA": dict(system or {})}
        verdicts = [(scope, pattern.explain(seen[scope])) for scope, pattern in self.filters]
        paths = [each.within(scope) for scope, verdict in verdicts for each in verdict.paths]
        paths.sort(key=lambda each: each.outcome == "matched")
        return Verdict(all(verdict.matched for _, verdict in verdicts), tuple(paths))
