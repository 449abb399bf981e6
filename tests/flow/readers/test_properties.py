"""Each property that is read of a resource, by its name, and what is said where it is missing."""

import json

import pytest

from cdk_event_flow.flow.model import InputTransformer, Target, Unknown
from cdk_event_flow.flow.sources import EventFilter, Notification

from .reading import HERE, OPEN, WHY, nodes, said

UNKNOWN = Unknown("parameter Open has no default")
ACCOUNT_ROOT = "arn:aws:iam::210987654321:root"
DOCUMENT = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
NO_DOCUMENT = Unknown("there is no policy document")
FILTERS = {"Filters": [{"Pattern": '{"body": {"a": [1]}}'}, {"Pattern": {"body": {"b": [2]}}}]}
PATTERNS = ({"body": {"a": [1]}}, {"body": {"b": [2]}})
DEFAULT_BUS = f"arn:aws:events:{HERE}:event-bus/default"
NO_TARGET = Target(id="Target0", arn="")

# (what it is called, type, properties, the node's class and fields)
READ = [
    ("a queue", "AWS::SQS::Queue", {}, "Queue", {"url": "https://sqs.eu-west-1.amazonaws.com/210987654321/Shop-It"}),
    (
        "a queue with all",
        "AWS::SQS::Queue",
        {
            "QueueName": "q.fifo", "FifoQueue": True, "ContentBasedDeduplication": "true", "VisibilityTimeout": 31,
            "MessageRetentionPeriod": "60", "DelaySeconds": 7, "KmsMasterKeyId": "alias/k",
            "RedrivePolicy": {"maxReceiveCount": 4, "deadLetterTargetArn": "arn:dead"},
        },
        "Queue",
        {
            "url": "https://sqs.eu-west-1.amazonaws.com/210987654321/q.fifo", "fifo": True, "content_deduplication": True,
            "visibility": 31, "retention": 60, "delay": 7, "key": "alias/k", "max_receives": 4, "dead_letter_arn": "arn:dead",
        },
    ),
    (
        "a queue that redrives after how often nobody says",
        "AWS::SQS::Queue",
        {"QueueName": "q", "RedrivePolicy": {"deadLetterTargetArn": "arn:dead"}},
        "Queue",
        {"url": "https://sqs.eu-west-1.amazonaws.com/210987654321/q", "max_receives": 10, "dead_letter_arn": "arn:dead"},
    ),
    ("a topic", "AWS::SNS::Topic", {}, "Topic", {}),
    (
        "a topic with all",
        "AWS::SNS::Topic",
        {"FifoTopic": True, "ContentBasedDeduplication": True, "KmsMasterKeyId": OPEN},
        "Topic",
        {"fifo": True, "content_deduplication": True, "key": UNKNOWN},
    ),
    ("a subscription", "AWS::SNS::Subscription", {}, "Subscription", {"topic_arn": "", "protocol": "", "endpoint": ""}),
    (
        "a subscription with all",
        "AWS::SNS::Subscription",
        {
            "TopicArn": "arn:t", "Protocol": "sqs", "Endpoint": "arn:q", "FilterPolicy": {"a": ["b"]},
            "FilterPolicyScope": "MessageBody",
            "RawMessageDelivery": True, "RedrivePolicy": {"deadLetterTargetArn": "arn:dead"},
        },
        "Subscription",
        {
            "topic_arn": "arn:t", "protocol": "sqs", "endpoint": "arn:q", "filter_policy": {"a": ["b"]},
            "filter_scope": "MessageBody",
            "raw": True, "dead_letter_arn": "arn:dead",
        },
    ),
    (
        "a subscription that filters by nothing",
        "AWS::SNS::Subscription",
        {"TopicArn": "arn:t", "Protocol": "sqs", "Endpoint": "arn:q", "FilterPolicy": {}, "FilterPolicyScope": "MessageAttributes"},
        "Subscription",
        {"topic_arn": "arn:t", "protocol": "sqs", "endpoint": "arn:q"},
    ),
    ("a bus", "AWS::Events::EventBus", {"Name": "orders"}, "Bus", {}),
    ("a rule", "AWS::Events::Rule", {}, "Rule",
     {"bus_arn": DEFAULT_BUS, "pattern": None, "schedule": None, "enabled": True, "targets": ()}),
    (
        "a rule with all",
        "AWS::Events::Rule",
        {
            "EventBusName": "event-bus/orders", "EventPattern": {"source": ["a"]}, "ScheduleExpression": "rate(1 hour)",
            "State": "DISABLED", "RoleArn": "arn:role", "Targets": [{"Arn": "arn:first"}, {"Id": "Second", "Arn": "arn:second"}],
        },
        "Rule",
        {
            "bus_arn": f"arn:aws:events:{HERE}:event-bus/orders", "pattern": {"source": ["a"]}, "schedule": "rate(1 hour)",
            "enabled": False,
            "targets": (
                Target(id="Target0", arn="arn:first", role_arn="arn:role"), Target(id="Second", arn="arn:second",
                role_arn="arn:role"),
            ),
        },
    ),
    (
        "a rule that lets all through",
        "AWS::Events::Rule",
        {"EventPattern": {"source": [OPEN]}, "State": "ENABLED", "EventBusName": "arn:aws:events:us-east-1:1:event-bus/far"},
        "Rule",
        {
            "bus_arn": "arn:aws:events:us-east-1:1:event-bus/far", "pattern": {"source": [{"prefix": ""}]}, "schedule": None,
            "enabled": True, "targets": (),
        },
    ),
    ("an archive", "AWS::Events::Archive", {}, "Archive", {"type": "AWS::Events::Archive", "bus_arn": ""}),
    (
        "an archive with all",
        "AWS::Events::Archive",
        {"SourceArn": "arn:bus", "EventPattern": {"source": ["a"]}},
        "Archive",
        {"type": "AWS::Events::Archive", "bus_arn": "arn:bus", "pattern": {"source": ["a"]}},
    ),
    (
        "an API destination",
        "AWS::Events::ApiDestination",
        {"InvocationEndpoint": "https://example.com/", "HttpMethod": "POST", "ConnectionArn": "arn:c"},
        "ApiDestination",
        {"type": "AWS::Events::ApiDestination", "endpoint": "https://example.com/", "method": "POST", "connection_arn": "arn:c"},
    ),
    ("a schedule", "AWS::Scheduler::Schedule", {}, "Schedule",
     {"expression": "", "timezone": "UTC", "enabled": True, "target": NO_TARGET}),
    (
        "a schedule with all",
        "AWS::Scheduler::Schedule",
        {
            "ScheduleExpression": "rate(1 hour)", "ScheduleExpressionTimezone": "Europe/Berlin", "State": "DISABLED",
            "FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15},
            "Target": {
                "Arn": DEFAULT_BUS, "RoleArn": "arn:role", "Input": "{}",
                "EventBridgeParameters": {"Source": "shop", "DetailType": "Due"},
            },
        },
        "Schedule",
        {
            "expression": "rate(1 hour)", "timezone": "Europe/Berlin", "enabled": False, "flexible_minutes": 15,
            "target": Target(
                id="Target0", arn=DEFAULT_BUS, role_arn="arn:role", input="{}", event_source="shop", detail_type="Due",
            ),
        },
    ),
    ("a new bus", "AWS::EventsV2::EventBus", {}, "CustomBus", {"type": "AWS::EventsV2::EventBus"}),
    (
        "a subscriber",
        "AWS::EventsV2::Subscriber",
        {"FilterConfiguration": {"Filters": [{"Pattern": '{"detail": {"a": [1]}}'}, {"Pattern": "{}"}]}, "State": "RUNNING"},
        "Subscriber",
        {
            "type": "AWS::EventsV2::Subscriber", "bus_arn": "", "target": Target(id="", arn=""),
            "filters": (EventFilter(pattern={"detail": {"a": [1]}}, scope="DATA"),),
        },
    ),
    (
        "a subscriber with all",
        "AWS::EventsV2::Subscriber",
        {
            "Name": "s", "EventBusArn": "arn:bus", "State": "STOPPED", "Transformer": {"Type": "JSONATA"},
            "FilterConfiguration": {"Filters": [{"Pattern": {"a": [1]}, "Scope": "METADATA"}]},
            "InvokeConfiguration": {"TargetArn": "arn:t", "RoleArn": "arn:role"}, "OnFailureConfiguration": {"Arn": "arn:dead"},
            "RetryPolicy": {"MaxRetryAttempts": 3, "MaxEventAgeInSeconds": 60},
        },
        "Subscriber",
        {
            "type": "AWS::EventsV2::Subscriber", "bus_arn": "arn:bus", "enabled": False, "sends": "JSONATA",
            "filters": (EventFilter(pattern={"a": [1]}, scope="METADATA"),),
            "target": Target(
                id="s", arn="arn:t", role_arn="arn:role", dead_letter_arn="arn:dead", max_attempts=3, max_age=60,
            ),
        },
    ),
    ("a pipe", "AWS::Pipes::Pipe", {"Source": "arn:s", "Target": "arn:t"}, "Pipe",
     {"type": "AWS::Pipes::Pipe", "source_arn": "arn:s", "target_arn": "arn:t"}),
    (
        "a pipe with all",
        "AWS::Pipes::Pipe",
        {
            "Source": "arn:s", "Target": "arn:t", "RoleArn": "arn:role", "Enrichment": "arn:e", "DesiredState": "STOPPED",
            "SourceParameters": {"FilterCriteria": FILTERS, "KinesisStreamParameters": {"DeadLetterConfig": {"Arn": "arn:dead"}}},
            "EnrichmentParameters": {"InputTemplate": "<$.a>"},
            "TargetParameters": {
                "InputTemplate": "<$.b>", "EventBridgeEventBusParameters": {"Source": "shop", "DetailType": "Sold"},
                "StepFunctionStateMachineParameters": {"InvocationType": "REQUEST_RESPONSE"},
            },
        },
        "Pipe",
        {
            "type": "AWS::Pipes::Pipe", "source_arn": "arn:s", "target_arn": "arn:t", "role_arn": "arn:role",
            "enrichment_arn": "arn:e",
            "enabled": False, "filters": PATTERNS, "dead_letter_arn": "arn:dead", "enrichment_template": "<$.a>", "template": "<$.b>",
            "event_source": "shop", "detail_type": "Sold", "awaits": True,
        },
    ),
    (
        "a pipe from a table",
        "AWS::Pipes::Pipe",
        {
            "SourceParameters": {"DynamoDBStreamParameters": {"DeadLetterConfig": {"Arn": "arn:dead"}}}, "DesiredState": "RUNNING",
            "TargetParameters": {"StepFunctionStateMachineParameters": {"InvocationType": "FIRE_AND_FORGET"}},
        },
        "Pipe",
        {"type": "AWS::Pipes::Pipe", "source_arn": "", "target_arn": "", "dead_letter_arn": "arn:dead"},
    ),
    ("a bucket", "AWS::S3::Bucket", {"NotificationConfiguration": {"LambdaConfigurations": [{}]}}, "Bucket",
     {"type": "AWS::S3::Bucket", "notifications": (Notification(destination="", events=("",)),)}),
    (
        "a bucket with all",
        "AWS::S3::Bucket",
        {
            "NotificationConfiguration": {
                "EventBridgeConfiguration": {"EventBridgeEnabled": True},
                "LambdaConfigurations": [{"Function": "arn:f", "Event": "s3:a", "Filter": {"S3Key": {"Rules": [
                    {"Name": "Prefix", "Value": "in/"}, {"Name": "suffix", "Value": ".csv"}, {"Name": "other", "Value": "x"}]}}}],
                "QueueConfigurations": [{"Queue": "arn:q", "Event": "s3:b"}],
                "TopicConfigurations": [{"Topic": "arn:t", "Event": "s3:c", "Filter": {"S3Key": {"Rules": [{"Name": "prefix"},
                {}]}}}],
            }
        },
        "Bucket",
        {
            "type": "AWS::S3::Bucket", "to_default_bus": True,
            "notifications": (
                Notification(destination="arn:f", events=("s3:a",), prefix="in/", suffix=".csv"),
                Notification(destination="arn:q", events=("s3:b",)), Notification(destination="arn:t", events=("s3:c",)),
            ),
        },
    ),
    ("a bucket that sends nothing to a bus", "AWS::S3::Bucket",
     {"NotificationConfiguration": {"EventBridgeConfiguration": {"EventBridgeEnabled": False}}}, "Bucket",
     {"type": "AWS::S3::Bucket"}),
    ("a bucket that sends all to a bus", "AWS::S3::Bucket", {"NotificationConfiguration": {"EventBridgeConfiguration": {}}}, "Bucket",
     {"type": "AWS::S3::Bucket", "to_default_bus": True}),
    ("notifications of a bucket", "Custom::S3BucketNotifications",
     {"BucketName": "b", "NotificationConfiguration": {"QueueConfigurations": [{"Events": [None]}]}}, "BucketNotifications",
     {"type": "Custom::S3BucketNotifications", "bucket_arn": "arn:aws:s3:::b",
      "notifications": (Notification(destination="", events=("",)),)}),
    (
        "notifications of a bucket with all",
        "Custom::S3BucketNotifications",
        {
            "BucketName": "b",
            "NotificationConfiguration": {
                "EventBridgeConfiguration": {},
                "LambdaFunctionConfigurations": [{"LambdaFunctionArn": "arn:f", "Events": ["s3:a", "s3:b"],
                "Filter": {"Key": {"FilterRules": [
                    {"Name": "prefix", "Value": "in/"}, {"Name": "Suffix", "Value": ".csv"}]}}}],
                "QueueConfigurations": [{"QueueArn": "arn:q", "Events": ["s3:c"]}],
                "TopicConfigurations": [{"TopicArn": "arn:t", "Events": ["s3:d"]}],
            },
        },
        "BucketNotifications",
        {
            "type": "Custom::S3BucketNotifications", "bucket_arn": "arn:aws:s3:::b", "to_default_bus": True,
            "notifications": (
                Notification(destination="arn:f", events=("s3:a", "s3:b"), prefix="in/", suffix=".csv"),
                Notification(destination="arn:q", events=("s3:c",)), Notification(destination="arn:t", events=("s3:d",)),
            ),
        },
    ),
    ("a table", "AWS::DynamoDB::Table", {"TableName": "t"}, "Table", {}),
    ("a table of several regions", "AWS::DynamoDB::GlobalTable", {"TableName": "t"}, "Table", {}),
    ("an alarm of alarms", "AWS::CloudWatch::CompositeAlarm", {"AlarmActions": ["arn:t"]}, "Alarm",
     {"type": "AWS::CloudWatch::CompositeAlarm", "actions": ("arn:t",)}),
    ("rights that roles may share", "AWS::IAM::ManagedPolicy", {"Roles": ["a"], "PolicyDocument": DOCUMENT}, "RolePolicy",
     {"roles": ("a",), "document": DOCUMENT}),
    ("a stream", "AWS::Kinesis::Stream", {}, "Stream", {"type": "AWS::Kinesis::Stream"}),
    ("a stream with a key", "AWS::Kinesis::Stream", {"StreamEncryption": {"KeyId": "alias/k"}}, "Stream",
     {"type": "AWS::Kinesis::Stream", "key": "alias/k"}),
    ("a stream with a key that is open", "AWS::Kinesis::Stream", {"StreamEncryption": {"KeyId": OPEN}}, "Stream",
     {"type": "AWS::Kinesis::Stream", "key": UNKNOWN}),
    ("a stream whose encryption is open", "AWS::Kinesis::Stream", {"StreamEncryption": OPEN}, "Stream",
     {"type": "AWS::Kinesis::Stream", "key": UNKNOWN}),
    ("an alarm", "AWS::CloudWatch::Alarm", {"AlarmActions": ["arn:t", OPEN, None]}, "Alarm",
     {"type": "AWS::CloudWatch::Alarm", "actions": ("arn:t", WHY, "")}),
    ("an alarm that is quiet", "AWS::CloudWatch::Alarm", {"AlarmActions": ["arn:t"], "ActionsEnabled": "false"}, "Alarm",
     {"type": "AWS::CloudWatch::Alarm"}),
    ("a key", "AWS::KMS::Key", {"KeyPolicy": DOCUMENT}, "Key", {"policy": DOCUMENT}),
    ("a key with the usual policy", "AWS::KMS::Key", {}, "Key",
     {"policy": {"Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": {"AWS": ACCOUNT_ROOT}}]}}),
    ("another name of a key", "AWS::KMS::Alias", {"AliasName": "alias/k", "TargetKeyId": "key-1"}, "KeyAlias", {"key": "key-1"}),
    ("another name of a key that is open", "AWS::KMS::Alias", {"TargetKeyId": OPEN}, "KeyAlias", {"key": UNKNOWN}),
    ("another name of no key", "AWS::KMS::Alias", {}, "KeyAlias", {"key": Unknown("the alias names no key")}),
    ("a role", "AWS::IAM::Role", {}, "Role", {"trust": NO_DOCUMENT}),
    (
        "a role with all",
        "AWS::IAM::Role",
        {
            "AssumeRolePolicyDocument": json.dumps(DOCUMENT), "Policies": [{"PolicyDocument": DOCUMENT}, OPEN, {}],
            "ManagedPolicyArns": ["arn:m", OPEN], "PermissionsBoundary": "arn:b",
        },
        "Role",
        {"trust": DOCUMENT, "documents": (DOCUMENT, UNKNOWN, NO_DOCUMENT), "managed": ("arn:m", UNKNOWN), "bounded": True},
    ),
    ("rights of roles", "AWS::IAM::Policy", {"Roles": ["a", OPEN], "PolicyDocument": DOCUMENT}, "RolePolicy",
     {"roles": ("a", UNKNOWN), "document": DOCUMENT}),
    ("rights of a role", "AWS::IAM::RolePolicy", {"RoleName": "a", "PolicyDocument": "{"}, "RolePolicy",
     {"roles": ("a",), "document": Unknown("the policy document is not JSON")}),
    ("a policy of log groups", "AWS::Logs::ResourcePolicy", {"PolicyDocument": json.dumps(DOCUMENT)}, "ResourcePolicy",
     {"resources": (f"arn:aws:logs:{HERE}:*",), "document": DOCUMENT}),
    ("a policy of a stream", "AWS::Kinesis::ResourcePolicy", {"ResourceArn": "arn:s", "ResourcePolicy": DOCUMENT}, "ResourcePolicy",
     {"resources": ("arn:s",), "document": DOCUMENT}),
    ("a policy of a bucket", "AWS::S3::BucketPolicy", {"Bucket": "b", "PolicyDocument": DOCUMENT}, "ResourcePolicy",
     {"resources": ("arn:aws:s3:::b",), "document": DOCUMENT}),
    ("a policy of a bucket that is open", "AWS::S3::BucketPolicy", {"Bucket": OPEN, "PolicyDocument": OPEN}, "ResourcePolicy",
     {"resources": (UNKNOWN,), "document": UNKNOWN}),
    ("a policy of topics", "AWS::SNS::TopicPolicy", {"Topics": ["arn:t", OPEN], "PolicyDocument": DOCUMENT}, "ResourcePolicy",
     {"resources": ("arn:t", UNKNOWN), "document": DOCUMENT}),
    ("a policy of a topic", "AWS::SNS::TopicInlinePolicy", {"TopicArn": "arn:t", "PolicyDocument": DOCUMENT}, "ResourcePolicy",
     {"resources": ("arn:t",), "document": DOCUMENT}),
    ("a policy of queues", "AWS::SQS::QueuePolicy",
     {"Queues": ["https://sqs.eu-west-1.amazonaws.com/1/q", OPEN], "PolicyDocument": DOCUMENT},
     "ResourcePolicy", {"resources": (f"arn:aws:sqs:{HERE}:q", UNKNOWN), "document": DOCUMENT}),
    ("a policy of a queue", "AWS::SQS::QueueInlinePolicy",
     {"Queue": "https://sqs.eu-west-1.amazonaws.com/1/q", "PolicyDocument": DOCUMENT},
     "ResourcePolicy", {"resources": (f"arn:aws:sqs:{HERE}:q",), "document": DOCUMENT}),
    (
        "a statement of a bus",
        "AWS::Events::EventBusPolicy",
        {"EventBusName": "orders", "Statement": {"Effect": "Deny"}},
        "ResourcePolicy",
        {"resources": (f"arn:aws:events:{HERE}:event-bus/orders",), "document": {"Statement": [{"Effect": "Deny"}]}},
    ),
    (
        "a statement of a bus in parts",
        "AWS::Events::EventBusPolicy",
        {
            "EventBusName": f"arn:aws:events:{HERE}:event-bus/orders", "Action": "events:PutEvents", "Principal": "1",
            "Condition": {"Type": "StringEquals", "Key": "aws:PrincipalOrgID", "Value": "o"},
        },
        "ResourcePolicy",
        {
            "resources": (f"arn:aws:events:{HERE}:event-bus/orders",),
            "document": {"Statement": [{
                "Effect": "Allow", "Principal": {"AWS": "1"}, "Action": "events:PutEvents",
                "Resource": f"arn:aws:events:{HERE}:event-bus/orders", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o"}},
            }]},
        },
    ),
    (
        "a statement of a bus without a condition",
        "AWS::Events::EventBusPolicy",
        {"Action": "events:PutEvents", "Principal": "*"},
        "ResourcePolicy",
        {
            "resources": (DEFAULT_BUS,),
            "document": {"Statement": [{
                "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "events:PutEvents", "Resource": DEFAULT_BUS, "Condition": {},
            }]},
        },
    ),
]  # fmt: skip


