"""One reader a service: a resource of the template in, a node of the model out."""

from collections.abc import Callable, Mapping

from cdk_event_flow.flow.model import Node
from cdk_event_flow.flow.readers import dynamodb, events, functions, others, scheduler, sns, sqs
from cdk_event_flow.flow.readers.resource import Resource

Reader = Callable[[Resource], Node]

READERS: Mapping[str, Reader] = {
    "AWS::DynamoDB::Table": dynamodb.table,
    "AWS::Events::Archive": others.other,
    "AWS::Events::EventBus": events.bus,
    "AWS::Events::Rule": events.rule,
    "AWS::IAM::ManagedPolicy": others.other,
    "AWS::IAM::Policy": others.other,
    "AWS::IAM::Role": others.other,
    "AWS::Lambda::Alias": functions.alias,
    "AWS::Lambda::EventInvokeConfig": functions.async_config,
    "AWS::Lambda::EventSourceMapping": functions.mapping,
    "AWS::Lambda::Function": functions.function,
    "AWS::Lambda::Version": functions.version,
    "AWS::Pipes::Pipe": others.other,
    "AWS::SNS::Subscription": sns.subscription,
    "AWS::SNS::Topic": sns.topic,
    "AWS::SQS::Queue": sqs.queue,
    "AWS::Scheduler::Schedule": scheduler.schedule,
}
