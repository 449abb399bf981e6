"""Random topologies as templates: every kind of resource that the local run runs, all of them permitted.

Whatever leads on goes down one line (buses, topics, functions, queues; a function's destinations after it), so that
nothing goes round. Some of it AWS would not deploy, or never deliver (a FIFO queue without a message group): then both
sides must say that nothing arrives.
"""

import json
from typing import NamedTuple

SOURCES, KINDS, REGIONS, TAGS = (
    ("shop.orders", "shop.returns"),
    ("Submitted", "Cancelled"),
    ("eu", "us", "apac"),
    ("b2b", "gift", "new"),
)
SENDERS = ["events.amazonaws.com", "sns.amazonaws.com", "s3.amazonaws.com"]
ASSUMING = ["lambda.amazonaws.com", "events.amazonaws.com", "scheduler.amazonaws.com", "pipes.amazonaws.com"]
MAY = ["sqs:*", "sns:Publish", "events:PutEvents", "lambda:InvokeFunction", "kinesis:*", "dynamodb:*"]


class Names(NamedTuple):
    """The logical ids of a topology, by kind."""

    buses: list
    topics: list
    fifo_topics: list
    queues: list
    fifo_queues: list
    functions: list
    streams: list
    tables: list
    buckets: list

    @property
    def targets(self):
        """What rules and schedules deliver to, buses aside."""
        return [*self.topics, *self.fifo_topics, *self.queues, *self.fifo_queues, *self.functions, *self.streams]


def resource(type, **properties):
    return {"Type": f"AWS::{type}", "Properties": properties}


def arn(id):
    return {"Ref": id} if id.startswith(("Topic", "OrderedTopic", "Live")) else {"Fn::GetAtt": [id, "Arn"]}


def allowing(service, action):
    return {"Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": action, "Resource": "*"}]}


def topology(rnd):
    """A template of buses, rules, schedules, topics, subscriptions, queues, mappings, functions and their destinations."""
    several = {
        "Bus": (1, 2), "Topic": (0, 2), "OrderedTopic": (0, 1), "Queue": (1, 4), "OrderedQueue": (0, 2), "Function": (1, 3),
        "Stream": (0, 2), "Table": (0, 1), "Bucket": (0, 1),
    }  # fmt: skip
    names = Names(*([f"{kind}{n}" for n in range(rnd.randint(least, most))] for kind, (least, most) in several.items()))
    resources = {"Role": _role()}
    for bus in names.buses:
        resources[bus] = resource("Events::EventBus", Name=bus)
    for topic in [*names.topics, *names.fifo_topics]:
        resources[topic] = resource("SNS::Topic", **_fifo(rnd, topic, "FifoTopic"))
    for queue in [*names.queues, *names.fifo_queues]:
        resources[queue] = resource("SQS::Queue", SqsManagedSseEnabled=True, **_fifo(rnd, queue, "FifoQueue"))
    resources |= _policies(names)
    resources |= _results(names)
    for function in list(names.functions):
        resources |= _function(rnd, function, names)
    for number in range(rnd.randint(1, 5)):
        resources[f"Rule{number}"] = _rule(rnd, names)
    for number in range(rnd.randint(0, 2)):
        resources[f"Schedule{number}"] = _schedule(rnd, names)
        resources[f"Clock{number}"] = _scheduled_rule(rnd, names)
    for _ in range(rnd.randint(0, 5)):
        resources |= _subscription(rnd, names)
    for queue in [*names.queues, *names.fifo_queues]:
        if rnd.random() < 0.7:
            resources[f"{queue}Mapping"] = _mapping(rnd, queue, names)
    resources |= _data(rnd, names)
    return {"Resources": resources}


def _fifo(rnd, id, flag):
    if not id.startswith("Ordered"):
        return {}
    return {flag: True, **({"ContentBasedDeduplication": True} if rnd.random() < 0.8 else {})}


def _role():
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": ASSUMING}, "Action": "sts:AssumeRole"}]}
    policy = {"PolicyName": "p", "PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": MAY, "Resource": "*"}]}}
    return resource("IAM::Role", AssumeRolePolicyDocument=trust, Policies=[policy])


