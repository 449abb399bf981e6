"""How CloudFormation names what it makes: of each type, the ARN, the property that names it, and what `Ref` gives."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

# DynamoDB names a stream by the time it was enabled; nobody can tell it beforehand, and everybody refers to it by GetAtt.
STREAM_LABEL = "2026-01-01T00:00:00.000"
CONSUMER_LABEL = "1767225600"  # likewise Kinesis a stream's consumer, in seconds


class Kind(NamedTuple):
    """`shape` ends the ARN, with `{name}` in it; `named_by` is the property with the physical name; `ref` is what Ref gives."""

    service: str
    shape: str = "{name}"
    named_by: str = ""
    ref: Literal["name", "arn", "url"] = "name"


KINDS: Mapping[str, Kind] = {
    "AWS::ApiGateway::RestApi": Kind("execute-api"),
    "AWS::ApiGateway::Stage": Kind("apigateway", named_by="StageName"),
    "AWS::ApiGatewayV2::Api": Kind("execute-api"),
    "AWS::ApiGatewayV2::Stage": Kind("apigateway", named_by="StageName"),
    "AWS::ApplicationAutoScaling::ScalingPolicy": Kind("autoscaling", "scalingPolicy:{name}", ref="arn"),
    "AWS::CloudWatch::Alarm": Kind("cloudwatch", "alarm:{name}", "AlarmName"),
    "AWS::CloudWatch::CompositeAlarm": Kind("cloudwatch", "alarm:{name}", "AlarmName"),
    "AWS::CloudWatch::Dashboard": Kind("cloudwatch", "dashboard/{name}", "DashboardName"),
    "AWS::CodeBuild::Project": Kind("codebuild", "project/{name}", "Name"),
    "AWS::DynamoDB::GlobalTable": Kind("dynamodb", "table/{name}", "TableName"),
    "AWS::DynamoDB::Table": Kind("dynamodb", "table/{name}", "TableName"),
    "AWS::ECS::Cluster": Kind("ecs", "cluster/{name}", "ClusterName"),
    "AWS::ECS::Service": Kind("ecs", "service/{name}", "ServiceName", "arn"),
    "AWS::ECS::TaskDefinition": Kind("ecs", "task-definition/{name}:1", "Family", "arn"),
    "AWS::Events::ApiDestination": Kind("events", "api-destination/{name}", "Name"),
    "AWS::Events::Archive": Kind("events", "archive/{name}", "ArchiveName"),
    "AWS::Events::Connection": Kind("events", "connection/{name}", "Name"),
    "AWS::Events::EventBus": Kind("events", "event-bus/{name}", "Name"),
    "AWS::Events::Rule": Kind("events", "rule/{name}", "Name"),
    "AWS::EventsV2::EventBus": Kind("events", "event-busv2/{name}/0", "Name", "arn"),
    "AWS::EventsV2::EventSource": Kind("events", "event-sourcev2/{name}", "Name", "arn"),
    "AWS::EventsV2::Subscriber": Kind("events", "subscriberv2/{name}", "Name", "arn"),
    "AWS::IAM::ManagedPolicy": Kind("iam", "policy/{name}", "ManagedPolicyName", "arn"),
    "AWS::IAM::Role": Kind("iam", "role/{name}", "RoleName"),
    "AWS::KMS::Alias": Kind("kms", "{name}", "AliasName"),
    "AWS::KMS::Key": Kind("kms", "key/{name}"),
    "AWS::Kinesis::Stream": Kind("kinesis", "stream/{name}", "Name"),
    "AWS::Kinesis::StreamConsumer": Kind("kinesis", named_by="ConsumerName", ref="arn"),
    "AWS::KinesisFirehose::DeliveryStream": Kind("firehose", "deliverystream/{name}", "DeliveryStreamName"),
    "AWS::Lambda::Alias": Kind("lambda", named_by="Name", ref="arn"),
    "AWS::Lambda::Function": Kind("lambda", "function:{name}", "FunctionName"),
    "AWS::Lambda::LayerVersion": Kind("lambda", "layer:{name}:1", "LayerName", "arn"),
    "AWS::Lambda::Version": Kind("lambda", ref="arn"),
    "AWS::Logs::LogGroup": Kind("logs", "log-group:{name}:*", "LogGroupName"),
    "AWS::Pipes::Pipe": Kind("pipes", "pipe/{name}", "Name"),
    "AWS::S3::Bucket": Kind("s3", named_by="BucketName"),
    "AWS::SNS::Subscription": Kind("sns", ref="arn"),
    "AWS::SNS::Topic": Kind("sns", "{name}", "TopicName", "arn"),
    "AWS::SQS::Queue": Kind("sqs", "{name}", "QueueName", "url"),
    "AWS::Scheduler::Schedule": Kind("scheduler", "schedule/{name}", "Name"),
    "AWS::Scheduler::ScheduleGroup": Kind("scheduler", "schedule-group/{name}", "Name"),
    "AWS::SecretsManager::Secret": Kind("secretsmanager", "secret:{name}", "Name", "arn"),
    "AWS::StepFunctions::StateMachine": Kind("states", "stateMachine:{name}", "StateMachineName", "arn"),
}

# Which attributes `Fn::GetAtt` gives that are the ARN, and which that are the name.
ARN_ATTRIBUTES = frozenset({"Arn", "ArnForPolicy", "TopicArn", "AliasArn", "ConsumerARN", "PolicyArn"})
NAME_ATTRIBUTES = frozenset({"QueueName", "TopicName", "Name", "ApiId", "RestApiId", "ResourceId", "KeyId"})


def kind_of(type_name: str) -> Kind:
    """The kind of a type; of an unlisted one, its service is the middle of its name."""
    service = type_name.split("::")[1].lower() if type_name.count("::") == 2 else "unknown"
    return KINDS.get(type_name) or Kind(service)


def partition(region: str) -> str:
    """The partition of a region: `aws`, `aws-cn` or `aws-us-gov`."""
    return "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"


def url_suffix(region: str) -> str:
    """The domain of the region's services."""
    return "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"


def arn_of(service: str, rest: str, region: str, account: str) -> str:
    """An ARN; those of IAM and S3 have no region, those of S3 no account."""
    account = "" if service == "s3" else account
    place = "" if service in ("iam", "s3") else region
    return f"arn:{partition(region)}:{service}:{place}:{account}:{rest}"


def place(arn: str) -> tuple[str, str]:
    """Region and account of an ARN; empty where it is none."""
    parts = arn.split(":")
    return (parts[3], parts[4]) if len(parts) >= 6 else ("", "")


def bus_arn(name: str, region: str, account: str) -> str:
    """The ARN of the classic bus of this name."""
    return arn_of("events", f"event-bus/{name}", region, account)
