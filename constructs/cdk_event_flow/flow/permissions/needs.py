"""What each kind of hop needs: of the receiver's policy, of a role, of the key of what is encrypted."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cdk_event_flow.flow.model import AsyncConfig, EventSourceMapping, Function, Node, Rule, Schedule, Subscription, Unknown
from cdk_event_flow.flow.permissions.hops import Hop
from cdk_event_flow.flow.permissions.http import of_route, of_url
from cdk_event_flow.flow.permissions.permission import Permission
from cdk_event_flow.flow.permissions.roles import Use, of_role
from cdk_event_flow.flow.permissions.services import CLOUDWATCH, Sender, named, of_service, service_of
from cdk_event_flow.flow.sources import Alarm, Bucket, BucketNotifications, Pipe, Route, Subscriber, Url
from cdk_event_flow.flow.workers import TASKS, Workers

if TYPE_CHECKING:
    from cdk_event_flow.flow.graph import Flow

EVENTBRIDGE = "events.amazonaws.com"
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

_USERS: Mapping[type[Node], str] = {
    AsyncConfig: "lambda.amazonaws.com",
    EventSourceMapping: "lambda.amazonaws.com",
    Function: "lambda.amazonaws.com",
    Pipe: "pipes.amazonaws.com",
    Route: "apigateway.amazonaws.com",
    Rule: EVENTBRIDGE,
    Schedule: "scheduler.amazonaws.com",
    Subscriber: EVENTBRIDGE,
    Workers: TASKS,
}


def permissions(flow: "Flow", hop: Hop) -> list[Permission]:
    """What the hop needs, one by one: a policy of the receiver or a role, and the key of what is encrypted."""
    match hop.by:
        case Url():
            return of_url(flow, hop.by)
        case Route() if hop.role_arn is None:
            return of_route(flow, hop.by)
        case Subscription(protocol="firehose") if not hop.dead:
            return [Permission(verdict="unknown", by="nobody", reason="delivery by firehose is not followed")]
        case Subscription(protocol=protocol) if protocol not in ("sqs", "lambda") and not hop.dead:
            return [Permission(verdict="allowed", by="nobody", reason=f"delivery by {protocol} needs no permission")]
    sender = _sender(flow, hop)
    return of_service(flow, sender, hop.arn) if sender else _by_role(flow, hop)


def _sender(flow: "Flow", hop: Hop) -> Sender | None:
    """The service that asks the receiver's policy; None where it uses a role."""
    match hop.by:
        case Rule(arn=arn) if hop.dead or hop.role_arn is None:
            principal, kind = EVENTBRIDGE, "rule"
        case Subscription(topic_arn=arn):
            principal, kind = "sns.amazonaws.com", "topic"
        case Bucket(arn=arn) | BucketNotifications(bucket_arn=arn):
            principal, kind = "s3.amazonaws.com", "bucket"
        case Alarm(arn=arn):
            principal, kind = ALARMS_OF_FUNCTIONS if service_of(hop.arn) == "lambda" else CLOUDWATCH, "alarm"
        case _:
            return None
    return Sender(principal=principal, source_arns=(arn,), source=f"the {kind} {named(flow, arn)}")


def _by_role(flow: "Flow", hop: Hop) -> list[Permission]:
    """What a role needs to read or to send, and that the service may assume it."""
    role_arn, for_pipes = hop.role_arn, isinstance(hop.by, Pipe)
    if isinstance(hop.by, EventSourceMapping | AsyncConfig | Function):
        function = hop.by if isinstance(hop.by, Function) else flow.function(hop.by.function_arn)
        if function is None:
            return [_unknown("the function is outside the template, and its role with it")]
        role_arn = function.role_arn
    of_the_key: tuple[str, ...]
    if hop.reads:
        needed, of_the_key = _READING_FOR_PIPES if for_pipes else _READING, ("kms:Decrypt",)
        usual = ("kinesis:SubscribeToShard",) if "/consumer/" in hop.arn else needed.get(service_of(hop.arn), ())
        actions = hop.actions or usual
    else:
        actions, of_the_key = hop.actions or _SENDING.get(_kind(hop.arn), ()), ("kms:Decrypt", "kms:GenerateDataKey")
        if service_of(hop.arn) == "kinesis":  # https://docs.aws.amazon.com/streams/latest/dev/permissions-user-key-KMS.html
            of_the_key = ("kms:GenerateDataKey",)
    if not actions:
        return [_unknown(f"what {'reading' if hop.reads else 'sending to'} {hop.arn} asks of a role is not followed")]
    use = Use(
        service=_USERS[type(hop.by)],
        role_arn=role_arn or "",
        actions=actions,
        arn=f"{hop.arn}/{_object(hop.by)}" if service_of(hop.arn) == "s3" else hop.arn,
        of_the_key=of_the_key,
        source_arns=_source_arns(hop.by),
    )
    return of_role(flow, use)


def _object(by: Node) -> str:
    """An object as Lambda writes it into a bucket, of what failed.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
    """
    return f"aws/lambda/async/{by.function_arn.split(':')[6]}/object" if isinstance(by, AsyncConfig) else "aws/lambda/object"


def _kind(arn: str) -> str:
    service = service_of(arn)
    return f"events:{arn.split(':')[5].partition('/')[0]}" if service == "events" else service


def _source_arns(by: Node) -> tuple[str, ...] | Unknown:
    """What a service tells that it assumes a role for; a schedule's is its group.

    https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    """
    match by:
        case Schedule(arn=arn):
            return (arn.replace(":schedule/", ":schedule-group/").rpartition("/")[0], arn)
        case Rule(arn=arn) | Pipe(arn=arn):
            return (arn,)
    return Unknown("what the service tells of itself is known only when it assumes the role")


def _unknown(reason: str) -> Permission:
    return Permission(verdict="unknown", by="role", reason=reason)