def _policies(names):
    queues = [{"Ref": queue} for queue in [*names.queues, *names.fifo_queues]]
    made = {"QueuePolicy": resource("SQS::QueuePolicy", Queues=queues, PolicyDocument=allowing(SENDERS, "sqs:SendMessage"))}
    if topics := [{"Ref": topic} for topic in [*names.topics, *names.fifo_topics]]:
        made["TopicPolicy"] = resource("SNS::TopicPolicy", Topics=topics, PolicyDocument=allowing(SENDERS, "sns:Publish"))
    return made


def _function(rnd, function, names):
    """A function; perhaps an alias, which stands beside it as one to invoke; perhaps the destination of its successes."""
    made = {function: resource("Lambda::Function", Runtime="python3.13", Handler="index.handler", Role=arn("Role"))}
    called, qualifier = function, "$LATEST"
    if rnd.random() < 0.4:
        called, qualifier = f"Live{function}", "live"
        made[f"{function}Version"] = resource("Lambda::Version", FunctionName={"Ref": function})
        version = {"Fn::GetAtt": [f"{function}Version", "Version"]}
        made[called] = resource("Lambda::Alias", FunctionName={"Ref": function}, Name="live", FunctionVersion=version)
    if rnd.random() < 0.4:
        later = [each for each in names.functions if each > function and not each.startswith("Live")]
        to = rnd.choice([*names.queues, *names.fifo_queues, *later, "ResultsBus", "TopicOfResults"])
        config = {"FunctionName": {"Ref": function}, "Qualifier": qualifier, "MaximumRetryAttempts": rnd.randint(0, 2)}
        made[f"{function}Async"] = resource(
            "Lambda::EventInvokeConfig", **config, DestinationConfig={"OnSuccess": {"Destination": arn(to)}}
        )
    for each in {function, called}:
        for number, sender in enumerate(SENDERS):
            given = {"FunctionName": {"Ref": each}, "Action": "lambda:InvokeFunction", "Principal": sender}
            made[f"{each}Permission{number}"] = resource("Lambda::Permission", **given)
    if called != function:
        names.functions.append(called)
    return made


def _results(names):
    """A bus and a topic of what functions answered: both hand on to a queue, so that no function hears of itself."""
    rule = {"EventBusName": {"Ref": "ResultsBus"}, "EventPattern": {"detail": {"requestContext": {"condition": ["Success"]}}}}
    return {
        "ResultsBus": resource("Events::EventBus", Name="results"),
        "ResultsRule": resource("Events::Rule", **rule, Targets=[{"Id": "T", "Arn": arn(names.queues[0])}]),
        "TopicOfResults": resource("SNS::Topic"),
        "ResultsSubscription": resource(
            "SNS::Subscription", TopicArn={"Ref": "TopicOfResults"}, Protocol="sqs", Endpoint=arn(names.queues[-1])
        ),
    }


def _rule(rnd, names):
    targets = _targets(rnd, names)
    # Only from the first bus to the second.
    leading_on = len(names.buses) > 1 and rnd.random() < 0.3
    if leading_on:
        targets.append({"Id": "Bus", "Arn": arn(names.buses[1]), "RoleArn": arn("Role")})
    bus = names.buses[0] if leading_on else rnd.choice(names.buses)
    state = {"State": "DISABLED"} if rnd.random() < 0.1 else {}
    return resource("Events::Rule", EventBusName={"Ref": bus}, EventPattern=_pattern(rnd), Targets=targets, **state)


def _scheduled_rule(rnd, names):
    state = {"State": "DISABLED"} if rnd.random() < 0.1 else {}
    return resource("Events::Rule", ScheduleExpression="rate(365 days)", Targets=_targets(rnd, names), **state)


def _targets(rnd, names):
    receivers = rnd.sample(names.targets, min(len(names.targets), rnd.randint(1, 3)))
    return [{"Id": f"T{n}", "Arn": arn(receiver), **_grouped(rnd, receiver), **_shaped(rnd)} for n, receiver in enumerate(receivers)]


def _grouped(rnd, receiver):
    if not receiver.startswith("OrderedQueue") or rnd.random() < 0.2:
        return {}
    return {"SqsParameters": {"MessageGroupId": rnd.choice("ab")}}


