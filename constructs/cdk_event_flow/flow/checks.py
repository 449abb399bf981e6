"""What is dead, loses messages or cannot work. Each finding has a stable id and a fix that a person can do."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from cdk_event_flow.flow.graph import Flow
from cdk_event_flow.flow.model import EventSourceMapping, Function, Node, Queue, Rule, Subscription, Topic
from cdk_event_flow.match import EventPattern, FilterPolicy, PatternError

VISIBILITY_FACTOR = 6
LAMBDA_WITH_SQS = "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"
RULE_DLQ = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html"
SNS_DLQ = "https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html"
SNS_SCOPE = "https://docs.aws.amazon.com/sns/latest/dg/sns-message-filtering-scope.html"
ASYNC_DLQ = "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html"
PATTERNS = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`id` is stable; `path` is the construct's; `why` ends with the address of AWS's documentation."""

    id: str
    severity: Literal["error", "warning"]
    path: str
    logical_id: str
    what: str
    why: str
    fix: str


def check(flow: Flow) -> list[Finding]:
    """All findings, errors first."""
    found = [*_patterns(flow), *_scopes(flow), *_lost(flow), *_times(flow), *_async_queues(flow)]
    return sorted(found, key=lambda finding: (finding.severity, finding.path, finding.id))


def _finding(id: str, severity: Literal["error", "warning"], node: Node, what: str, why: str, fix: str) -> Finding:
    return Finding(
        id=id, severity=severity, path=node.path, logical_id=node.logical_id, what=what, why=why, fix=fix
    )  # fmt: skip


def _patterns(flow: Flow) -> Iterator[Finding]:
    for rule in flow.of(Rule):
        if rule.pattern is not None:
            try:
                EventPattern(rule.pattern)
            except PatternError as refused:
                yield _finding("EF101", "error", rule, f"The pattern is refused: {refused.reason}.",
                               f"The deployment would fail ({PATTERNS}).", refused.problems[0].fix)  # fmt: skip
    for subscription in flow.of(Subscription):
        if subscription.filter_policy:
            try:
                FilterPolicy(subscription.filter_policy, subscription.filter_scope)
            except PatternError as refused:
                yield _finding("EF102", "error", subscription, f"The filter policy is refused: {refused.reason}.",
                               f"The deployment would fail ({SNS_SCOPE}).", refused.problems[0].fix)  # fmt: skip


def _scopes(flow: Flow) -> Iterator[Finding]:
    behind_bus = {target.arn for rule in flow.of(Rule) for target in rule.targets}
    for subscription in flow.of(Subscription):
        attributes = subscription.filter_policy and subscription.filter_scope == "MessageAttributes"
        if attributes and subscription.topic_arn in behind_bus:
            yield _finding(
                "EF103", "error", subscription,
                "The filter reads message attributes, and the topic is fed by an EventBridge rule.",
                f"EventBridge publishes without message attributes: nothing ever passes ({SNS_SCOPE}).",
                "Set the filter policy scope to MessageBody.",
            )  # fmt: skip


def _lost(flow: Flow) -> Iterator[Finding]:
    for rule in flow.of(Rule):
        for target in rule.targets:
            if target.dead_letter_arn is None:
                yield _finding("EF201", "warning", rule, f"The target {target.id} has no dead-letter queue.",
                               f"After 24 hours of failed attempts an event is dropped ({RULE_DLQ}).",
                               "Give the target a dead-letter queue.")  # fmt: skip
    for subscription in flow.of(Subscription):
        if subscription.protocol in ("sqs", "lambda") and subscription.dead_letter_arn is None:
            yield _finding("EF202", "warning", subscription, "The subscription has no dead-letter queue.",
                           f"A message that cannot be delivered is dropped ({SNS_DLQ}).",
                           "Give the subscription a redrive policy.")  # fmt: skip
    for mapping in flow.of(EventSourceMapping):
        queue = flow.nodes.get(mapping.source_arn)
        if isinstance(queue, Queue) and queue.dead_letter_arn is None:
            yield _finding("EF203", "warning", queue, "The queue is consumed and has no dead-letter queue.",
                           f"A message that always fails is retried until its retention ends, then gone "
                           f"({LAMBDA_WITH_SQS}).", "Give the queue a redrive policy.")  # fmt: skip


def _times(flow: Flow) -> Iterator[Finding]:
    for mapping in flow.of(EventSourceMapping):
        queue, function = flow.nodes.get(mapping.source_arn), flow.function(mapping.function_arn)
        if not isinstance(queue, Queue) or function is None:
            continue
        advised = VISIBILITY_FACTOR * function.timeout + mapping.window
        fix = f"Set the queue's visibility timeout to {advised} seconds."
        if queue.visibility < function.timeout:
            yield _finding("EF301", "error", queue,
                           f"Visibility is {queue.visibility} s, the function's timeout {function.timeout} s.",
                           f"Lambda refuses such a mapping ({LAMBDA_WITH_SQS}).", fix)  # fmt: skip
        elif queue.visibility < advised:
            yield _finding("EF302", "warning", queue,
                           f"Visibility is {queue.visibility} s; {advised} s are advised for this consumer.",
                           f"Throttled batches become visible while they are still retried ({LAMBDA_WITH_SQS}).",
                           fix)  # fmt: skip


def _async_queues(flow: Flow) -> Iterator[Finding]:
    for function in flow.of(Function):
        queue = flow.nodes.get(function.dead_letter_arn or "")
        if isinstance(queue, Queue | Topic) and queue.fifo:
            yield _finding("EF401", "error", function, "The function's dead-letter target is FIFO.",
                           f"Lambda takes standard queues and topics only ({ASYNC_DLQ}).",
                           "Use a standard queue.")  # fmt: skip
