"""Templates of a few resources in which every policy lets everybody in, and who takes events on from one of them."""

from cdk_event_flow.flow import Flow

MAY = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}
ROLE = "arn:aws:iam::123456789012:role/elsewhere"
ACCOUNT = "us-east-1:123456789012"
ENVIRONMENT = {"Handler": "h.h", "Runtime": "python3.13"}


def ref(name):
    return {"Ref": name}


def arn(name):
    return {"Fn::GetAtt": [name, "Arn"]}


def may(resources):
    """What lets everybody use these resources."""
    of = {kind: [name for name, (type, _) in resources.items() if type == kind] for kind in ("SQS::Queue", "SNS::Topic")}
    for name, (type, _) in resources.items():
        if type == "Lambda::Function":
            yield f"May{name}", "Lambda::Permission", {
                "FunctionName": ref(name), "Action": "lambda:InvokeFunction", "Principal": "*",
            }  # fmt: skip
    if queues := of["SQS::Queue"]:
        yield "MaySend", "SQS::QueuePolicy", {"Queues": [ref(each) for each in queues], "PolicyDocument": MAY}
    if topics := of["SNS::Topic"]:
        yield "MayPublish", "SNS::TopicPolicy", {"Topics": [ref(each) for each in topics], "PolicyDocument": MAY}


def template(**resources):
    """A template of resources given as (type, properties), and of what lets everybody use them."""
    every = {name: given if isinstance(given, tuple) else (given, {}) for name, given in resources.items()}
    every |= {name: (type, properties) for name, type, properties in may(every)}
    return {"Resources": {name: {"Type": f"AWS::{type}", "Properties": given} for name, (type, given) in every.items()}}


def flow(**resources):
    """The flow of such a template."""
    return Flow.from_template(template(**resources))


def hops(of, at, event=None, **more):
    """The hops from a node, by the logical ids of by whom and to whom."""
    return {(each.by.logical_id, each.receiver.logical_id): each for each in of.send(at, event, **more).root.next}


def rule(to, pattern=None, bus="Bus", **target):
    """A rule of a bus with one target."""
    return "Events::Rule", {
        "EventBusName": ref(bus), "EventPattern": pattern or {"source": ["shop"]}, "Targets": [{"Id": "T", "Arn": arn(to), **target}],
    }  # fmt: skip


def mapping(source, function="Work", pattern=None, **more):
    """An event source mapping, with one filter or none."""
    filters = {} if pattern is None else {"FilterCriteria": {"Filters": [{"Pattern": pattern}]}}
    return "Lambda::EventSourceMapping", {"EventSourceArn": source, "FunctionName": ref(function), **filters, **more}


def subscription(topic, endpoint, protocol="sqs", **more):
    return "SNS::Subscription", {"TopicArn": topic, "Protocol": protocol, "Endpoint": endpoint, **more}


def pipe(source, target, **more):
    return "Pipes::Pipe", {"Source": source, "Target": target, "RoleArn": ROLE, **more}


def subscriber(to, *filters, sends=None, **more):
    """A subscriber of the new custom bus; filters are (scope, pattern)."""
    given = [{"Scope": scope, "Pattern": pattern} for scope, pattern in filters]
    return "EventsV2::Subscriber", {
        "Name": "s", "EventBusArn": ref("Custom"), "InvokeConfiguration": {"TargetArn": arn(to), "RoleArn": ROLE},
        **({"FilterConfiguration": {"Filters": given}} if filters else {}), **({"Transformer": sends} if sends else {}), **more,
    }  # fmt: skip


CUSTOM = "EventsV2::EventBus", {"Name": "custom"}
BUS = "Events::EventBus", {"Name": "orders"}
WORK = "Lambda::Function", ENVIRONMENT
EVENT = {"source": "shop", "detail-type": "Sold", "detail": {"n": 1}}
