"""Whether each hop is permitted, read from the policies of the template: of queues, topics, functions, roles and keys.

What the template cannot tell (a role of another stack, the organization of an account) is unknown, never guessed.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cdk_event_flow.flow.model import AsyncConfig, EventSourceMapping, Function, Rule, Schedule, Subscription
from cdk_event_flow.flow.permissions.hops import Hop, hop_of, hops
from cdk_event_flow.flow.permissions.permission import Permission, worst
from cdk_event_flow.flow.permissions.roles import Use, of_role
from cdk_event_flow.flow.permissions.services import Sender, named, of_service, service_of

if TYPE_CHECKING:
    from cdk_event_flow.flow.graph import Flow

__all__ = ["Hop", "Permission", "hop_of", "hops", "permission", "permissions", "service_of"]

EVENTBRIDGE, LAMBDA, SCHEDULER, SNS = (f"{each}.amazonaws.com" for each in ("events", "lambda", "scheduler", "sns"))

# What a role needs to hand something to a resource, by the kind of resource as its ARN tells: the service, or the service
# and what comes first after the account.
_SENDING: Mapping[str, tuple[str, ...]] = {
    "batch": ("batch:SubmitJob",),
    "codebuild": ("codebuild:StartBuild",),
    "codepipeline": ("codepipeline:StartPipelineExecution",),
    "events:api-destination": ("events:InvokeApiDestination",),
    "events:event-bus": ("events:PutEvents",),
    "firehose": ("firehose:PutRecord", "firehose:PutRecordBatch"),
    "kinesis": ("kinesis:PutRecord",),
    "lambda": ("lambda:InvokeFunction",),
    "sns": ("sns:Publish",),
    "sqs": ("sqs:SendMessage",),
    "states": ("states:StartExecution",),
}
# What Lambda needs of a function's role to poll a source.
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
_READING: Mapping[str, tuple[str, ...]] = {
    "sqs": ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
    "kinesis": ("kinesis:DescribeStream", "kinesis:GetShardIterator", "kinesis:GetRecords", "kinesis:ListShards"),
    "dynamodb": ("dynamodb:DescribeStream", "dynamodb:GetShardIterator", "dynamodb:GetRecords"),
}


def permission(flow: "Flow", hop: Hop) -> Permission:
    """Whether the hop is permitted: denied where anything that it needs is, else unknown where anything is."""
    return worst(permissions(flow, hop))


def permissions(flow: "Flow", hop: Hop) -> list[Permission]:
    """What the hop needs, one by one: a policy of the receiver or a role, and the key of what is encrypted."""
    match hop.by:
        case Rule(arn=arn) if hop.dead or hop.role_arn is None:
            sender = Sender(principal=EVENTBRIDGE, source_arn=arn, source=f"the rule {named(flow, arn)}")
            return of_service(flow, sender, hop.arn)
        case Rule():
            return _sending(flow, EVENTBRIDGE, hop.role_arn, hop.arn)
        case Subscription(topic_arn=topic, protocol=protocol):
            if protocol not in ("sqs", "lambda") and not hop.dead:
                verdict, what = ("unknown", "is not followed") if protocol == "firehose" else ("allowed", "needs no permission")
                return [Permission(verdict=verdict, by="nobody", reason=f"delivery by {protocol} {what}")]  # type: ignore[arg-type]
            return of_service(flow, Sender(principal=SNS, source_arn=topic, source=f"the topic {named(flow, topic)}"), hop.arn)
        case Schedule():
            return _sending(flow, SCHEDULER, hop.role_arn, hop.arn)
        case EventSourceMapping(source_arn=source):
            return _reading(flow, source, hop.arn)
        case Function(role_arn=role):
            return _sending(flow, LAMBDA, role, hop.arn)
        case AsyncConfig(function_arn=arn):
            function = flow.function(arn)
            return _sending(flow, LAMBDA, function.role_arn if function else None, hop.arn)
    raise AssertionError(f"{type(hop.by).__name__} hands nothing on")


def _sending(flow: "Flow", service: str, role_arn: str | None, arn: str) -> list[Permission]:
    kind = service_of(arn)
    if kind == "events":
        kind = f"events:{arn.split(':')[5].partition('/')[0]}"
    if kind not in _SENDING:
        return [Permission(verdict="unknown", by="role", reason=f"what {arn} asks of a role is not followed")]
    keys = ("kms:Decrypt", "kms:GenerateDataKey")
    return of_role(flow, Use(service=service, role_arn=str(role_arn or ""), actions=_SENDING[kind], arn=arn, of_the_key=keys))


def _reading(flow: "Flow", source: str, function_arn: str) -> list[Permission]:
    function, kind = flow.function(function_arn), service_of(source)
    if function is None or kind not in _READING:
        reason = f"what the role of {named(flow, function_arn)} needs to read {source} is not followed"
        return [Permission(verdict="unknown", by="role", reason=reason)]
    use = Use(service=LAMBDA, role_arn=function.role_arn, actions=_READING[kind], arn=source, of_the_key=("kms:Decrypt",))
    return of_role(flow, use)
