"""Which events match: EventBridge patterns, SNS filter policies, Lambda event filters. Standard library only."""

from cdk_event_flow.errors import EventError, PatternError
from cdk_event_flow.match.criteria import FilterCriteria, PipeFilters
from cdk_event_flow.match.pattern import EventPattern
from cdk_event_flow.match.policy import FilterPolicy
from cdk_event_flow.match.router import Router
from cdk_event_flow.match.subscriber import SubscriberFilters
from cdk_event_flow.match.verdict import PathVerdict, Verdict

__all__ = [
    "EventError",
    "EventPattern",
    "FilterCriteria",
    "FilterPolicy",
    "PathVerdict",
    "PatternError",
    "PipeFilters",
    "Router",
    "SubscriberFilters",
    "Verdict",
]
