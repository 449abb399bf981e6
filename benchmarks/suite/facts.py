"""What both suites assert of the stack of ten consumers: fifty facts, a test each, and two of stacks made otherwise."""

# How many resources of a type there are.
COUNTS = [
    ("AWS::DynamoDB::Table", 1),
    ("AWS::EC2::NatGateway", 0),
    ("AWS::EC2::Subnet", 2),
    ("AWS::EC2::VPC", 1),
    ("AWS::Events::EventBus", 1),
    ("AWS::Events::Rule", 1),
    ("AWS::KMS::Key", 1),
    ("AWS::Lambda::EventSourceMapping", 10),
    ("AWS::Lambda::Function", 10),
    ("AWS::SNS::Subscription", 10),
    ("AWS::SNS::Topic", 1),
    ("AWS::SNS::TopicPolicy", 1),
]


def above(total):
    """The filter of the consumer of orders above so much."""
    return {"detail-type": ["OrderSubmitted"], "detail": {"total": [{"numeric": [">", total]}]}}


# What some resource of a type has, among other properties.
PROPERTIES = [
    ("AWS::CloudWatch::Alarm", {"Threshold": 360, "TreatMissingData": "notBreaching"}),
    ("AWS::CloudWatch::Alarm", {"MetricName": "ApproximateNumberOfMessagesVisible", "Namespace": "AWS/SQS", "Threshold": 0}),
    ("AWS::CloudWatch::Alarm", {"Threshold": 0, "ComparisonOperator": "GreaterThanThreshold"}),
    ("AWS::CloudWatch::Alarm", {"EvaluationPeriods": 1}),
    ("AWS::DynamoDB::Table", {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}}),
    ("AWS::EC2::VPC", {"CidrBlock": "10.0.0.0/16"}),
    ("AWS::EC2::VPCEndpoint", {"VpcEndpointType": "Gateway"}),
    ("AWS::Events::Archive", {"RetentionDays": 30}),
    ("AWS::Events::Rule", {"EventPattern": {"source": ["shop.orders", "shop.packing"]}}),
    ("AWS::Events::Rule", {"EventPattern": {"detail-type": ["OrderSubmitted", "PackingFailed"]}}),
    ("AWS::KMS::Key", {"EnableKeyRotation": True}),
    ("AWS::Lambda::Alias", {"Name": "live"}),
    ("AWS::Lambda::EventSourceMapping", {"BatchSize": 10, "FunctionResponseTypes": ["ReportBatchItemFailures"]}),
    ("AWS::Lambda::Function", {"Architectures": ["arm64"], "Handler": "handler.handler", "MemorySize": 512, "Timeout": 30}),
    ("AWS::Lambda::Function", {"LoggingConfig": {"LogFormat": "JSON"}}),
    ("AWS::Lambda::Function", {"TracingConfig": {"Mode": "Active"}}),
    ("AWS::Logs::LogGroup", {"RetentionInDays": 30}),
    ("AWS::SQS::Queue", {"MessageRetentionPeriod": 1209600}),
    ("AWS::SQS::Queue", {"RedrivePolicy": {"maxReceiveCount": 5}, "VisibilityTimeout": 180}),
    *(("AWS::SNS::Subscription", {"FilterPolicy": above(total), "FilterPolicyScope": "MessageBody"}) for total in range(5)),
]


def order(**detail):
    """An order, submitted."""
    return {"source": "shop.orders", "detail-type": "OrderSubmitted", "detail": detail}


# How many of the consumers get an event that is put on the bus.
ROUTES = [
    *((order(total=total), total) for total in (0, 1, 2, 5, 7, 8, 9, 10)),
    (order(total=11), 10),
    (order(), 0),
    ({"source": "shop.packing", "detail-type": "PackingFailed", "detail": {"total": 5}}, 0),
    ({"source": "shop.packing", "detail-type": "Packed", "detail": {"total": 5}}, 0),
    ({"source": "shop.returns", "detail-type": "OrderSubmitted", "detail": {"total": 5}}, 0),
    ({"source": "shop.orders", "detail-type": "OrderSubmitted", "detail": {"total": "5"}}, 0),
]

# What the stack has when it is made with other properties.
VARIANTS = [
    ({"batch": 5}, "AWS::Lambda::EventSourceMapping", {"BatchSize": 5}),
    ({"description": "The shop"}, "AWS::Lambda::Function", {"MemorySize": 512}),
]

assert len(COUNTS) + len(PROPERTIES) + len(ROUTES) == 50
