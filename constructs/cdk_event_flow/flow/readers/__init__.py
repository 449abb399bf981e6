"""One reader a service: a resource of the template in, a node of the model out, or several that stand in one resource."""

from collections.abc import Callable, Mapping

from cdk_event_flow.flow.model import Node
from cdk_event_flow.flow.readers import apis, dynamodb, events, eventsv2, functions, others, pipes, s3, scheduler, schemas, sns, sqs
from cdk_event_flow.flow.readers.resource import Resource

Reader = Callable[[Resource], Node | tuple[Node, ...]]

READERS: Mapping[str, Reader] = {
    "AWS::ApiGateway::Method": apis.rest_method,
    "AWS::ApiGateway::RestApi": apis.rest_api,
    "AWS::ApiGatewayV2::Api": apis.http_api,
    "AWS::ApiGatewayV2::Route": apis.http_route,
    "AWS::CloudWatch::Alarm": others.alarm,
    "AWS::CloudWatch::CompositeAlarm": others.alarm,
    "AWS::DynamoDB::GlobalTable": dynamodb.table,
    "AWS::DynamoDB::Table": dynamodb.table,
    "AWS::EventSchemas::Schema": schemas.schema,
    "AWS::Events::ApiDestination": events.api_destination,
    "AWS::Events::Archive": events.archive,
    "AWS::Events::EventBus": events.bus,
    "AWS::Events::Rule": events.rule,
    "AWS::EventsV2::EventBus": eventsv2.bus,
    "AWS::EventsV2::EventSource": eventsv2.source,
    "AWS::EventsV2::Subscriber": eventsv2.subscriber,
    "AWS::IAM::ManagedPolicy": others.other,
    "AWS::IAM::Policy": others.other,
    "AWS::IAM::Role": others.other,
    "AWS::Kinesis::Stream": others.stream,
    "AWS::Lambda::Alias": functions.alias,
    "AWS::Lambda::EventInvokeConfig": functions.async_config,
    "AWS::Lambda::EventSourceMapping": functions.mapping,
    "AWS::Lambda::Function": functions.function,
    "AWS::Lambda::Url": functions.url,
    "AWS::Lambda::Version": functions.version,
    "AWS::Pipes::Pipe": pipes.pipe,
    "AWS::S3::Bucket": s3.bucket,
    "AWS::SNS::Subscription": sns.subscription,
    "AWS::SNS::Topic": sns.topic,
    "AWS::SQS::Queue": sqs.queue,
    "AWS::Scheduler::Schedule": scheduler.schedule,
    "Custom::S3BucketNotifications": s3.notifications,
}
