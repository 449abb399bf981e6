"""Random topologies as templates, and what `flow.send` and the local run say of the same event on them."""

import json
from collections import Counter

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import Function, Queue
from tests.local import world as w

ANY = {"Fn::Sub": "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/*"}
SOURCES, KINDS, REGIONS, TAGS = (
    ("shop.orders", "shop.returns"),
    ("Submitted", "Cancelled"),
    ("eu", "us", "apac"),
    ("b2b", "gift", "new"),
)
# What is made up anew for each delivery, or stands in one and not in the other by nature.
VOLATILE = {
    *("id", "time", "messageId", "receiptHandle", "md5OfBody", "attributes", "messageAttributes"),
    *("MessageId", "Timestamp", "Signature", "SignatureVersion", "SigningCertURL", "UnsubscribeURL"),
    *("SigningCertUrl", "UnsubscribeUrl", "MessageAttributes", "Subject"),
}


def resource(type, **properties):
    return {"Type": f"AWS::{type}", "Properties": properties}


def arn(id):
    return {"Ref": id} if id.startswith("Topic") else {"Fn::GetAtt": [id, "Arn"]}


def allowing(service, action):
    return {"Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": action, "Resource": "*"}]}


def topology(rnd):
    """A template: buses, rules, topics, subscriptions, queues and functions, all of them permitted."""
    buses = [f"Bus{n}" for n in range(rnd.randint(1, 2))]
    topics = [f"Topic{n}" for n in range(rnd.randint(0, 2))]
    queues = [f"Queue{n}" for n in range(rnd.randint(1, 4))]
    functions = [f"Function{n}" for n in range(rnd.randint(1, 3))]
    resources = {bus: resource("Events::EventBus", Name=bus) for bus in buses}
    resources |= {topic: resource("SNS::Topic") for topic in topics}
    resources |= {queue: resource("SQS::Queue", SqsManagedSseEnabled=True) for queue in queues}
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": ["lambda.amazonaws.com", "events.amazonaws.com"]}}]}
    trust["Statement"][0]["Action"] = "sts:AssumeRole"
    may = {"Statement": [{"Effect": "Allow", "Action": ["sqs:*", "events:PutEvents"], "Resource": "*"}]}
    policies = [{"PolicyName": "p", "PolicyDocument": may}]
    resources["Role"] = resource("IAM::Role", AssumeRolePolicyDocument=trust, Policies=policies)
    senders = ["events.amazonaws.com", "sns.amazonaws.com"]
    document = allowing(senders, "sqs:SendMessage")
    resources["QueuePolicy"] = resource("SQS::QueuePolicy", Queues=[{"Ref": queue} for queue in queues], PolicyDocument=document)
    if topics:
        document = allowing(senders, "sns:Publish")
        resources["TopicPolicy"] = resource("SNS::TopicPolicy", Topics=[{"Ref": topic} for topic in topics], PolicyDocument=document)
    for function in functions:
        resources[function] = resource("Lambda::Function", Runtime="python3.13", Handler="index.handler", Role=arn("Role"))
        for number, sender in enumerate(senders):
            given = {"FunctionName": {"Ref": function}, "Action": "lambda:InvokeFunction", "Principal": sender}
            resources[f"{function}Permission{number}"] = resource("Lambda::Permission", **given)
    for number in range(rnd.randint(1, 5)):
        resources[f"Rule{number}"] = _rule(rnd, buses, [*topics, *queues, *functions])
    for number in range(rnd.randint(0, 5) if topics else 0):
        resources[f"Subscription{number}"] = _subscription(rnd, topics, queues, functions)
    for queue in queues:
        if rnd.random() < 0.7:
            filters = {"FilterCriteria": {"Filters": [{"Pattern": json.dumps({"body": _filter(rnd)})}]}} if rnd.random() < 0.4 else {}
            mapping = {"EventSourceArn": arn(queue), "FunctionName": {"Ref": rnd.choice(functions)}, "BatchSize": 1, **filters}
            resources[f"{queue}Mapping"] = resource("Lambda::EventSourceMapping", **mapping)
    return {"Resources": resources}