@pytest.mark.parametrize(("type", "properties", "kind", "fields"), [row[1:] for row in READ], ids=[row[0] for row in READ])
def test_what_is_read(type, properties, kind, fields):
    (node,) = nodes(type, properties)
    assert (node.__class__.__name__, said(node)) == (kind, fields)


WITH_PROPERTIES = [
    "AWS::ApiGateway::Deployment", "AWS::ApiGateway::Method", "AWS::ApiGateway::RestApi", "AWS::ApiGateway::Stage",
    "AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Authorizer", "AWS::ApiGatewayV2::Route", "AWS::ApiGatewayV2::Stage",
    "AWS::ApplicationAutoScaling::ScalableTarget", "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm",
    "AWS::CloudWatch::Dashboard", "AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table", "AWS::EC2::Route", "AWS::EC2::SecurityGroup",
    "AWS::EC2::SecurityGroupEgress", "AWS::EC2::SecurityGroupIngress", "AWS::EC2::Subnet", "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::VPCEndpoint", "AWS::ECS::Service", "AWS::ECS::TaskDefinition", "AWS::Events::Archive", "AWS::Events::Connection",
    "AWS::EventsV2::EventSource", "AWS::Kinesis::Stream", "AWS::Lambda::Url", "AWS::Pipes::Pipe", "AWS::S3::Bucket",
]  # fmt: skip


