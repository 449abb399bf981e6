"""A template in which nothing is wrong, for others to be wrong in one thing."""


def statement(action, resource="*", effect="Allow", **more):
    """A statement of a policy."""
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def policy_of(*queues, services=("events.amazonaws.com", "sns.amazonaws.com")):
    """A policy that lets services of the account send to these queues."""
    ours = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    may_send = statement("sqs:SendMessage", Principal={"Service": list(services)}, Condition=ours)
    queues = [{"Ref": each} for each in queues]
    return {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": queues, "PolicyDocument": {"Statement": [may_send]}}}


def role(service, *statements):
    """A role that a service assumes."""
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
    inline = {"PolicyName": "inline", "PolicyDocument": {"Statement": list(statements)}}
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": [trust]}, "Policies": [inline]}}


KEY = {"Fn::GetAtt": ["Key", "Arn"]}
RULES = {"Fn::Sub": "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/*"}

SOUND = {
    "Resources": {
        "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "orders"}},
        "Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "EventBusName": {"Ref": "Bus"},
                "EventPattern": {"source": ["shop"]},
                "Targets": [{"Id": "T", "Arn": {"Ref": "Topic"}, "DeadLetterConfig": {"Arn": {"Fn::GetAtt": ["Dead", "Arn"]}}}],
            },
        },
        "Key": {
            "Type": "AWS::KMS::Key",
            "Properties": {
                "KeyPolicy": {
                    "Statement": [
                        statement("kms:*", Principal={"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}}),
                        statement(
                            ["kms:Decrypt", "kms:GenerateDataKey*"],
                            Principal={"Service": ["events.amazonaws.com", "sns.amazonaws.com"]},
                        ),
                    ]
                }
            },
        },
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"KmsMasterKeyId": {"Ref": "Key"}}},
        "TopicPolicy": {
            "Type": "AWS::SNS::TopicPolicy",
            "Properties": {
                "Topics": [{"Ref": "Topic"}],
                "PolicyDocument": {
                    "Statement": [
                        statement(
                            "sns:Publish",
                            {"Ref": "Topic"},
                            Principal={"Service": "events.amazonaws.com"},
                            Condition={"ArnLike": {"aws:SourceArn": RULES}},
                        )
                    ]
                },
            },
        },
        "Subscription": {
            "Type": "AWS::SNS::Subscription",
            "Properties": {
                "TopicArn": {"Ref": "Topic"},
                "Protocol": "sqs",
                "Endpoint": {"Fn::GetAtt": ["Queue", "Arn"]},
                "RawMessageDelivery": True,
                "FilterPolicyScope": "MessageBody",
                "FilterPolicy": {"detail": {"region": ["eu"]}},
                "RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}},
            },
        },
        "Dead": {
            "Type": "AWS::SQS::Queue",
            "Properties": {"QueueName": "dead", "MessageRetentionPeriod": 1_209_600, "KmsMasterKeyId": KEY},
        },
        "DeadPolicy": policy_of("Dead"),
        "DeadAlarm": {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {
                "Namespace": "AWS/SQS",
                "MetricName": "ApproximateNumberOfMessagesVisible",
                "Dimensions": [{"Name": "QueueName", "Value": {"Fn::GetAtt": ["Dead", "QueueName"]}}],
            },
        },
        "Queue": {
            "Type": "AWS::SQS::Queue",
            "Properties": {
                "KmsMasterKeyId": KEY,
                "VisibilityTimeout": 60,
                "RedrivePolicy": {"maxReceiveCount": 5, "deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}},
            },
        },
        "QueuePolicy": policy_of("Queue"),
        "Role": role(
            "lambda.amazonaws.com",
            statement(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], {"Fn::GetAtt": ["Queue", "Arn"]}),
            statement("sqs:SendMessage"),
            statement(["kms:Decrypt", "kms:GenerateDataKey"], KEY),
        ),
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "Timeout": 10,
                "DeadLetterConfig": {"TargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}},
            },
        },
        "Mapping": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]},
                "FunctionName": {"Ref": "Function"},
                "FunctionResponseTypes": ["ReportBatchItemFailures"],
            },
        },
    }
}