def _shaped(rnd):
    shape = rnd.random()
    if shape > 0.9:
        return {"Input": json.dumps({"region": rnd.choice(REGIONS), "fixed": True})}
    if shape > 0.8:
        return {"InputPath": rnd.choice(["$.detail", "$.detail.region", "$.source", "$.detail.items[0]"])}
    if shape > 0.7:
        templates = ['{"region": <region>, "text": "total <total>"}', '"order of <total>"', '{"all": <aws.events.event>}']
        paths = {"region": "$.detail.region", "total": "$.detail.total"}
        return {"InputTransformer": {"InputPathsMap": paths, "InputTemplate": rnd.choice(templates)}}
    return {}


def _schedule(rnd, names):
    to = rnd.choice([*names.targets, *names.buses])
    target = {"Arn": arn(to), "RoleArn": arn("Role"), **_grouped(rnd, to)}
    if to in names.buses:
        target |= {"EventBridgeParameters": {"Source": rnd.choice(SOURCES), "DetailType": rnd.choice(KINDS)}}
    if to in names.buses or rnd.random() < 0.6:
        detail = event(rnd)["detail"]
        target["Input"] = rnd.choice([json.dumps(detail), '{"at": "<aws.scheduler.scheduled-time>", "region": "eu"}'])
    state = {"State": "DISABLED"} if rnd.random() < 0.1 else {}
    window = {"Mode": "OFF"}
    return resource("Scheduler::Schedule", ScheduleExpression="rate(365 days)", FlexibleTimeWindow=window, Target=target, **state)


def _pattern(rnd):
    pattern = {"source": [rnd.choice(SOURCES)]} if rnd.random() < 0.5 else {"detail-type": [{"prefix": rnd.choice("SC")}]}
    return {**pattern, "detail": _filter(rnd)} if rnd.random() < 0.5 else pattern


