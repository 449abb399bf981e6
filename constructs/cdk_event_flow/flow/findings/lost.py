"""EF2xx: places where a message that fails is gone."""

from collections.abc import Iterator

from cdk_event_flow.flow.findings.kinds import Found, finds
from cdk_event_flow.flow.graph import Flow
from cdk_event_flow.flow.model import EventSourceMapping, Queue, Rule, Subscription

RULE_DLQ = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html"
SNS_DLQ = "https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html"
SQS_DLQ = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html"


@finds(
    "EF201",
    "warning",
    "Rule target without dead letters",
    why="After 24 hours of failed attempts an event is dropped",
    docs=RULE_DLQ,
)
def targets_without_dead_letters(flow: Flow) -> Iterator[Found]:
    """Targets of rules."""
    for rule in flow.of(Rule):
        for target in rule.targets:
            if target.dead_letter_arn is None:
                yield Found(rule, f"The target {target.id} has no dead-letter queue.", "Give the target a dead-letter queue.")


@finds(
    "EF202",
    "warning",
    "Subscription without dead letters",
    why="A message that cannot be delivered is dropped",
    docs=SNS_DLQ,
)
def subscriptions_without_dead_letters(flow: Flow) -> Iterator[Found]:
    """Subscriptions of queues and functions."""
    for subscription in flow.of(Subscription):
        if subscription.protocol in ("sqs", "lambda") and subscription.dead_letter_arn is None:
            yield Found(subscription, "The subscription has no dead-letter queue.", "Give the subscription a redrive policy.")


@finds(
    "EF203",
    "warning",
    "Consumed queue without dead letters",
    why="A message that always fails is retried until its retention ends, then gone",
    docs=SQS_DLQ,
)
def queues_without_dead_letters(flow: Flow) -> Iterator[Found]:
    """Queues that a function consumes."""
    for mapping in flow.of(EventSourceMapping):
        queue = flow.nodes.get(mapping.source_arn)
        if isinstance(queue, Queue) and queue.dead_letter_arn is None:
            yield Found(queue, "The queue is consumed and has no dead-letter queue.", "Give the queue a redrive policy.")
