"""Which events match: EventBridge patterns, SNS filter policies, Lambda event filters. Standard library only."""

from cdk_event_flow.errors import EventError, PatternError
from cdk_event_flow.match.analysis.values import UNKNOWN, Unknown
from cdk_event_flow.match.builder import (
    Choice,
    above,
    absent,
    at_least,
    at_most,
    below,
    between,
    ends_with,
    in_any_case,
    in_network,
    like,
    none_of,
    not_ending_with,
    not_like,
    not_starting_with,
    one_of,
    pattern,
    present,
    starts_with,
)
from cdk_event_flow.match.criteria import FilterCriteria, PipeFilters
from cdk_event_flow.match.event_pattern import EventPattern
from cdk_event_flow.match.policy import FilterPolicy
from cdk_event_flow.match.router import Router
from cdk_event_flow.match.subscriber import SubscriberFilters
from cdk_event_flow.match.verdict import PathVerdict, Verdict

__all__ = [
    "UNKNOWN",
    "Choice",
    "EventError",
    "EventPattern",
    "FilterCriteria",
    "FilterPolicy",
    "PathVerdict",
    "PatternError",
    "PipeFilters",
    "Router",
    "SubscriberFilters",
    "Unknown",
    "Verdict",
    "above",
    "absent",
    "at_least",
    "at_most",
    "below",
    "between",
    "ends_with",
    "in_any_case",
    "in_network",
    "like",
    "none_of",
    "not_ending_with",
    "not_like",
    "not_starting_with",
    "one_of",
    "pattern",
    "present",
    "starts_with",
]
