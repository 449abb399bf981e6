"""One reader a service: a resource of the template in, a node of the model out."""

from collections.abc import Callable, Mapping

from cdk_event_flow.flow.model import Node
from cdk_event_flow.flow.readers import dynamodb, events, functions, iam, kms, logs, others, scheduler, schemas, sns, sqs
from cdk_event_flow.flow.readers.resource import Resource

Reader = Callable[[Resource], Node]

READERS: Mapping[str, Reader] = {
    "AWS::CloudWatch::Alarm": others.other,
    "AWS::DynamoDB::Table": dynamodb.table,
    "AWS::EC2::Route": others.other,
    "AWS::EC2::Subnet": others.other,
    "AWS::EC2::SubnetRouteTableAssociation": others.other,
    "AWS::EC2::VPCEndpoint": others.other,
    "AWS::EventSchemas::Schema": schemas.schema,
    "AWS::Events::Archive": others.other,
    "AWS::Events::EventBus": events.bus,
    "AWS::Events::EventBusPolicy": events.policy,
    "AWS::Events::Rule": events.rule,
    "AWS::IAM::ManagedPolicy": iam.policy,
    "AWS::IAM::Policy": iam.policy,
    "AWS::IAM::Role": iam.role,
    "AWS::IAM::RolePolicy": iam.policy,
    "AWS::KMS::Alias": kms.alias,
    "AWS::KMS::Key": kms.key,
    "AWS::Lambda::Alias": functions.alias,
    "AWS::Lambda::EventInvokeConfig": functions.async_config,
    "AWS::Lambda::EventSourceMapping": functions.mapping,
    "AWS::Lambda::Function": functions.function,
    "AWS::Lambda::Permission": functions.permission,
    "AWS::Lambda::ResourcePolicy": functions.policy,
    "AWS::Lambda::Version": functions.version,
    "AWS::Logs::ResourcePolicy": logs.policy,
    "AWS::Pipes::Pipe": others.other,
    "AWS::SNS::Subscription": sns.subscription,
    "AWS::SNS::Topic": sns.topic,
    "AWS::SNS::TopicInlinePolicy": sns.policy,
    "AWS::SNS::TopicPolicy": sns.policy,
    "AWS::SQS::Queue": sqs.queue,
    "AWS::SQS::QueueInlinePolicy": sqs.policy,
    "AWS::SQS::QueuePolicy": sqs.policy,
    "AWS::Scheduler::Schedule": scheduler.schedule,
}
