"""EF1xx: routes that nothing ever takes."""

from collections.abc import Iterator

from cdk_event_flow.flow.findings.kinds import Found, finds
from cdk_event_flow.flow.graph import Flow
from cdk_event_flow.flow.model import Rule, Subscription
from cdk_event_flow.match import EventPattern, FilterPolicy, PatternError

PATTERNS = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html"
SNS_FILTERS = "https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html"
SNS_SCOPE = "https://docs.aws.amazon.com/sns/latest/dg/sns-message-filtering-scope.html"


@finds("EF101", "error", "Pattern is refused", why="The deployment would fail", docs=PATTERNS)
def refused_patterns(flow: Flow) -> Iterator[Found]:
    """Rules whose pattern EventBridge does not take."""
    for rule in flow.of(Rule):
        if rule.pattern is not None:
            try:
                EventPattern(rule.pattern)
            except PatternError as refused:
                yield Found(rule, f"The pattern is refused: {refused.reason}.", refused.problems[0].fix)


@finds("EF102", "error", "Filter policy is refused", why="The deployment would fail", docs=SNS_FILTERS)
def refused_filter_policies(flow: Flow) -> Iterator[Found]:
    """Subscriptions whose filter policy SNS does not take."""
    for subscription in flow.of(Subscription):
        if subscription.filter_policy:
            try:
                FilterPolicy(subscription.filter_policy, subscription.filter_scope)
            except PatternError as refused:
                yield Found(subscription, f"The filter policy is refused: {refused.reason}.", refused.problems[0].fix)


@finds(
    "EF103",
    "error",
    "Attribute filter behind a bus",
    why="EventBridge publishes without message attributes: nothing ever passes",
    docs=SNS_SCOPE,
)
def attribute_filters_behind_a_bus(flow: Flow) -> Iterator[Found]:
    """Subscriptions that look at attributes, of topics that only rules publish to."""
    behind_bus = {target.arn for rule in flow.of(Rule) for target in rule.targets}
    for subscription in flow.of(Subscription):
        attributes = subscription.filter_policy and subscription.filter_scope == "MessageAttributes"
        if attributes and subscription.topic_arn in behind_bus:
            yield Found(
                subscription,
                "The filter reads message attributes, and the topic is fed by an EventBridge rule.",
                "Set the filter policy scope to MessageBody.",
            )