def _rule(rnd, buses, receivers):
    targets = [
        {"Id": f"T{n}", "Arn": arn(receiver)}
        for n, receiver in enumerate(rnd.sample(receivers, min(len(receivers), rnd.randint(1, 3))))
    ]
    if len(buses) > 1 and rnd.random() < 0.3:
        targets.append({"Id": "Bus", "Arn": arn(buses[1]), "RoleArn": arn("Role")})
    for target in targets:
        shape = rnd.random() if target["Id"] != "Bus" else 0
        if shape > 0.9:
            target["Input"] = json.dumps({"region": rnd.choice(REGIONS), "fixed": True})
        elif shape > 0.8:
            target["InputPath"] = rnd.choice(["$.detail", "$.detail.region", "$.source", "$.detail.items[0]"])
        elif shape > 0.7:
            template = rnd.choice(
                ['{"region": <region>, "text": "total <total>"}', '"order of <total>"', '{"all": <aws.events.event>}']
            )
            target["InputTransformer"] = {
                "InputPathsMap": {"region": "$.detail.region", "total": "$.detail.total"},
                "InputTemplate": template,
            }
    # Only from the first bus to the second, so that nothing goes round.
    bus = buses[0] if any(target["Id"] == "Bus" for target in targets) else rnd.choice(buses)
    state = {"State": "DISABLED"} if rnd.random() < 0.1 else {}
    return resource("Events::Rule", EventBusName={"Ref": bus}, EventPattern=_pattern(rnd), Targets=targets, **state)


def _pattern(rnd):
    pattern = {"source": [rnd.choice(SOURCES)]} if rnd.random() < 0.5 else {"detail-type": [{"prefix": rnd.choice("SC")}]}
    return {**pattern, "detail": _filter(rnd)} if rnd.random() < 0.5 else pattern


def _filter(rnd):
    low = rnd.randint(0, 80)
    choices = {
        "region": rnd.choice([rnd.sample(REGIONS, 2), [{"anything-but": rnd.choice(REGIONS)}], [{"prefix": "e"}, {"exists": False}]]),
        "total": [{"numeric": [">", low, "<=", low + 60]}],
        "tags": [rnd.choice(TAGS)],
        "note": [{"exists": rnd.random() < 0.5}],
    }
    return {key: choices[key] for key in rnd.sample(sorted(choices), rnd.randint(1, 2))}


def _subscription(rnd, topics, queues, functions):
    protocol, endpoint = ("sqs", rnd.choice(queues)) if rnd.random() < 0.7 else ("lambda", rnd.choice(functions))
    properties = {"TopicArn": {"Ref": rnd.choice(topics)}, "Protocol": protocol, "Endpoint": arn(endpoint)}
    if protocol == "sqs" and rnd.random() < 0.6:
        properties["RawMessageDelivery"] = True
    dice = rnd.random()
    if dice < 0.4:
        wanted = rnd.choice([{"detail": _filter(rnd)}, {"source": [rnd.choice(SOURCES)]}, _filter(rnd)])
        properties |= {"FilterPolicyScope": "MessageBody", "FilterPolicy": wanted}
    elif dice < 0.5:
        properties["FilterPolicy"] = {"region": ["eu"]}
    return resource("SNS::Subscription", **properties)


def event(rnd):
    """An event of the vocabulary."""
    detail = {"region": rnd.choice(REGIONS), "total": rnd.randint(0, 120), "tags": rnd.sample(TAGS, rnd.randint(0, 2))}
    if rnd.random() < 0.5:
        detail["note"] = rnd.choice([None, "text", 'a "quoted" line\nand another'])
    if rnd.random() < 0.5:
        detail["items"] = [{"sku": "A", "qty": 2}]
    if rnd.random() < 0.2:
        del detail["region"]
    return {"source": rnd.choice(SOURCES), "detail-type": rnd.choice(KINDS), "detail": detail}


def flow_of(template):
    """The flow of a topology, in the account of the local tests."""
    return Flow.from_template(template, stack="Shop", account=w.ACCOUNT, region=w.REGION)


def predicted(flow, bus, event):
    """(receiver, payload) of every queue and function, as the flow says."""
    sent = flow.send(bus, event)
    ends = [each for each in sent.deliveries if isinstance(each.receiver, Queue | Function)]
    return Counter((each.receiver.name, _shape(each.payload)) for each in ends)


async def observed(flow, bus, events):
    """The same as the local run did it, one event after the other."""
    found = []
    async with w.engine(*flow.nodes.values()) as engine:
        for each in events:
            engine.invoker.calls.clear()
            (root,) = w.put(engine, each, on=bus)
            await engine.settle()
            queued = [(flow.nodes[delivery.node].name, delivery.payload) for delivery in root.walk() if delivery.kind == "queue"]
            called = engine.invoker.calls
            found.append(Counter((name, _shape(payload)) for name, payload in [*queued, *called]))
    return found


def _shape(payload):
    """A payload without what is made up for each delivery, as text."""
    return json.dumps(_stable(payload), sort_keys=True)


def _stable(value):
    if isinstance(value, str):
        try:
            parsed = json.loads(value)
        except ValueError:
            return value
        return _stable(parsed) if not isinstance(parsed, str) else parsed
    if isinstance(value, dict):
        return {key: _stable(inner) for key, inner in value.items() if key not in VOLATILE}
    return [_stable(inner) for inner in value] if isinstance(value, list) else value
