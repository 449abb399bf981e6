"""What each kind of hop needs: of the receiver's policy, of a role, of the key of what is encrypted."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cdk_event_flow.flow.model import AsyncConfig, EventSourceMapping, Function, Rule, Schedule, Subscription
from cdk_event_flow.flow.permissions.hops import Hop
from cdk_event_flow.flow.permissions.http import of_route, of_url
from cdk_event_flow.flow.permissions.permission import Permission
from cdk_event_flow.flow.permissions.roles import Use, of_role
from cdk_event_flow.flow.permissions.services import CLOUDWATCH, Sender, named, of_service, service_of
from cdk_event_flow.flow.sources import Alarm, Bucket, BucketNotifications, Pipe, Route, Subscriber, Url

if TYPE_CHECKING:
    from cdk_event_flow.flow.graph import Flow

API_GATEWAY, EVENTBRIDGE, LAMBDA, PIPES, S3, SCHEDULER, SNS = (
    f"{each}.amazonaws.com" for each in ("apigateway", "events", "lambda", "pipes", "s3", "scheduler", "sns")
)
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html
ALARMS_OF_FUNCTIONS = "lambda.alarms.cloudwatch.amazonaws.com"

# What a role needs to hand something to a resource, by the kind of resource as its ARN tells: the service, or the service
# and what comes first after the account.
_SENDING: Mapping[str, tuple[str, ...]] = {
    "batch": ("batch:SubmitJob",),
    "codebuild": ("codebuild:StartBuild",),
    "codepipeline": ("codepipeline:StartPipelineExecution",),
    "events:api-destination": ("events:InvokeApiDestination",),
    "events:event-bus": ("events:PutEvents",),
    "events:event-busv2": ("events:PutEvents",),
    "execute-api": ("execute-api:Invoke",),
    "firehose": ("firehose:PutRecord", "firehose:PutRecordBatch"),
    "kinesis": ("kinesis:PutRecord",),
    "lambda": ("lambda:InvokeFunction",),
    "s3": ("s3:PutObject",),
    "sns": ("sns:Publish",),
    "sqs": ("sqs:SendMessage",),
    "states": ("states:StartExecution",),
}
# What a role needs to read a source for a function, and for a pipe where that is less.
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-permissions.html
_READING: Mapping[str, tuple[str, ...]] = {
    "sqs": ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
    "kinesis": ("kinesis:DescribeStream", "kinesis:GetShardIterator", "kinesis:GetRecords", "kinesis:ListShards"),
    "dynamodb": ("dynamodb:DescribeStream", "dynamodb:GetShardIterator", "dynamodb:GetRecords"),
}
_READING_FOR_PIPES = {**_READING, "kinesis": ("kinesis:GetShardIterator", "kinesis:GetRecords")}


def permissions(flow: "Flow", hop: Hop) -> list[Permission]:
    """What the hop needs, one by one: a policy of the receiver or a role, and the key of what is encrypted."""
    match hop.by:
        case Rule(arn=arn) if hop.dead or hop.role_arn is None:
            sender = Sender(principal=EVENTBRIDGE, source_arns=(arn,), source=f"the rule {named(flow, arn)}")
            return of_service(flow, sender, hop.arn)
        case Rule() | Subscriber():
            return _sending(flow, EVENTBRIDGE, hop)
        case Subscription(topic_arn=topic, protocol=protocol):
            if protocol not in ("sqs", "lambda") and not hop.dead:
                verdict, what = ("unknown", "is not followed") if protocol == "firehose" else ("allowed", "needs no permission")
                return [Permission(verdict=verdict, by="nobody", reason=f"delivery by {protocol} {what}")]  # type: ignore[arg-type]
            sender = Sender(principal=SNS, source_arns=(topic,), source=f"the topic {named(flow, topic)}")
            return of_service(flow, sender, hop.arn)
        case Schedule():
            return _sending(flow, SCHEDULER, hop)
        case Pipe(role_arn=role):
            return _reading(flow, PIPES, role, hop.arn, _READING_FOR_PIPES) if hop.reads else _sending(flow, PIPES, hop)
        case EventSourceMapping(function_arn=arn) | AsyncConfig(function_arn=arn):
            return _of_function(flow, flow.function(arn), hop)
        case Function():
            return _of_function(flow, hop.by, hop)
        case Bucket(arn=bucket) | BucketNotifications(bucket_arn=bucket):
            return of_service(flow, Sender(principal=S3, source_arns=(bucket,), source=f"the bucket {named(flow, bucket)}"), hop.arn)
        case Alarm(arn=arn):
            principal = ALARMS_OF_FUNCTIONS if service_of(hop.arn) == "lambda" else CLOUDWATCH
            return of_service(flow, Sender(principal=principal, source_arns=(arn,), source=f"the alarm {named(flow, arn)}"), hop.arn)
        case Route():
            return of_route(flow, hop.by) if hop.role_arn is None else _sending(flow, API_GATEWAY, hop)
        case Url():
            return of_url(flow, hop.by)
    raise AssertionError(f"{type(hop.by).__name__} hands nothing on")


def _of_function(flow: "Flow", function: Function | None, hop: Hop) -> list[Permission]:
    """What Lambda does with the role of a function: it polls for it, and tells others how it went."""
    if function is None:
        return [Permission(verdict="unknown", by="role", reason="the function is outside the template, and its role with it")]
    if hop.reads:
        return _reading(flow, LAMBDA, function.role_arn, hop.arn, _READING)
    return _sending(flow, LAMBDA, hop, function.role_arn)


def _sending(flow: "Flow", service: str, hop: Hop, role_arn: str | None = None) -> list[Permission]:
    kind = service_of(hop.arn)
    if kind == "events":
        kind = f"events:{hop.arn.split(':')[5].partition('/')[0]}"
    actions = hop.actions or _SENDING.get(kind, ())
    if not actions:
        return [Permission(verdict="unknown", by="role", reason=f"what {hop.arn} asks of a role is not followed")]
    # https://docs.aws.amazon.com/streams/latest/dev/permissions-user-key-KMS.html
    keys = ("kms:GenerateDataKey",) if kind == "kinesis" else ("kms:Decrypt", "kms:GenerateDataKey")
    role = role_arn or hop.role_arn or ""
    return of_role(flow, Use(service=service, role_arn=role, actions=actions, arn=hop.arn, of_the_key=keys))


def _reading(flow: "Flow", service: str, role_arn: str, source: str, needed: Mapping[str, tuple[str, ...]]) -> list[Permission]:
    actions = ("kinesis:SubscribeToShard",) if "/consumer/" in source else needed.get(service_of(source))
    if actions is None:
        reason = f"what a role needs to read {source} is not followed"
        return [Permission(verdict="unknown", by="role", reason=reason)]
    return of_role(flow, Use(service=service, role_arn=role_arn, actions=actions, arn=source, of_the_key=("kms:Decrypt",)))