def _data(rnd, names):
    """Streams, tables and buckets, and who reads them: mappings and pipes. What a pipe leads to is further down the line."""
    made = {}
    for stream in names.streams:
        made[stream] = resource("Kinesis::Stream", ShardCount=1)
    for table in names.tables:
        key = {"KeySchema": [{"AttributeName": "region", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST"}
        types = [{"AttributeName": "region", "AttributeType": "S"}]
        view = {"StreamViewType": "NEW_AND_OLD_IMAGES"}
        made[table] = resource("DynamoDB::Table", AttributeDefinitions=types, StreamSpecification=view, **key)
    for bucket in names.buckets:
        made[bucket] = _bucket(rnd, names)
    for source in [*names.streams, *names.tables]:
        if rnd.random() < 0.7:
            made[f"{source}Mapping"] = _stream_mapping(rnd, source, names)
    for number, source in enumerate([*names.queues, *names.streams, *names.tables]):
        if f"{source}Mapping" not in made and rnd.random() < 0.4 and not source.startswith("Queue"):
            made[f"Pipe{number}"] = _pipe(rnd, source, names)
    return made


def _stream_arn(source):
    return {"Fn::GetAtt": [source, "StreamArn"]} if source.startswith("Table") else arn(source)


def _seen(rnd, source):
    """A filter of what a record of this source carries."""
    if source.startswith("Table"):
        return {"dynamodb": {"NewImage": {"region": {"S": rnd.sample(REGIONS, 2)}}}}
    return {"data": _filter(rnd)} if source.startswith("Stream") else {"body": _filter(rnd)}


def _stream_mapping(rnd, source, names):
    filters = {"FilterCriteria": {"Filters": [{"Pattern": json.dumps(_seen(rnd, source))}]}} if rnd.random() < 0.5 else {}
    given = {"FunctionName": {"Ref": rnd.choice(names.functions)}, "BatchSize": 1, "StartingPosition": "TRIM_HORIZON"}
    return resource("Lambda::EventSourceMapping", EventSourceArn=_stream_arn(source), **given, **filters)


def _pipe(rnd, source, names):
    later = [stream for stream in names.streams if stream > source] if source.startswith("Stream") else names.streams
    target = rnd.choice([*names.functions, *later, "ResultsBus", "TopicOfResults"])
    kind = "DynamoDBStreamParameters" if source.startswith("Table") else "KinesisStreamParameters"
    parameters = {kind: {"StartingPosition": "LATEST", "BatchSize": 1}}
    if rnd.random() < 0.5:
        parameters["FilterCriteria"] = {"Filters": [{"Pattern": json.dumps(_seen(rnd, source))}]}
    shaped = {
        "InputTemplate": rnd.choice(['{"from": <$.eventSource>}', '{"all": <aws.pipes.event>}', '{"region": "<$.data.region>"}'])
    }
    template = {"TargetParameters": shaped} if rnd.random() < 0.5 else {}
    return resource(
        "Pipes::Pipe", RoleArn=arn("Role"), Source=_stream_arn(source), Target=arn(target), SourceParameters=parameters, **template
    )


def _bucket(rnd, names):
    configuration = {}
    if rnd.random() < 0.5:
        configuration["EventBridgeConfiguration"] = {"EventBridgeEnabled": True}
    kinds = {"Queue": names.queues, "Topic": names.topics, "Function": names.functions}
    for kind, receivers in kinds.items():
        if receivers and rnd.random() < 0.5:
            key = "LambdaConfigurations" if kind == "Function" else f"{kind}Configurations"
            rules = {"Rules": [{"Name": "prefix", "Value": rnd.choice(["in/", "out/"])}, {"Name": "suffix", "Value": ".csv"}]}
            given = {"Filter": {"S3Key": rules}} if rnd.random() < 0.6 else {}
            wanted = rnd.choice(["s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectCreated:Put"])
            configuration[key] = [{"Event": wanted, kind: arn(rnd.choice(receivers)), **given}]
    return resource("S3::Bucket", NotificationConfiguration=configuration)


def _filter(rnd):
    low = rnd.randint(0, 80)
    choices = {
        "region": rnd.choice([rnd.sample(REGIONS, 2), [{"anything-but": rnd.choice(REGIONS)}], [{"prefix": "e"}, {"exists": False}]]),
        "total": [{"numeric": [">", low, "<=", low + 60]}],
        "tags": [rnd.choice(TAGS)],
        "note": [{"exists": rnd.random() < 0.5}],
    }
    return {key: choices[key] for key in rnd.sample(sorted(choices), rnd.randint(1, 2))}


def _subscription(rnd, names):
    """A subscription; none where there is no topic. A topic has no two of the same queue or function."""
    if not (topics := [*names.topics, *names.fifo_topics]):
        return {}
    topic = rnd.choice(topics)
    to_queue = topic in names.fifo_topics or rnd.random() < 0.7
    endpoint = rnd.choice([*names.queues, *names.fifo_queues] if to_queue else names.functions)
    properties = {"TopicArn": {"Ref": topic}, "Protocol": "sqs" if to_queue else "lambda", "Endpoint": arn(endpoint)}
    if to_queue and rnd.random() < 0.6:
        properties["RawMessageDelivery"] = True
    dice = rnd.random()
    if dice < 0.4:
        wanted = rnd.choice([{"detail": _filter(rnd)}, {"source": [rnd.choice(SOURCES)]}, _filter(rnd)])
        properties |= {"FilterPolicyScope": "MessageBody", "FilterPolicy": wanted}
    elif dice < 0.5:
        properties["FilterPolicy"] = {"region": ["eu"]}
    return {f"{topic}To{endpoint}": resource("SNS::Subscription", **properties)}


def _mapping(rnd, queue, names):
    filters = {"FilterCriteria": {"Filters": [{"Pattern": json.dumps({"body": _filter(rnd)})}]}} if rnd.random() < 0.4 else {}
    to = rnd.choice(names.functions)
    return resource("Lambda::EventSourceMapping", EventSourceArn=arn(queue), FunctionName={"Ref": to}, BatchSize=1, **filters)


def change(rnd):
    """A change of an object."""
    key = rnd.choice(["in/", "out/", ""]) + rnd.choice(["a.csv", "b c.csv", "a.txt"])
    return {"key": key, "event": rnd.choice(["ObjectCreated:Put", "ObjectCreated:Copy", "ObjectRemoved:Delete"])}


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
