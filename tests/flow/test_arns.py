"""The names and ARNs of what CloudFormation makes, and what `Ref` gives: as the documentation of each type says."""

import pytest

from cdk_event_flow.flow.resolve import Resolver

# Type, the property with the name, how the ARN ends after region and account, and whether `Ref` gives the ARN (else the name).
NAMED = """
AWS::ApiGateway::Stage StageName apigateway own
AWS::ApiGatewayV2::Stage StageName apigateway own
AWS::CloudWatch::Alarm AlarmName cloudwatch alarm:own
AWS::CloudWatch::CompositeAlarm AlarmName cloudwatch alarm:own
AWS::CloudWatch::Dashboard DashboardName cloudwatch dashboard/own
AWS::CodeBuild::Project Name codebuild project/own
AWS::DynamoDB::GlobalTable TableName dynamodb table/own
AWS::DynamoDB::Table TableName dynamodb table/own
AWS::ECS::Cluster ClusterName ecs cluster/own
AWS::ECS::Service ServiceName ecs service/own arn
AWS::ECS::TaskDefinition Family ecs task-definition/own:1 arn
AWS::Events::ApiDestination Name events api-destination/own
AWS::Events::Archive ArchiveName events archive/own
AWS::Events::Connection Name events connection/own
AWS::Events::EventBus Name events event-bus/own
AWS::Events::Rule Name events rule/own
AWS::EventsV2::EventBus Name events event-busv2/own/0 arn
AWS::EventsV2::EventSource Name events event-sourcev2/own arn
AWS::EventsV2::Subscriber Name events subscriberv2/own arn
AWS::KinesisFirehose::DeliveryStream DeliveryStreamName firehose deliverystream/own
AWS::Kinesis::Stream Name kinesis stream/own
AWS::Lambda::Alias Name lambda function:of:own arn
AWS::Lambda::Function FunctionName lambda function:own
AWS::Lambda::LayerVersion LayerName lambda layer:own:1 arn
AWS::Logs::LogGroup LogGroupName logs log-group:own:*
AWS::Pipes::Pipe Name pipes pipe/own
AWS::SNS::Topic TopicName sns own arn
AWS::Scheduler::Schedule Name scheduler schedule/default/own
AWS::Scheduler::ScheduleGroup Name scheduler schedule-group/own
AWS::SecretsManager::Secret Name secretsmanager secret:own arn
AWS::StepFunctions::StateMachine StateMachineName states stateMachine:own arn
"""
# Type, and how the ARN ends, of what has no name of its own.
UNNAMED = """
AWS::ApiGateway::RestApi execute-api Shop-It
AWS::ApiGatewayV2::Api execute-api Shop-It
AWS::ApplicationAutoScaling::ScalingPolicy autoscaling scalingPolicy:Shop-It arn
AWS::KMS::Key kms key/Shop-It
AWS::Lambda::Version lambda function:of:1 arn
AWS::SNS::Subscription sns Shop-It arn
AWS::MSK::Cluster msk Shop-It
AWS::S3::Bucket::MODULE unknown Shop-It
Custom::Thing unknown Shop-It
"""


def resolver(type, region="us-east-1", **properties):
    """Of a stack with one resource, `It`."""
    return Resolver({"Resources": {"It": {"Type": type, "Properties": properties}}}, "Shop", region=region)


def rows(table):
    return [line.split() for line in table.split("\n") if line]


def told(of):
    """What of it others may refer to."""
    return of.value({"Fn::GetAtt": ["It", "Arn"]}), of.value({"Ref": "It"})


@pytest.mark.parametrize(("type", "property", "service", "end", "ref"), [(*row, "name")[:5] for row in rows(NAMED)])
def test_what_has_a_name_of_its_own(type, property, service, end, ref):
    of = resolver(type, **{"FunctionName": "of", property: "own"})
    arn = f"arn:aws:{service}:us-east-1:123456789012:{end}"
    assert told(of) == (arn, arn if ref == "arn" else "own")


@pytest.mark.parametrize(("type", "service", "end", "ref"), [(*row, "name")[:4] for row in rows(UNNAMED)])
def test_what_cloudformation_names(type, service, end, ref):
    arn = f"arn:aws:{service}:us-east-1:123456789012:{end}"
    assert told(resolver(type, FunctionName="of")) == (arn, arn if ref == "arn" else "Shop-It")


@pytest.mark.parametrize(
    ("type", "properties", "arn", "ref"),
    [
        ("AWS::IAM::Role", {"RoleName": "own"}, "arn:{partition}:iam::123456789012:role/own", "own"),
        ("AWS::IAM::ManagedPolicy", {"ManagedPolicyName": "own"}, "arn:{partition}:iam::123456789012:policy/own", None),
        ("AWS::KMS::Alias", {"AliasName": "alias/own"}, "arn:{partition}:kms:{region}:123456789012:alias/own", "alias/own"),
        ("AWS::S3::Bucket", {"BucketName": "own"}, "arn:{partition}:s3:::own", "own"),
        ("AWS::S3::Bucket", {}, "arn:{partition}:s3:::shop-it", "shop-it"),
        (
            "AWS::SQS::Queue",
            {"QueueName": "own"},
            "arn:{partition}:sqs:{region}:123456789012:own",
            "https://sqs.{region}.{domain}/123456789012/own",
        ),
    ],
)
@pytest.mark.parametrize(
    ("region", "partition", "domain"),
    [
        ("eu-west-1", "aws", "amazonaws.com"),
        ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
        ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
    ],
)
def test_names_are_of_region_and_partition_where_the_service_has_them(type, properties, arn, ref, region, partition, domain):
    place = {"region": region, "partition": partition, "domain": domain}
    arn = arn.format(**place)
    assert told(resolver(type, region, **properties)) == (arn, (ref or arn).format(**place))


def test_a_consumer_is_of_its_stream():
    stream = "arn:aws:kinesis:us-east-1:123456789012:stream/clicks"
    of = resolver("AWS::Kinesis::StreamConsumer", ConsumerName="own", StreamARN=stream)
    assert of.value({"Ref": "It"}) == of.value({"Fn::GetAtt": ["It", "ConsumerARN"]})
    assert of.value({"Ref": "It"}).startswith(f"{stream}/consumer/own:")


@pytest.mark.parametrize(
    ("type", "attribute", "whole"),
    [
        ("AWS::S3::Bucket", "Arn", True),
        ("AWS::IAM::ManagedPolicy", "PolicyArn", True),
        ("AWS::Events::Rule", "ArnForPolicy", True),
        ("AWS::SNS::Topic", "TopicArn", True),
        ("AWS::Lambda::Alias", "AliasArn", True),
        ("AWS::SQS::Queue", "QueueName", False),
        ("AWS::SNS::Topic", "TopicName", False),
        ("AWS::ECS::Service", "Name", False),
        ("AWS::ApiGatewayV2::Api", "ApiId", False),
        ("AWS::ApiGateway::RestApi", "RestApiId", False),
        ("AWS::ApiGateway::Resource", "ResourceId", False),
        ("AWS::KMS::Key", "KeyId", False),
    ],
)
def test_attributes_give_the_arn_or_the_name(type, attribute, whole):
    of = resolver(type, FunctionName="of")
    assert of.value({"Fn::GetAtt": ["It", attribute]}) == (of.arn("It") if whole else of.name("It"))
