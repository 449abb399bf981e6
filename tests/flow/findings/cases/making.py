"""What changes of several families are made of."""

import copy
import json

from ..sound import RULES

DEAD = {"Fn::GetAtt": ["Dead", "Arn"]}
UNKNOWN = {"Fn::ImportValue": "elsewhere"}


def resource(type, **properties):
    """A resource."""
    return {"Type": f"AWS::{type}", "Properties": properties}


def fifo(resources, *ids):
    """Make queues and topics FIFO."""
    for id in ids:
        properties = resources[id].setdefault("Properties", {})
        properties.update({"FifoTopic" if resources[id]["Type"] == "AWS::SNS::Topic" else "FifoQueue": True})


def without_consumer(resources, *others):
    """Take the queue's consumer out."""
    for id in ("Mapping", "Function", *others):
        del resources[id]


def alarm(queue):
    dimensions = [{"Name": "QueueName", "Value": {"Fn::GetAtt": [queue, "QueueName"]}}]
    return resource("CloudWatch::Alarm", MetricName="ApproximateNumberOfMessagesVisible", Dimensions=dimensions)


def rule_to_function_without_dead_letters(resources):
    resources["Alone"] = resource("Lambda::Function")
    resources["AlonePermission"] = resource(
        "Lambda::Permission",
        FunctionName={"Ref": "Alone"},
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=RULES,
    )
    target = {"Id": "A", "Arn": {"Fn::GetAtt": ["Alone", "Arn"]}, "DeadLetterConfig": {"Arn": DEAD}}
    resources["Rule"]["Properties"]["Targets"].append(target)


def schedule(resources, **target):
    """A schedule of the function."""
    given = {"Arn": {"Fn::GetAtt": ["Function", "Arn"]}, "RoleArn": "arn:aws:iam::123456789012:role/scheduler", **target}
    resources["Nightly"] = resource("Scheduler::Schedule", ScheduleExpression="rate(1 day)", Target=given)


def elsewhere(resources):
    """The queue also takes what a topic of another template publishes."""
    topic = "arn:aws:sns:us-east-1:123456789012:elsewhere"
    resources["FromElsewhere"] = copy.deepcopy(resources["Subscription"])
    resources["FromElsewhere"]["Properties"]["TopicArn"] = topic


def invoked_by_topic(resources, **more):
    """A function without dead letters that a topic of its own invokes."""
    resources["Told"] = resource("SNS::Topic")
    resources["Alone"] = resource("Lambda::Function")
    told = {"FunctionName": {"Ref": "Alone"}, "Action": "lambda:InvokeFunction", "SourceArn": {"Ref": "Told"}}
    resources["AlonePermission"] = resource("Lambda::Permission", Principal="sns.amazonaws.com", **told)
    ends = {"TopicArn": {"Ref": "Told"}, "Endpoint": {"Fn::GetAtt": ["Alone", "Arn"]}}
    resources["ToAlone"] = resource("SNS::Subscription", Protocol="lambda", **ends, **more)


ORDER = {
    "type": "object",
    "properties": {
        "source": {"const": "shop"},
        "detail-type": {"const": "OrderSubmitted"},
        "detail": {
            "type": "object",
            "properties": {
                "region": {"enum": ["eu", "us"], "type": "string"},
                "total": {"type": "number"},
                "note": {"type": "string"},
                "count": {"type": "integer"},
                "channel": {"const": "web"},
                "size": {"enum": [1, 2]},
            },
        },
    },
}


def declared(resources, pattern=None, policy=None, schema=None):
    """The bus declares its orders; the rule takes them."""
    resources["Schema"] = resource("EventSchemas::Schema", Type="JSONSchemaDraft4", Content=json.dumps(schema or ORDER))
    taken = {"source": ["shop"], "detail-type": ["OrderSubmitted"], **(pattern or {})}
    resources["Rule"]["Properties"]["EventPattern"] = taken
    if policy:
        resources["Subscription"]["Properties"]["FilterPolicy"] = policy
