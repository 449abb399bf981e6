"""Where messages go that nobody could take, and which queues keep nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from cdk_event_flow.flow.graph import Flow
from cdk_event_flow.flow.model import AsyncConfig, Function, Other, Queue, Rule, Schedule, Subscription, Target
from cdk_event_flow.flow.workers import consumed_queues

Kind = Literal["rule", "schedule", "subscription", "queue", "invoke", "destination"]


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """The ARN of what fails, the ARN of the queue (or other resource) that keeps it, and when in words.

    `kind` says what puts messages there, and so in which form they are: a rule's or schedule's target, a subscription, a
    queue's redrive, or an asynchronous invoke (as it was, or as the record that a destination gets).
    """

    source: str
    queue: str
    when: str
    kind: Kind


def dead_letters_of(flow: Flow) -> Iterator[DeadLetters]:
    """Every dead-letter queue with what it serves."""
    yield from (of for rule in flow.of(Rule) for target in rule.targets for of in _of_target(rule.arn, target, "rule"))
    yield from (of for schedule in flow.of(Schedule) for of in _of_target(schedule.arn, schedule.target, "schedule"))
    for subscription in flow.of(Subscription):
        if subscription.dead_letter_arn:
            source = subscription.arn if subscription.filter_policy else subscription.topic_arn
            yield DeadLetters(source, subscription.dead_letter_arn, "when it cannot be delivered", "subscription")
    for queue in flow.of(Queue):
        if queue.dead_letter_arn:
            yield DeadLetters(queue.arn, queue.dead_letter_arn, f"after {queue.max_receives} receives", "queue")
    for function in flow.of(Function):
        if function.dead_letter_arn:
            yield DeadLetters(function.arn, function.dead_letter_arn, "when an asynchronous invoke fails", "invoke")
    for config in flow.of(AsyncConfig):
        if config.on_failure:
            yield DeadLetters(config.function_arn, config.on_failure, "when an asynchronous invoke fails", "destination")


def _of_target(arn: str, target: Target, kind: Kind) -> Iterator[DeadLetters]:
    if target.dead_letter_arn:
        yield DeadLetters(arn, target.dead_letter_arn, f"after {target.max_attempts} retries", kind)


def hidden(flow: Flow) -> set[str]:
    """The queues that only keep dead letters: nothing else is sent to them, and nothing consumes them."""
    used: set[str | None] = {target.arn for rule in flow.of(Rule) for target in rule.targets}
    used |= {schedule.target.arn for schedule in flow.of(Schedule)}
    used |= {subscription.endpoint for subscription in flow.of(Subscription)}
    used |= consumed_queues(flow)
    used |= {config.on_success for config in flow.of(AsyncConfig)}
    used |= {str(node.properties.get(end)) for node in flow.of(Other) for end in ("Source", "Target")}
    return {each.queue for each in dead_letters_of(flow) if isinstance(flow.nodes.get(each.queue), Queue) and each.queue not in used}
