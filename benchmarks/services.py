"""Templates of as many resources as wanted, of services: rule → topic → filtered queue → function, as careful people have them."""

PER_SERVICE = 12


def att(logical_id):
    """The ARN of a resource."""
    return {"Fn::GetAtt": [logical_id, "Arn"]}


def allowed(service, action, resource, source):
    """A policy that lets a service of the same account in."""
    condition = {"ArnEquals": {"aws:SourceArn": source}}
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": action, "Resource": resource, "Condition": condition}
    return {"Statement": [statement]}


def service(number):
    """One service of twelve resources: rule → topic → filtered queue → function, with dead letters, policies and a role."""

    def name(kind):
        return f"Service{number}{kind}"

    dead = {"Arn": att("Dead")}
    reading = {
        "Effect": "Allow",
        "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
        "Resource": att(name("Queue")),
    }
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    resources = {
        "Rule": ("AWS::Events::Rule", {
            "EventBusName": {"Ref": "Bus"},
            "EventPattern": {"source": ["shop"], "detail-type": [f"Event{number}"], "detail": {"total": [{"numeric": [">", 5]}]}},
            "Targets": [{"Id": "Topic", "Arn": {"Ref": name("Topic")}, "DeadLetterConfig": dead}],
        }),
        "Topic": ("AWS::SNS::Topic", {"TopicName": {"Fn::Sub": f"${{AWS::StackName}}-topic-{number}"}}),
        "TopicPolicy": ("AWS::SNS::TopicPolicy", {
            "Topics": [{"Ref": name("Topic")}],
            "PolicyDocument": allowed("events.amazonaws.com", "sns:Publish", {"Ref": name("Topic")}, att(name("Rule"))),
        }),
        "Subscription": ("AWS::SNS::Subscription", {
            "TopicArn": {"Ref": name("Topic")}, "Protocol": "sqs", "Endpoint": att(name("Queue")), "RawMessageDelivery": True,
            "FilterPolicyScope": "MessageBody", "FilterPolicy": {"detail": {"region": ["eu", "us"]}},
            "RedrivePolicy": {"deadLetterTargetArn": att("Dead")},
        }),
        "Queue": ("AWS::SQS::Queue", {
            "VisibilityTimeout": 180, "RedrivePolicy": {"deadLetterTargetArn": att("Dead"), "maxReceiveCount": 5},
        }),
        "QueuePolicy": ("AWS::SQS::QueuePolicy", {
            "Queues": [{"Ref": name("Queue")}],
            "PolicyDocument": allowed("sns.amazonaws.com", "sqs:SendMessage", att(name("Queue")), {"Ref": name("Topic")}),
        }),
        "Mapping": ("AWS::Lambda::EventSourceMapping", {
            "EventSourceArn": att(name("Queue")), "FunctionName": {"Ref": name("Function")},
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
        }),
        "Function": ("AWS::Lambda::Function", {
            "Handler": "index.handler", "Runtime": "python3.13", "Timeout": 30, "Role": att(name("Role")),
            "Environment": {"Variables": {"NAME": {"Fn::Join": ["-", [{"Ref": "AWS::StackName"}, str(number)]]}}},
        }),
        "Role": ("AWS::IAM::Role", {"AssumeRolePolicyDocument": {"Statement": [trust]}}),
        "RolePolicy": ("AWS::IAM::Policy", {
            "PolicyName": "p", "Roles": [{"Ref": name("Role")}], "PolicyDocument": {"Statement": [reading]},
        }),
        "Version": ("AWS::Lambda::Version", {"FunctionName": {"Ref": name("Function")}}),
        "Alarm": ("AWS::CloudWatch::Alarm", {"AlarmActions": [{"Ref": "Alarms"}]}),
    }  # fmt: skip
    return {
        name(kind): {
            "Type": type_name,
            "Properties": properties,
            "Metadata": {"aws:cdk:path": f"Shop/Service{number}/{kind}/Resource"},
        }
        for kind, (type_name, properties) in resources.items()
    }


def template(resources):
    """A template of about so many resources."""
    made = {
        "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "shop"}},
        "Dead": {"Type": "AWS::SQS::Queue", "Properties": {"MessageRetentionPeriod": 1209600}},
        "DeadPolicy": {
            "Type": "AWS::SQS::QueuePolicy",
            "Properties": {
                "Queues": [{"Ref": "Dead"}],
                "PolicyDocument": {
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": ["events.amazonaws.com", "sns.amazonaws.com"]},
                            "Action": "sqs:SendMessage",
                            "Resource": att("Dead"),
                        }
                    ]
                },
            },
        },
        "Alarms": {"Type": "AWS::SNS::Topic"},
    }
    for number in range((resources - len(made)) // PER_SERVICE):
        made |= service(number)
    return {"Resources": made}