@pytest.mark.parametrize("type", WITH_PROPERTIES)
def test_properties_are_kept_as_the_template_has_them(type):
    (node,) = nodes(type, {"Any": [OPEN, 5]})
    assert node.properties == {"Any": [UNKNOWN, 5]}


TARGETS = [
    ({}, {"id": "Target0", "arn": ""}),
    ({"Id": "T", "Arn": "arn:t", "Input": "{}"}, {"id": "T", "arn": "arn:t", "input": "{}"}),
    ({"InputPath": "$.detail", "RoleArn": "arn:role"}, {"id": "Target0", "arn": "", "input_path": "$.detail",
    "role_arn": "arn:role"}),
    (
        {"InputTransformer": {"InputPathsMap": {"a": "$.b", "c": None}, "InputTemplate": "<a>"}},
        {"id": "Target0", "arn": "", "transformer": InputTransformer(paths={"a": "$.b", "c": ""}, template="<a>")},
    ),
    ({"InputTransformer": {}}, {"id": "Target0", "arn": "", "transformer": InputTransformer(paths={}, template="")}),
    (
        {"RetryPolicy": {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}, "DeadLetterConfig": {"Arn": "arn:dead"}},
        {"id": "Target0", "arn": "", "max_attempts": 0, "max_age": 60, "dead_letter_arn": "arn:dead"},
    ),
    (
        {"SqsParameters": {"MessageGroupId": "g"}, "KinesisParameters": {"PartitionKeyPath": "$.id"},
         "HttpParameters": {"HeaderParameters": {"A": "b"}}},
        {"id": "Target0", "arn": "", "message_group_id": "g", "key_path": "$.id", "web": {"HeaderParameters": {"A": "b"}}},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("target", "fields"), TARGETS)
def test_what_is_read_of_a_target(target, fields):
    (rule,) = nodes("AWS::Events::Rule", {"Targets": [target]})
    assert said(rule.targets[0]) == fields


@pytest.mark.parametrize(
    ("target", "role"),
    [
        ({"Arn": "arn:aws:sqs:eu-west-1:1:q"}, None),
        ({"Arn": "arn:aws:sns:eu-west-1:1:t"}, None),
        ({"Arn": "arn:aws:lambda:eu-west-1:1:function:f"}, None),
        ({"Arn": "arn:aws:logs:eu-west-1:1:log-group:g"}, None),
        ({"Arn": "arn:aws:kinesis:eu-west-1:1:stream/s"}, "arn:of-the-rule"),
        ({"Arn": "arn:aws:kinesis:eu-west-1:1:stream/s", "RoleArn": "arn:own"}, "arn:own"),
    ],
)
def test_the_role_of_a_rule_is_for_targets_that_no_policy_of_their_own_opens(target, role):
    (rule,) = nodes("AWS::Events::Rule", {"RoleArn": "arn:of-the-rule", "Targets": [target]})
    assert rule.targets[0].role_arn == role


def test_subscriptions_may_stand_in_their_topic():
    inside = [{"Protocol": "sqs", "Endpoint": "arn:q"}, {}]
    topic, first, second = nodes("AWS::SNS::Topic", {"TopicName": "news", "Subscription": inside})
    assert topic.arn == f"arn:aws:sns:{HERE}:news"
    assert said(first) == {"topic_arn": topic.arn, "protocol": "sqs", "endpoint": "arn:q"}
    assert (first.arn, first.name, first.path) == (f"{topic.arn}:1", "news-1", "It/Subscription1")
    assert said(second) == {"topic_arn": topic.arn, "protocol": "", "endpoint": ""}
    assert (second.arn, second.name, second.path) == (f"{topic.arn}:2", "news-2", "It/Subscription2")
