"""Targets that let a rule in by their own resource policy: topics, queues, functions, log groups."""

from datetime import timedelta
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from cdk_event_flow.compose.functions.consumer import Consumer
from cdk_event_flow.compose.functions.options import RETENTIONS
from cdk_event_flow.compose.functions.resource_policy import allow_service
from cdk_event_flow.compose.messaging.encryption import stack_key
from cdk_event_flow.compose.messaging.queue_policy import let
from cdk_event_flow.compose.statements import Statement, allowing
from cdk_event_flow.errors import Problem
from constructs import Construct, IConstruct

EVENTS = "events.amazonaws.com"
TARGETS = "EventBridge (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html)"
LOG_POLICY_ID = "EventsToLogGroups"


class TopicTarget:
    """A standard topic."""

    def __init__(self, topic: sns.ITopic) -> None:
        self._topic = topic
        self.arn = topic.topic_arn

    def problems(self) -> list[Problem]:
        """A FIFO topic."""
        if not self._topic.fifo:
            return []
        return [
            Problem(code="EF-RULE-FIFO", given="the target is a FIFO topic", allowed=f"{TARGETS} publishes to standard topics only",
                    fix="give a standard topic, or a FIFO queue with a group")
        ]  # fmt: skip

    def properties(self) -> dict[str, Any]:
        """Nothing more."""
        return {}

    def permit(self, rule: events.CfnRule) -> None:
        """By the topic's policy."""
        let(self._topic, from_rule("sns:Publish", self._topic, self.arn, rule))

    def actions(self) -> dict[str, list[str]]:
        """None."""
        return {}


class QueueTarget:
    """A queue; a FIFO queue with the message group that its messages get."""

    def __init__(self, queue: sqs.IQueue, group: str | None) -> None:
        self._queue = queue
        self._group = group
        self.arn = queue.queue_arn

    def problems(self) -> list[Problem]:
        """A FIFO queue without a group."""
        if not self._queue.fifo or self._group:
            return []
        return [
            Problem(code="EF-RULE-FIFO", given="the target is a FIFO queue without a group",
                    allowed=f"{TARGETS} needs a message group for it", fix="give Target(to=queue, group=…)")
        ]  # fmt: skip

    def properties(self) -> dict[str, Any]:
        """The message group."""
        return {"sqs_parameters": {"messageGroupId": self._group}} if self._group else {}

    def permit(self, rule: events.CfnRule) -> None:
        """By the queue's policy."""
        let(self._queue, from_rule("sqs:SendMessage", self._queue, self.arn, rule))

    def actions(self) -> dict[str, list[str]]:
        """None."""
        return {}


class FunctionTarget:
    """A function: one statement of its policy for all rules of the account."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer
        self.arn = consumer.arn

    def problems(self) -> list[Problem]:
        """That it would not know for which tenant."""
        return self._consumer.capabilities.unnamed("a rule")

    def properties(self) -> dict[str, Any]:
        """Nothing more."""
        return {}

    def permit(self, rule: events.CfnRule) -> None:
        """By the function's policy, once."""
        allow_service(self._consumer, "events", resource="rule/*", place=cdk.Stack.of(rule))

    def actions(self) -> dict[str, list[str]]:
        """None."""
        return {}


class LogGroupTarget:
    """A log group: one resource policy of CloudWatch Logs a stack, of which an account and region can have ten."""

    def __init__(self, group: logs.ILogGroup) -> None:
        self._group = group
        self.arn = log_group_arn(group)

    def problems(self) -> list[Problem]:
        """Nothing can be wrong."""
        return []

    def properties(self) -> dict[str, Any]:
        """Nothing more."""
        return {}

    def permit(self, rule: events.CfnRule) -> None:
        """By the stack's policy of CloudWatch Logs, to which the group is added."""
        _log_policy(rule).add(f"{self.arn}:*")

    def actions(self) -> dict[str, list[str]]:
        """None."""
        return {}


def log_group_arn(group: logs.ILogGroup) -> str:
    """Its ARN without the `:*` of its streams."""
    return cdk.Stack.of(group).format_arn(
        service="logs", resource="log-group", resource_name=group.log_group_name, arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME
    )


def vended_log_group(scope: Construct, name: str, retention: timedelta) -> logs.LogGroup:
    """An encrypted group for the logs that a service of AWS delivers itself, of buses and pipes.

    Under a name that CloudWatch Logs keeps for these: they need no policy of their own, of which an account has ten.
    """
    group = logs.LogGroup(
        scope,
        "Logs",
        log_group_name=f"/aws/vendedlogs/{name}",
        encryption_key=stack_key(scope),
        retention=RETENTIONS[retention.days],
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )
    _log_policy(scope).add(f"{log_group_arn(group)}:*")
    return group


def _log_policy(scope: IConstruct) -> "_LogPolicy":
    stack = cdk.Stack.of(scope)
    found: Any = stack.node.try_find_child(LOG_POLICY_ID)
    return found or _LogPolicy(stack)


class _LogPolicy(logs.CfnResourcePolicy):
    """Lets EventBridge and its deliveries write to the log groups that are added."""

    def __init__(self, stack: cdk.Stack) -> None:
        self._groups: list[str] = []
        super().__init__(
            stack,
            LOG_POLICY_ID,
            policy_name=cdk.Names.unique_resource_name(stack, max_length=80) + LOG_POLICY_ID,
            policy_document="{}",
        )

    def add(self, arn: str) -> None:
        if arn not in self._groups:
            self._groups.append(arn)
            self.policy_document = cdk.Stack.of(self).to_json_string(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": [EVENTS, "delivery.logs.amazonaws.com"]},
                            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                            "Resource": self._groups,
                            "Condition": {"StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID}},
                        }
                    ],
                }
            )


def from_rule(action: str, receiver: IConstruct, resource: str, rule: events.CfnRule) -> Statement:
    """Lets this rule do `action`; where the rule stands in another stack, the rules of the account: naming it would be a cycle."""
    stack = cdk.Stack.of(rule)
    here = cdk.Stack.of(receiver).node.path == stack.node.path
    every = stack.format_arn(service="events", resource="rule", resource_name="*")
    sources = {"ArnEquals": {"aws:SourceArn": rule.attr_arn}} if here else {"ArnLike": {"aws:SourceArn": every}}
    return allowing([action], [resource], sources, {"Service": EVENTS})
