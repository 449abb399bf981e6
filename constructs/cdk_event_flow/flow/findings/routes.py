"""EF1xx: routes that nothing ever takes."""

import json
from collections.abc import Iterator, Mapping

from cdk_event_flow.flow.findings.kinds import Found, finds
from cdk_event_flow.flow.graph import Flow
from cdk_event_flow.flow.model import JSON, EventSourceMapping, Rule, Subscription, Target, Topic
from cdk_event_flow.flow.payload import sns_envelope
from cdk_event_flow.flow.publishers import publishers
from cdk_event_flow.match import EventPattern, FilterCriteria, FilterPolicy, PatternError

PATTERNS = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html"
SNS_FILTERS = "https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html"
SNS_RAW = "https://docs.aws.amazon.com/sns/latest/dg/sns-large-payload-raw-message-delivery.html"
TARGETS = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html"
LAMBDA_FILTERS = "https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html"
LAMBDA_SQS_FILTERS = "https://docs.aws.amazon.com/lambda/latest/dg/with-sqs-filtering.html"
LAMBDA_DYNAMODB_FILTERS = "https://docs.aws.amazon.com/lambda/latest/dg/with-ddb-filtering.html"
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


@finds("EF104", "error", "Mapping filter is refused", why="The deployment would fail", docs=LAMBDA_FILTERS)
def refused_filter_criteria(flow: Flow) -> Iterator[Found]:
    """Event source mappings whose filters Lambda does not take."""
    for mapping in flow.of(EventSourceMapping):
        try:
            FilterCriteria(list(mapping.filters))
        except PatternError as refused:
            yield Found(mapping, f"A filter is refused: {refused.reason}.", refused.problems[0].fix)


@finds(
    "EF105",
    "error",
    "Mapping filter looks past the SNS envelope",
    why="Without raw delivery a message is a string inside an envelope: nothing ever passes, and Lambda deletes what does not pass",
    docs=SNS_RAW,
)
def filters_past_the_envelope(flow: Flow) -> Iterator[Found]:
    """Filters on fields of the message, behind subscriptions without raw delivery only."""
    for mapping in flow.of(EventSourceMapping):
        feeders = [each for each in flow.of(Subscription) if each.endpoint == mapping.source_arn]
        if not feeders or any(each.raw for each in feeders) or _fed_by_rules(flow, mapping.source_arn):
            continue
        asked = [_past_the_envelope(pattern) for pattern in mapping.filters]
        if asked and all(asked):
            yield Found(
                mapping,
                f"The filter asks for body.{asked[0]}, and the queue receives SNS envelopes.",
                "Turn raw message delivery on for the subscription.",
            )


@finds(
    "EF106",
    "error",
    "SQS mapping filter on something else than the body",
    why="Lambda filters SQS messages by their body alone",
    docs=LAMBDA_SQS_FILTERS,
)
def filters_besides_the_body(flow: Flow) -> Iterator[Found]:
    """Filters on `messageAttributes` and the like."""
    for mapping in flow.of(EventSourceMapping):
        keys = {key for pattern in mapping.filters for key in pattern} - {"body", "$or"}
        if keys and ":sqs:" in mapping.source_arn:
            yield Found(mapping, f"The filter asks for {', '.join(sorted(keys))}.", "Filter on body, or filter at the subscription.")


@finds("EF107", "warning", "Rule without targets", why="What matches goes nowhere", docs=TARGETS)
def rules_without_targets(flow: Flow) -> Iterator[Found]:
    """Rules that match and do nothing."""
    for rule in flow.of(Rule):
        if not rule.targets:
            yield Found(rule, "The rule has no targets.", "Give the rule a target, or remove it.")


