"""A template with every type of resource that is read, for tests that ask what happens when something in it is wrong."""

import json

from cdk_event_flow.flow.readers import READERS


def att(logical_id, attribute="Arn"):
    """`Fn::GetAtt`."""
    return {"Fn::GetAtt": [logical_id, attribute]}


def ref(logical_id):
    """`Ref`."""
    return {"Ref": logical_id}


def uri(function):
    """The address by which an API invokes a function."""
    path = "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${" + function + ".Arn}/invocations"
    return {"Fn::Sub": path}


def statement(service, action, resource):
    """A policy of one statement."""
    return {"Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": action, "Resource": resource}]}


_DLQ = {"Arn": att("Dead")}
_PIPE_FILTER = {"Filters": [{"Pattern": '{"body": {"region": ["eu"]}}'}]}
_ROLE = statement("lambda.amazonaws.com", "sqs:*", "*")

EVERY = {
    "Task": (
        "AWS::ECS::TaskDefinition",
        {
            "Family": "jobs",
            "TaskRoleArn": att("Role"),
            "ContainerDefinitions": [
                {
                    "Name": "main",
                    "Environment": [{"Name": "QUEUE", "Value": ref("Queue")}],
                    "LogConfiguration": {"Options": {"awslogs-group": "jobs"}},
                }
            ],
        },
    ),
    "Service": (
        "AWS::ECS::Service",
        {
            "TaskDefinition": ref("Task"),
            "NetworkConfiguration": {
                "AwsvpcConfiguration": {"AssignPublicIp": "DISABLED", "Subnets": [ref("Subnet")], "SecurityGroups": ["sg-1"]}
            },
        },
    ),
    "Api": ("AWS::ApiGatewayV2::Api", {"Name": "shop", "ProtocolType": "HTTP", "Target": att("Function"), "RouteKey": "GET /quick"}),
    "ApiInBody": (
        "AWS::ApiGatewayV2::Api",
        {
            "Body": {
                "openapi": "3.0.1",
                "paths": {
                    "/items/{id}": {
                        "post": {
                            "x-amazon-apigateway-integration": {
                                "type": "aws_proxy",
                                "uri": uri("Function"),
                                "payloadFormatVersion": "2.0",
                            }
                        }
                    }
                },
            }
        },
    ),
    "Integration": (
        "AWS::ApiGatewayV2::Integration",
        {
            "ApiId": ref("Api"),
            "IntegrationType": "AWS_PROXY",
            "IntegrationSubtype": "EventBridge-PutEvents",
            "RequestParameters": {"Source": "web", "DetailType": "Ordered", "Detail": "$request.body", "EventBusName": ref("Bus")},
        },
    ),
    "Route": (
        "AWS::ApiGatewayV2::Route",
        {"ApiId": ref("Api"), "RouteKey": "POST /orders", "Target": {"Fn::Join": ["/", ["integrations", ref("Integration")]]}},
    ),
    "Rest": ("AWS::ApiGateway::RestApi", {"Name": "rest"}),
    "Path": (
        "AWS::ApiGateway::Resource",
        {"RestApiId": ref("Rest"), "ParentId": att("Rest", "RootResourceId"), "PathPart": "orders"},
    ),
    "Method": (
        "AWS::ApiGateway::Method",
        {
            "RestApiId": ref("Rest"),
            "ResourceId": ref("Path"),
            "HttpMethod": "POST",
            "Integration": {"Type": "AWS_PROXY", "Uri": uri("Function")},
        },
    ),
    "RestDeployment": ("AWS::ApiGateway::Deployment", {"RestApiId": ref("Rest")}),
    "RestStage": ("AWS::ApiGateway::Stage", {"RestApiId": ref("Rest"), "StageName": "prod"}),
    "Tokens": (
        "AWS::ApiGatewayV2::Authorizer",
        {
            "ApiId": ref("Api"),
            "AuthorizerType": "JWT",
            "JwtConfiguration": {"Issuer": "https://login.example.com/", "Audience": ["a"]},
        },
    ),
    "Connection": (
        "AWS::Events::Connection",
        {"AuthorizationType": "API_KEY", "AuthParameters": {"ApiKeyAuthParameters": {"ApiKeyName": "key", "ApiKeyValue": "x"}}},
    ),
    "Stage": ("AWS::ApiGatewayV2::Stage", {"ApiId": ref("Api"), "StageName": "$default", "AutoDeploy": True}),
    "Scaled": (
        "AWS::ApplicationAutoScaling::ScalableTarget",
        {"ServiceNamespace": "lambda", "ResourceId": "function:bill:live", "MinCapacity": 1, "MaxCapacity": 2},
    ),
    "Alarm": ("AWS::CloudWatch::Alarm", {"AlarmName": "late", "AlarmActions": [ref("Topic")]}),
    "Board": ("AWS::CloudWatch::Dashboard", {"DashboardName": "board", "DashboardBody": "{}"}),
    "BothAlarms": ("AWS::CloudWatch::CompositeAlarm", {"AlarmName": "both", "AlarmActions": [ref("Topic")]}),
    "Table": (
        "AWS::DynamoDB::Table",
        {
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
        },
    ),
    "Global": ("AWS::DynamoDB::GlobalTable", {"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}),
    "RouteOut": ("AWS::EC2::Route", {"RouteTableId": "rtb-1", "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1"}),
    "Subnet": ("AWS::EC2::Subnet", {"VpcId": ref("Vpc"), "CidrBlock": "10.0.0.0/24"}),
    "Group": (
        "AWS::EC2::SecurityGroup",
        {"VpcId": "vpc-1", "GroupDescription": "g", "SecurityGroupEgress": [{"CidrIp": "10.0.0.0/8"}]},
    ),
    "Leaves": ("AWS::EC2::SecurityGroupEgress", {"GroupId": att("Group", "GroupId"), "IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}),
    "Enters": (
        "AWS::EC2::SecurityGroupIngress",
        {"GroupId": ref("Group"), "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "SourceSecurityGroupId": ref("Group")},
    ),
    "Vpc": ("AWS::EC2::VPC", {"CidrBlock": "10.0.0.0/16"}),
    "Association": ("AWS::EC2::SubnetRouteTableAssociation", {"RouteTableId": "rtb-1", "SubnetId": ref("Subnet")}),
    "Endpoint": (
        "AWS::EC2::VPCEndpoint",
        {
            "VpcId": ref("Vpc"),
            "ServiceName": "com.amazonaws.us-east-1.sqs",
            "VpcEndpointType": "Interface",
            "SubnetIds": [ref("Subnet")],
            "SecurityGroupIds": [ref("Group")],
        },
    ),
    "Schema": (
        "AWS::EventSchemas::Schema",
        {
            "Type": "JSONSchemaDraft4",
            "Content": json.dumps(
                {"properties": {"source": {"const": "shop"}, "detail-type": {"const": "Ordered"}, "detail": {"type": "object"}}}
            ),
        },
    ),
    "Destination": (
        "AWS::Events::ApiDestination",
        {"InvocationEndpoint": "https://example.com", "HttpMethod": "POST", "ConnectionArn": "arn"},
    ),
    "Archive": ("AWS::Events::Archive", {"SourceArn": att("Bus"), "EventPattern": {"source": ["shop"]}, "RetentionDays": 30}),
    "Bus": ("AWS::Events::EventBus", {"Name": "orders", "DeadLetterConfig": _DLQ}),
    "BusPolicy": (
        "AWS::Events::EventBusPolicy",
        {
            "EventBusName": ref("Bus"),
            "StatementId": "x",
            "Statement": {"Effect": "Allow", "Principal": "*", "Action": "events:PutEvents"},
        },
    ),
    "Rule": (
        "AWS::Events::Rule",
        {
            "EventBusName": ref("Bus"),
            "EventPattern": {"source": ["shop"], "detail": {"region": ["eu", {"prefix": "us"}], "$or": [{"a": [1]}, {"b": [2]}]}},
            "State": "ENABLED",
            "Targets": [
                {"Id": "1", "Arn": ref("Topic"), "DeadLetterConfig": _DLQ, "RetryPolicy": {"MaximumRetryAttempts": 3}},
                {"Id": "2", "Arn": att("Queue"), "InputPath": "$.detail"},
                {"Id": "3", "Arn": ref("Alias"), "Input": '{"a": 1}'},
                {
                    "Id": "4",
                    "Arn": att("Destination"),
                    "InputTransformer": {
                        "InputPathsMap": {"id": "$.detail.id"},
                        "InputTemplate": '{"id": <id>, "all": "<aws.events.rule-name>"}',
                    },
                },
                {"Id": "5", "Arn": att("Stream"), "RoleArn": att("Role"), "SqsParameters": {"MessageGroupId": "1"}},
            ],
        },
    ),
    "Hourly": ("AWS::Events::Rule", {"ScheduleExpression": "rate(1 hour)", "Targets": [{"Id": "1", "Arn": att("Function")}]}),
    "CustomBus": ("AWS::EventsV2::EventBus", {"Name": "custom"}),
    "EventSource": ("AWS::EventsV2::EventSource", {"Name": "source", "EventBusArn": ref("CustomBus"), "Configuration": {}}),
    "Subscriber": (
        "AWS::EventsV2::Subscriber",
        {
            "Name": "s",
            "EventBusArn": ref("CustomBus"),
            "FilterConfiguration": {"Filters": [{"Pattern": '{"detail": {"id": [1]}}', "Scope": "DATA"}]},
            "InvokeConfiguration": {"TargetArn": att("Queue"), "RoleArn": att("Role")},
            "OnFailureConfiguration": {"Arn": att("Dead")},
            "RetryPolicy": {"MaxRetryAttempts": 3, "MaxEventAgeInSeconds": 60},
            "State": "RUNNING",
            "Transformer": {"Type": "RAW"},
        },
    ),
    "Managed": ("AWS::IAM::ManagedPolicy", {"Roles": [ref("Role")], "PolicyDocument": _ROLE}),
    "Policy": ("AWS::IAM::Policy", {"PolicyName": "p", "Roles": [ref("Role")], "PolicyDocument": _ROLE}),
    "RolePolicy": ("AWS::IAM::RolePolicy", {"PolicyName": "p", "RoleName": ref("Role"), "PolicyDocument": _ROLE}),
    "Role": (
        "AWS::IAM::Role",
        {
            "AssumeRolePolicyDocument": statement("lambda.amazonaws.com", "sts:AssumeRole", "*"),
            "ManagedPolicyArns": ["arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"],
            "Policies": [{"PolicyName": "inline", "PolicyDocument": _ROLE}],
        },
    ),
    "KeyAlias": ("AWS::KMS::Alias", {"AliasName": "alias/shop", "TargetKeyId": ref("Key")}),
    "Key": ("AWS::KMS::Key", {"KeyPolicy": statement("events.amazonaws.com", "kms:*", "*")}),
    "Stream": ("AWS::Kinesis::Stream", {"ShardCount": 1, "StreamEncryption": {"EncryptionType": "KMS", "KeyId": ref("Key")}}),
    "StreamPolicy": ("AWS::Kinesis::ResourcePolicy", {"ResourceArn": att("Stream"), "ResourcePolicy": _ROLE}),
    "Layer": ("AWS::Lambda::LayerVersion", {"Content": {"S3Bucket": "b", "S3Key": "k"}, "CompatibleArchitectures": ["arm64"]}),
    "Alias": (
        "AWS::Lambda::Alias",
        {
            "FunctionName": ref("Function"),
            "FunctionVersion": att("Version", "Version"),
            "Name": "live",
            "RoutingConfig": {"AdditionalVersionWeights": [{"FunctionVersion": "1", "FunctionWeight": 0.1}]},
            "ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": 1},
        },
    ),
    "Config": (
        "AWS::Lambda::EventInvokeConfig",
        {
            "FunctionName": ref("Function"),
            "Qualifier": "$LATEST",
            "MaximumRetryAttempts": 1,
            "DestinationConfig": {"OnSuccess": {"Destination": att("Bus")}, "OnFailure": {"Destination": att("Dead")}},
        },
    ),
    "Mapping": (
        "AWS::Lambda::EventSourceMapping",
        {
            "EventSourceArn": att("Queue"),
            "FunctionName": ref("Function"),
            "BatchSize": 5,
            "Enabled": True,
            "MaximumBatchingWindowInSeconds": 1,
            "FilterCriteria": {"Filters": [{"Pattern": '{"body": {"region": ["eu"]}}'}]},
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "ScalingConfig": {"MaximumConcurrency": 2},
        },
    ),
    "StreamMapping": ("AWS::Lambda::EventSourceMapping", {"EventSourceArn": att("Stream"), "FunctionName": ref("Function")}),
    "TableMapping": (
        "AWS::Lambda::EventSourceMapping",
        {"EventSourceArn": att("Table", "StreamArn"), "FunctionName": ref("Function")},
    ),
    "Function": (
        "AWS::Lambda::Function",
        {
            "FunctionName": "worker",
            "Architectures": ["arm64"],
            "Code": {"ZipFile": "def handler(event, context): pass"},
            "DeadLetterConfig": {"TargetArn": att("Dead")},
            "Environment": {"Variables": {"QUEUE": ref("Queue")}},
            "EphemeralStorage": {"Size": 512},
            "Handler": "index.handler",
            "LoggingConfig": {"LogFormat": "JSON", "LogGroup": "/x"},
            "MemorySize": 256,
            "ReservedConcurrentExecutions": 5,
            "Role": att("Role"),
            "Runtime": "python3.13",
            "Timeout": 10,
            "TracingConfig": {"Mode": "Active"},
            "VpcConfig": {"SubnetIds": [ref("Subnet")], "SecurityGroupIds": [ref("Group")]},
        },
    ),
    "Permission": (
        "AWS::Lambda::Permission",
        {
            "FunctionName": ref("Function"),
            "Action": "lambda:InvokeFunction",
            "Principal": "events.amazonaws.com",
            "SourceArn": att("Rule"),
        },
    ),
    "FunctionPolicy": ("AWS::Lambda::ResourcePolicy", {"ResourceArn": att("Function"), "PolicyDocument": _ROLE}),
    "Url": ("AWS::Lambda::Url", {"TargetFunctionArn": att("Function"), "AuthType": "NONE"}),
    "Version": ("AWS::Lambda::Version", {"FunctionName": ref("Function")}),
    "LogPolicy": ("AWS::Logs::ResourcePolicy", {"PolicyName": "p", "PolicyDocument": '{"Statement": []}'}),
    "Pipe": (
        "AWS::Pipes::Pipe",
        {
            "Name": "pipe",
            "Source": att("Queue"),
            "SourceParameters": {"FilterCriteria": _PIPE_FILTER},
            "Enrichment": att("Function"),
            "EnrichmentParameters": {"InputTemplate": '{"id": <$.messageId>}'},
            "Target": att("Bus"),
            "TargetParameters": {
                "InputTemplate": '{"body": <$.body>}',
                "EventBridgeEventBusParameters": {"Source": "pipe", "DetailType": "$.body.kind"},
            },
            "RoleArn": att("Role"),
        },
    ),
    "Bucket": (
        "AWS::S3::Bucket",
        {
            "BucketName": "shop-files",
            "NotificationConfiguration": {
                "EventBridgeConfiguration": {"EventBridgeEnabled": True},
                "QueueConfigurations": [
                    {
                        "Event": "s3:ObjectCreated:*",
                        "Queue": att("Queue"),
                        "Filter": {"S3Key": {"Rules": [{"Name": "prefix", "Value": "in/"}]}},
                    }
                ],
            },
        },
    ),
    "BucketPolicy": (
        "AWS::S3::BucketPolicy",
        {"Bucket": ref("Bucket"), "PolicyDocument": statement("lambda.amazonaws.com", "s3:PutObject", "*")},
    ),
    "Notifications": (
        "Custom::S3BucketNotifications",
        {
            "BucketName": ref("Bucket"),
            "NotificationConfiguration": {
                "TopicConfigurations": [
                    {
                        "Events": ["s3:ObjectRemoved:*"],
                        "TopicArn": ref("Topic"),
                        "Filter": {"Key": {"FilterRules": [{"Name": "suffix", "Value": ".csv"}]}},
                    }
                ]
            },
        },
    ),
    "Subscription": (
        "AWS::SNS::Subscription",
        {
            "TopicArn": ref("Topic"),
            "Protocol": "sqs",
            "Endpoint": att("Queue"),
            "RawMessageDelivery": True,
            "FilterPolicyScope": "MessageBody",
            "FilterPolicy": {"detail": {"region": ["eu"]}},
            "RedrivePolicy": {"deadLetterTargetArn": att("Dead")},
        },
    ),
    "Topic": (
        "AWS::SNS::Topic",
        {"TopicName": "events", "KmsMasterKeyId": ref("Key"), "Subscription": [{"Protocol": "lambda", "Endpoint": att("Function")}]},
    ),
    "TopicInline": ("AWS::SNS::TopicInlinePolicy", {"TopicArn": ref("Topic"), "PolicyDocument": _ROLE}),
    "TopicPolicy": (
        "AWS::SNS::TopicPolicy",
        {"Topics": [ref("Topic")], "PolicyDocument": statement("events.amazonaws.com", "sns:Publish", ref("Topic"))},
    ),
    "Dead": ("AWS::SQS::Queue", {"MessageRetentionPeriod": 1209600}),
    "Queue": (
        "AWS::SQS::Queue",
        {
            "QueueName": "work",
            "VisibilityTimeout": 120,
            "DelaySeconds": 1,
            "KmsMasterKeyId": ref("Key"),
            "RedrivePolicy": {"deadLetterTargetArn": att("Dead"), "maxReceiveCount": 5},
        },
    ),
    "QueueInline": ("AWS::SQS::QueueInlinePolicy", {"Queue": ref("Queue"), "PolicyDocument": _ROLE}),
    "QueuePolicy": (
        "AWS::SQS::QueuePolicy",
        {"Queues": [ref("Queue")], "PolicyDocument": statement("sns.amazonaws.com", "sqs:SendMessage", att("Queue"))},
    ),
    "Schedule": (
        "AWS::Scheduler::Schedule",
        {
            "Name": "nightly",
            "ScheduleExpression": "cron(0 2 * * ? *)",
            "ScheduleExpressionTimezone": "Europe/Berlin",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {
                "Arn": att("Bus"),
                "RoleArn": att("Role"),
                "Input": '{"a": 1}',
                "EventBridgeParameters": {"Source": "s", "DetailType": "d"},
            },
        },
    ),
}

TEMPLATE = {"Resources": {name: {"Type": kind, "Properties": properties} for name, (kind, properties) in EVERY.items()}}
MISSING = set(READERS) - {kind for kind, _ in EVERY.values()}

# An event for each node that something can be sent to.
EVENTS = {
    "Api": {"path": "/orders", "body": {"id": 1}},
    "ApiInBody": {"path": "/items/1", "body": "text"},
    "Rest": {"path": "/orders", "body": {}},
    "Alarm": {},
    "Table": {"id": "1", "total": 5},
    "Global": {"id": "1"},
    "Bus": {"source": "shop", "detail-type": "Ordered", "detail": {"id": 1, "region": "eu", "a": 1}},
    "Hourly": {},
    "CustomBus": {"detail": {"id": 1}},
    "Stream": {"id": 1},
    "Function": {"id": 1},
    "Url": {"path": "/"},
    "Bucket": {"key": "in/a.csv"},
    "Topic": {"detail": {"region": "eu"}},
    "Queue": {"region": "eu"},
    "Schedule": {},
}
