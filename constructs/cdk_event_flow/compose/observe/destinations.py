"""Where alarms go: a topic, a function, an incident, a ticket. One call, for an app, a stack, or one construct."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns

from cdk_event_flow.compose.edge import place, refuse, shown
from cdk_event_flow.compose.functions.consumer import Consumes, consumer_of, tenant_problems
from cdk_event_flow.compose.functions.resource_policy import allow_service as allow_invoking
from cdk_event_flow.compose.known import path_of
from cdk_event_flow.compose.messaging.encryption import allow_service
from cdk_event_flow.compose.messaging.managed_keys import managed_key_problems
from cdk_event_flow.compose.messaging.queue_policy import let
from cdk_event_flow.compose.messaging.receivers_keys import key_of
from cdk_event_flow.compose.messaging.topic import Topic
from cdk_event_flow.compose.observe.parts import Alarmed, Composed
from cdk_event_flow.compose.statements import allowing
from cdk_event_flow.errors import Problem
from constructs import Construct, IConstruct

ACTIONS = "CloudWatch (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html)"
QUOTAS = "CloudWatch (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html)"
MAX_ACTIONS = 5
CLOUDWATCH = "cloudwatch.amazonaws.com"
# What an alarm can do that is about no machine: ARNs of OpsCenter's items, Incident Manager's response plans, investigations.
_OTHERS = re.compile(r"arn:[^:]+:(ssm:[^:]*:[^:]*:opsitem:[1-4](#CATEGORY=\w+)?|ssm-incidents::[^:]*:response-?plan/.+"
                     r"|aiops:[^:]*:[^:]*:investigation-group:.+|sns:[^:]+:[^:]+:[^:]+|lambda:[^:]+:[^:]+:function:.+)")  # fmt: skip

AlarmTarget = Topic | sns.ITopic | Consumes | lambda_.FunctionBase | str


@dataclass(frozen=True)
class _Wanted:
    """That alarms below `path` tell `arn`; where `over`, also that it is over."""

    path: str
    arn: str
    over: bool

    def covers(self, path: str) -> bool:
        return not self.path or f"{path}/".startswith(f"{self.path}/")


# By the root of the tree, in this process only.
_WANTED: WeakKeyDictionary[IConstruct, list[_Wanted]] = WeakKeyDictionary()


def alarms_to(scope: Construct, *targets: AlarmTarget, ok: bool = False) -> None:
    """Tell `targets` of every alarm of ours in `scope`, those made later too: an app, a stack, or one construct.

    A target is a topic or a function, ours or the CDK's, or an ARN as text: of an item of OpsCenter
    (`arn:aws:ssm:<region>:<account>:opsitem:2#CATEGORY=Availability`), a response plan of Incident Manager, an investigation
    group, or a topic or function that is somewhere else. `ok` tells topics and functions also that it is over. An alarm has at
    most 5 targets. Calls add up: tickets for all alarms of a stack, and a pager for one `FlowAlarm` in it.

    Policies of topics and functions let this account's alarms in, and so do the keys of topics; of what is imported, a note of
    the synth says what it needs. Alarms that you made yourself tell whom you told them to.

    Raises ConstructError: EF-ALARM-TARGET, EF-ALARM-TARGETS, EF-ALARM-FIFO, EF-KEY-MANAGED.
    """
    at = place(scope, "alarms")
    wanted = _WANTED.setdefault(scope.node.root, [])
    path = path_of(scope)
    refuse(at, [problem for each in targets for problem in _problems(each)])
    new = [_Wanted(path, _admit(scope, each), ok and not _opens_something(each)) for each in targets]
    if not targets:
        refuse(at, [_too_many(0)])
    sharing = {each.arn for each in [*wanted, *new] if each.covers(path) or _Wanted(path, "", False).covers(each.path)}
    if len(sharing) > MAX_ACTIONS:
        refuse(at, [_too_many(len(sharing))])
    wanted += new


def told_of(root: IConstruct, path: str) -> tuple[str, ...]:
    """The ARNs of those whom an alarm of ours at this path in the app tells."""
    return tuple(dict.fromkeys(each.arn for each in _WANTED.get(root, []) if each.covers(path)))


def send(found: Composed) -> None:
    """Give the alarms of a stack their actions, when all is composed."""
    if not _WANTED:
        return
    wanted = _WANTED.get(found.stack.node.root, [])
    for alarm in found.alarms:
        _act(alarm, [each for each in wanted if each.covers(alarm.path)])


def _act(alarm: Alarmed, wanted: Sequence[_Wanted]) -> None:
    if not wanted:
        return
    alarm.resource.alarm_actions = list(dict.fromkeys(each.arn for each in wanted))
    over = list(dict.fromkeys(each.arn for each in wanted if each.over))
    if over:
        alarm.resource.ok_actions = over


def _problems(target: Any) -> list[Problem]:
    if isinstance(target, str):
        if cdk.Token.is_unresolved(target) or _OTHERS.fullmatch(target):
            return []
        return [
            Problem(code="EF-ALARM-TARGET", given=f"alarms tell {shown(target)}",
                    allowed=f"{ACTIONS} tells topics, functions, items of OpsCenter, response plans and investigation groups, by "
                    "their ARNs", fix="give one of these ARNs")
        ]  # fmt: skip
    topic = _topic_of(target)
    if topic is not None:
        fifo = [
            Problem(code="EF-ALARM-FIFO", given="alarms tell a FIFO topic", allowed="a message from an alarm has no order to keep",
                    fix="give a standard topic")
        ]  # fmt: skip
        return [*managed_key_problems(target, "the target of alarms", "CloudWatch"), *(fifo if topic.fifo else ())]
    if isinstance(target, lambda_.FunctionBase) or hasattr(target, "consumer"):
        return tenant_problems(target, "an alarm")
    return [
        Problem(code="EF-ALARM-TARGET", given=f"alarms tell a {type(target).__name__}",
                allowed=f"{ACTIONS} tells topics and functions, and what has an ARN of Systems Manager",
                fix="give a topic, which has subscribers of many kinds")
    ]  # fmt: skip


def _opens_something(target: Any) -> bool:
    """Whether it is an item, an incident or an investigation: none is opened because something is over."""
    return isinstance(target, str) and target.split(":")[2:3] not in (["sns"], ["lambda"])


def _too_many(number: int) -> Problem:
    given = f"alarms tell {number} targets" if number else "alarms tell nobody"
    return Problem(code="EF-ALARM-TARGETS", given=given, allowed=f"{QUOTAS} has 1 to {MAX_ACTIONS} actions an alarm",
                   fix="give a topic, which tells several")  # fmt: skip


def _topic_of(target: Any) -> sns.ITopic | None:
    given: Any = getattr(target, "receiver", target)
    return given if hasattr(given, "topic_arn") else None


def _admit(scope: Construct, target: Any) -> str:
    """Let alarms tell `target`, and give its ARN."""
    if isinstance(target, str):
        return target
    topic = _topic_of(target)
    if topic is None:
        consumer, stack = consumer_of(target), _home(scope, target)
        allow_invoking(consumer, "lambda.alarms.cloudwatch", place=stack, resource="alarm:*", source="cloudwatch")
        return consumer.arn
    stack = _home(scope, topic)
    alarms = f"arn:{cdk.Aws.PARTITION}:cloudwatch:{stack.region}:{stack.account}:alarm:*"
    conditions = {"ArnLike": {"aws:SourceArn": alarms}, "StringEquals": {"aws:SourceAccount": stack.account}}
    statement = allowing(["sns:Publish"], [topic.topic_arn], conditions, {"Service": CLOUDWATCH})
    if isinstance(topic, sns.Topic):
        let(topic, statement)
    else:
        cdk.Annotations.of(scope).add_info_v2(
            "cdk-event-flow:alarms", f"the topic {topic.node.path} is imported: its policy must let {CLOUDWATCH} sns:Publish to it"
        )
    key = key_of(target)
    if key is not None:
        allow_service(key, CLOUDWATCH, scope=stack)
    return topic.topic_arn


def _home(scope: Construct, target: IConstruct) -> cdk.Stack:
    """The stack whose account and region the alarms have: that of what is told, where `scope` is above all stacks."""
    return cdk.Stack.of(target if isinstance(scope, cdk.Stage) else scope)
