"""Which kind of target a receiver is: one of ours, or whatever the CDK's own construct is."""

from aws_cdk import aws_lambda as lambda_

from cdk_event_flow.compose.events.targets.by_policy import FunctionTarget, LogGroupTarget, QueueTarget, TopicTarget
from cdk_event_flow.compose.events.targets.by_role import (
    api_destination_target,
    bus_target,
    state_machine_target,
    stream_target,
    task_target,
)
from cdk_event_flow.compose.events.targets.target import FargateTask, Kind, Target
from cdk_event_flow.compose.functions.consumer import consumer_of

RECEIVERS = "a function, topic, queue, bus, stream, log group, state machine, API destination or FargateTask"


def kind_of(target: Target) -> Kind:
    """The kind of a target. Raises TypeError for what is none."""
    to, group = getattr(target.to, "receiver", target.to), target.group
    if isinstance(to, FargateTask):
        return task_target(to)
    if isinstance(to, lambda_.FunctionBase) or hasattr(to, "consumer"):
        return FunctionTarget(consumer_of(to))
    # Ours say what receives for them. By the attribute that gives its ARN: imported resources have classes of their own.
    if hasattr(to, "topic_arn"):
        return TopicTarget(to)
    if hasattr(to, "queue_arn"):
        return QueueTarget(to, group)
    if hasattr(to, "event_bus_arn"):
        return bus_target(to)
    if hasattr(to, "stream_arn"):
        return stream_target(to, group)
    if hasattr(to, "log_group_arn"):
        return LogGroupTarget(to)
    if hasattr(to, "state_machine_arn"):
        return state_machine_target(to)
    if hasattr(to, "api_destination_arn"):
        return api_destination_target(to)
    raise TypeError(f"a rule sends to {RECEIVERS}, not to {type(to).__name__}")