@finds("EF108", "warning", "Topic without subscriptions", why="What is published is dropped", docs=SNS_FILTERS)
def topics_without_subscriptions(flow: Flow) -> Iterator[Found]:
    """Topics of this template that something of it publishes to, and nothing subscribes to."""
    subscribed = {subscription.topic_arn for subscription in flow.of(Subscription)}
    fed = {target.arn for rule in flow.of(Rule) for target in rule.targets}
    for topic in flow.of(Topic):
        if topic.arn in fed and topic.arn not in subscribed:
            yield Found(topic, "A rule sends events to the topic, and it has no subscriptions.", "Subscribe a consumer.")


@finds(
    "EF109",
    "error",
    "Numeric filter on a DynamoDB number",
    why="DynamoDB's numbers are strings in stream records: a numeric comparison never holds",
    docs=LAMBDA_DYNAMODB_FILTERS,
)
def numeric_on_typed_numbers(flow: Flow) -> Iterator[Found]:
    """Filters such as `{"N": [{"numeric": [">", 5]}]}` on a table's stream."""
    for mapping in flow.of(EventSourceMapping):
        if ":dynamodb:" in mapping.source_arn and any(_numeric_under_n(pattern) for pattern in mapping.filters):
            yield Found(mapping, "The filter compares a DynamoDB number as a number.", "Compare with exact strings or prefixes.")


@finds(
    "EF110",
    "error",
    "Subscription that no rule feeds",
    why="Of the events that reach the topic none has what the filter wants",
    docs=SNS_FILTERS,
)
def subscriptions_that_no_rule_feeds(flow: Flow) -> Iterator[Found]:
    """Body filters on source or detail-type that contradict every rule which publishes to the topic, where only rules do."""
    published = {receiver.arn for _, receiver, _ in publishers(flow)}
    for subscription in flow.of(Subscription):
        policy = subscription.filter_policy
        rules = [rule for rule in flow.of(Rule) if any(target.arn == subscription.topic_arn for target in rule.targets)]
        if not policy or subscription.filter_scope != "MessageBody" or not rules or subscription.topic_arn in published:
            continue
        if any(target.arn == subscription.topic_arn and _reshapes(target) for rule in rules for target in rule.targets):
            continue
        for key in ("source", "detail-type", "account", "region"):
            if key in policy and not any(_may_pass(policy, rule.pattern, key) for rule in rules):
                names = ", ".join(rule.path for rule in rules)
                yield Found(
                    subscription,
                    f"The filter's {key} is none that {names} lets through.",
                    f"Correct {key} in the filter, or widen the rule's pattern.",
                )
                break


def _fed_by_rules(flow: Flow, arn: str) -> bool:
    return any(target.arn == arn for rule in flow.of(Rule) for target in rule.targets)


_ENVELOPE = frozenset(sns_envelope("", "")) | {"Subject", "MessageAttributes"}


def _past_the_envelope(pattern: Mapping[str, JSON]) -> str:
    """The first key of the body that an SNS envelope has not, or has as a text; empty where all may pass."""
    body = pattern.get("body")
    if not isinstance(body, Mapping) or "$or" in body:
        return ""
    return next((key for key, value in body.items() if key not in _ENVELOPE or (key == "Message" and isinstance(value, Mapping))), "")


def _numeric_under_n(pattern: JSON) -> bool:
    if isinstance(pattern, list):
        return any(_numeric_under_n(each) for each in pattern)
    if not isinstance(pattern, Mapping):
        return False
    numbers = pattern.get("N")
    if isinstance(numbers, list) and any(isinstance(each, Mapping) and "numeric" in each for each in numbers):
        return True
    return any(_numeric_under_n(each) for each in pattern.values())


def _reshapes(target: Target) -> bool:
    return target.input is not None or target.input_path is not None or target.transformer is not None


def _may_pass(policy: Mapping[str, JSON], pattern: JSON, key: str) -> bool:
    """Whether a value of `key` that the pattern lets through passes the policy; True where that cannot be told."""
    values = pattern.get(key) if isinstance(pattern, Mapping) else None
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        return True
    try:
        filtering = FilterPolicy({key: policy[key]}, "MessageBody")
    except PatternError:
        return True
    return any(filtering.matches(json.dumps({key: value})) for value in values)
