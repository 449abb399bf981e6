"""Figures of a flow: how full its queues are, how its functions, rules and topics fared."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cdk_event_flow.flow.model import Function, Queue, Rule, Topic
from cdk_event_flow.operate.figures import Figure, latest, over
from cdk_event_flow.operate.stack import Stack


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One node's figures by name; None for what nobody measured."""

    name: str
    kind: str
    figures: Mapping[str, float | None]


def figures_of(stack: Stack, seconds: int) -> list[Row]:
    """Queues, functions, rules and topics, in the template's order; counts and durations (ms) are of the last `seconds`.

    A queue's depth and age (s) are of now.
    """
    asked = list(_asked(stack))
    now = iter(latest(stack, [figure for _, _, of, _ in asked for figure in of.values()]))
    past = iter(over(stack, [figure for _, _, _, of in asked for figure in of.values()], seconds))
    return [
        Row(name=name, kind=kind, figures={**{each: next(now) for each in is_now}, **{each: next(past) for each in was}})
        for name, kind, is_now, was in asked
    ]


_Figures = dict[str, Figure]


def _asked(stack: Stack) -> Iterator[tuple[str, str, _Figures, _Figures]]:
    """Name and kind of a node, and what is asked of now, and of the time before."""
    for queue in stack.flow.of(Queue):
        yield stack.called(queue.arn), "queue", *_of_queue(queue)
    for function in stack.flow.of(Function):
        yield stack.called(function.arn), "function", {}, _of_function(function)
    for rule in stack.flow.of(Rule):
        yield stack.called(rule.arn), "rule", {}, _of_rule(rule)
    for topic in stack.flow.of(Topic):
        yield stack.called(topic.arn), "topic", {}, _of_topic(topic)


def _of_queue(queue: Queue) -> tuple[_Figures, _Figures]:
    of = {"QueueName": queue.name}
    is_now = {
        "visible": Figure("AWS/SQS", "ApproximateNumberOfMessagesVisible", of, "Maximum"),
        "in flight": Figure("AWS/SQS", "ApproximateNumberOfMessagesNotVisible", of, "Maximum"),
        "oldest": Figure("AWS/SQS", "ApproximateAgeOfOldestMessage", of, "Maximum"),
    }
    was = {"sent": Figure("AWS/SQS", "NumberOfMessagesSent", of), "deleted": Figure("AWS/SQS", "NumberOfMessagesDeleted", of)}
    return is_now, was


def _of_function(function: Function) -> _Figures:
    of = {"FunctionName": function.name}
    return {
        "invocations": Figure("AWS/Lambda", "Invocations", of),
        "errors": Figure("AWS/Lambda", "Errors", of),
        "throttles": Figure("AWS/Lambda", "Throttles", of),
        "average": Figure("AWS/Lambda", "Duration", of, "Average"),
        "longest": Figure("AWS/Lambda", "Duration", of, "Maximum"),
    }


def _of_rule(rule: Rule) -> _Figures:
    """Of a rule on a bus of one's own, CloudWatch wants the bus too."""
    bus = rule.bus_arn.rpartition("/")[2]
    of = {"RuleName": rule.name} | ({"EventBusName": bus} if bus != "default" else {})
    return {"invocations": Figure("AWS/Events", "Invocations", of), "failed": Figure("AWS/Events", "FailedInvocations", of)}


def _of_topic(topic: Topic) -> _Figures:
    of = {"TopicName": topic.name}
    return {
        "published": Figure("AWS/SNS", "NumberOfMessagesPublished", of),
        "delivered": Figure("AWS/SNS", "NumberOfNotificationsDelivered", of),
        "failed": Figure("AWS/SNS", "NumberOfNotificationsFailed", of),
    }
