"""For each kind of finding, what is done to the sound template to raise it: the resource, and the change of its properties.

Where the resource is `None`, the change is of all resources.
"""

import json

DEAD = {"Fn::GetAtt": ["Dead", "Arn"]}


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


def fifo_dead_letters_of_the_rule(resources):
    resources["Ordered"] = resource("SQS::Queue", FifoQueue=True)
    resources["OrderedAlarm"] = alarm("Ordered")
    resources["Rule"]["Properties"]["Targets"][0]["DeadLetterConfig"] = {"Arn": {"Fn::GetAtt": ["Ordered", "Arn"]}}


def fifo_topic_with_standard_dead_letters(resources):
    fifo(resources, "Topic", "Queue")
    resources["Ordered"] = resource("SQS::Queue", FifoQueue=True)
    resources["OrderedAlarm"] = alarm("Ordered")
    resources["Queue"]["Properties"]["RedrivePolicy"]["deadLetterTargetArn"] = {"Fn::GetAtt": ["Ordered", "Arn"]}


def fifo_queue_with_standard_dead_letters(resources):
    resources["Ordered"] = resource(
        "SQS::Queue", FifoQueue=True, VisibilityTimeout=60, RedrivePolicy={"maxReceiveCount": 5, "deadLetterTargetArn": DEAD}
    )


def alarm(queue):
    dimensions = [{"Name": "QueueName", "Value": {"Fn::GetAtt": [queue, "QueueName"]}}]
    return resource("CloudWatch::Alarm", MetricName="ApproximateNumberOfMessagesVisible", Dimensions=dimensions)


def rule_to_function_without_dead_letters(resources):
    resources["Alone"] = resource("Lambda::Function")
    target = {"Id": "A", "Arn": {"Fn::GetAtt": ["Alone", "Arn"]}, "DeadLetterConfig": {"Arn": DEAD}}
    resources["Rule"]["Properties"]["Targets"].append(target)


def schedule(resources, **target):
    """A schedule of the function."""
    given = {"Arn": {"Fn::GetAtt": ["Function", "Arn"]}, "RoleArn": "arn:aws:iam::123456789012:role/scheduler", **target}
    resources["Nightly"] = resource("Scheduler::Schedule", ScheduleExpression="rate(1 day)", Target=given)


def stream_filter(resources):
    filters = {"Filters": [{"Pattern": json.dumps({"dynamodb": {"NewImage": {"total": {"N": [{"numeric": [">", 5]}]}}}})}]}
    source = "arn:aws:dynamodb:us-east-1:123456789012:table/orders/stream/2026"
    resources["Stream"] = resource(
        "Lambda::EventSourceMapping", EventSourceArn=source, FunctionName={"Ref": "Function"}, FilterCriteria=filters
    )


def mapping_filter(pattern):
    """A filter on the queue's mapping."""
    return lambda p: p.update(FilterCriteria={"Filters": [{"Pattern": json.dumps(pattern)}]})


def enveloped_filter(resources):
    del resources["Subscription"]["Properties"]["RawMessageDelivery"]
    mapping_filter({"body": {"detail": {"region": ["eu"]}}})(resources["Mapping"]["Properties"])


def enveloped_message_filter(resources):
    del resources["Subscription"]["Properties"]["RawMessageDelivery"]
    mapping_filter({"body": {"Message": {"detail": {"region": ["eu"]}}}})(resources["Mapping"]["Properties"])


def many_rules(resources):
    for number in range(300):
        resources[f"Rule{number}"] = resources["Rule"]


def many_filters(resources):
    for number in range(200):
        resources[f"Subscription{number}"] = resources["Subscription"]


def fifo_topic_to_function(resources):
    fifo(resources, "Topic")
    without_consumer(resources, "Queue")
    resources["Ordered"] = resource("SQS::Queue", FifoQueue=True)
    resources["OrderedAlarm"] = alarm("Ordered")
    redrive = {"deadLetterTargetArn": {"Fn::GetAtt": ["Ordered", "Arn"]}}
    resources["Subscription"]["Properties"].update(Protocol="https", Endpoint="https://example.com/", RedrivePolicy=redrive)


def standard_topic_to_fifo_queue(resources):
    without_consumer(resources)
    fifo(resources, "Queue")
    del resources["Queue"]["Properties"]["RedrivePolicy"]


def fifo_target(resources):
    resources["Ordered"] = resource("SQS::Queue", FifoQueue=True)
    target = {"Id": "O", "Arn": {"Fn::GetAtt": ["Ordered", "Arn"]}, "DeadLetterConfig": {"Arn": DEAD}}
    resources["Rule"]["Properties"]["Targets"].append(target)


def fifo_batch(resources):
    fifo(resources, "Queue", "Topic", "Dead")
    del resources["Function"]["Properties"]["DeadLetterConfig"]
    resources["Bin"] = resource("SQS::Queue")
    resources["BinAlarm"] = alarm("Bin")
    resources["Rule"]["Properties"]["Targets"][0]["DeadLetterConfig"] = {"Arn": {"Fn::GetAtt": ["Bin", "Arn"]}}
    resources["Mapping"]["Properties"]["BatchSize"] = 11


def long_pattern(p):
    p.update(EventPattern={"source": ["shop"], "detail": {"id": [f"order-{number:06d}" for number in range(140)]}})


def async_config(resources):
    resources["Async"] = resource(
        "Lambda::EventInvokeConfig",
        FunctionName={"Ref": "Function"},
        Qualifier="$LATEST",
        MaximumRetryAttempts=2,
        MaximumEventAgeInSeconds=180,
    )


def concurrency(resources, *, mapping, reserved):
    resources["Mapping"]["Properties"]["ScalingConfig"] = {"MaximumConcurrency": mapping}
    resources["Function"]["Properties"]["ReservedConcurrentExecutions"] = reserved


def function_with_fifo_dead_letters(resources):
    resources["Ordered"] = resource("SQS::Queue", FifoQueue=True)
    resources["OrderedAlarm"] = alarm("Ordered")
    resources["Function"]["Properties"]["DeadLetterConfig"] = {"TargetArn": {"Fn::GetAtt": ["Ordered", "Arn"]}}


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


def publishing(resources, *, condition=None):
    """The function may put events on the bus that feeds it."""
    statement = {"Effect": "Allow", "Action": "events:PutEvents", "Resource": {"Fn::GetAtt": ["Bus", "Arn"]}}
    allowed = {"Statement": [{**statement, **({"Condition": {"StringEquals": condition}} if condition else {})}]}
    resources["Publishing"] = resource("IAM::Policy", PolicyName="p", PolicyDocument=allowed, Roles=[{"Ref": "Role"}])


def publishing_what_comes_back(resources):
    declared(resources, policy={"detail": {"region": ["eu"]}})
    publishing(resources, condition={"events:source": "shop", "events:detail-type": ["OrderSubmitted"]})


def publishing_something_else(resources):
    declared(resources, policy={"detail": {"region": ["eu"]}})
    publishing(resources, condition={"events:source": "shop", "events:detail-type": ["PackingFailed"]})


def publishing_to_its_topic(resources):
    del resources["Subscription"]["Properties"]["FilterPolicy"]
    del resources["Subscription"]["Properties"]["FilterPolicyScope"]
    resources["Function"]["Properties"]["Environment"] = {"Variables": {"TOPIC": {"Ref": "Topic"}}}


CASES = {
    "EF101": [("Rule", lambda p: p.update(EventPattern={"source": []}))],
    "EF102": [("Subscription", lambda p: p.update(FilterPolicy={"a": [{"sufix": "x"}]}))],
    "EF103": [("Subscription", lambda p: p.pop("FilterPolicyScope") and p.update(FilterPolicy={"region": ["eu"]}))],
    "EF104": [
        ("Mapping", mapping_filter({"body": {"region": []}})),
        ("Mapping", lambda p: p.update(FilterCriteria={"Filters": [{"Pattern": '{"body": {"a": [1]}}'}] * 11})),
    ],
    "EF105": [(None, enveloped_filter), (None, enveloped_message_filter)],
    "EF106": [("Mapping", mapping_filter({"messageAttributes": {"region": {"stringValue": ["eu"]}}}))],
    "EF107": [("Rule", lambda p: p.update(Targets=[]))],
    "EF108": [(None, lambda r: [r.pop(id) for id in ("Subscription", "Queue", "Mapping", "Function")])],
    "EF109": [(None, stream_filter)],
    "EF110": [
        ("Subscription", lambda p: p.update(FilterPolicy={"source": ["shopp"]})),
        ("Subscription", lambda p: p.update(FilterPolicy={"source": [{"prefix": "shop."}]})),
    ],
    "EF201": [("Rule", lambda p: p["Targets"][0].pop("DeadLetterConfig"))],
    "EF202": [("Subscription", lambda p: p.pop("RedrivePolicy"))],
    "EF203": [("Queue", lambda p: p.pop("RedrivePolicy"))],
    "EF204": [("Dead", lambda p: p.update(MessageRetentionPeriod=345_600))],
    "EF205": [("Mapping", lambda p: p.pop("FunctionResponseTypes"))],
    "EF206": [(None, fifo_dead_letters_of_the_rule)],
    "EF207": [(None, fifo_topic_with_standard_dead_letters)],
    "EF208": [(None, fifo_queue_with_standard_dead_letters)],
    "EF209": [(None, rule_to_function_without_dead_letters)],
    "EF210": [(None, schedule)],
    "EF211": [("Queue", lambda p: p["RedrivePolicy"].update(maxReceiveCount=4))],
    "EF212": [(None, lambda r: r.pop("DeadAlarm"))],
    "EF213": [("Subscription", lambda p: p.update(RedrivePolicy={"deadLetterTargetArn": "arn:aws:sqs:eu-west-1:123456789012:dead"}))],
    "EF301": [("Queue", lambda p: p.update(VisibilityTimeout=5))],
    "EF302": [("Queue", lambda p: p.update(VisibilityTimeout=59))],
    "EF303": [("Queue", lambda p: p.update(MessageRetentionPeriod=299))],
    "EF304": [("Mapping", lambda p: p.update(BatchSize=11))],
    "EF305": [(None, fifo_batch)],
    "EF306": [
        ("Function", lambda p: p.update(ReservedConcurrentExecutions=4)),
        (None, lambda r: concurrency(r, mapping=21, reserved=20)),
    ],
    "EF307": [("Function", lambda p: p.update(ReservedConcurrentExecutions=0))],
    "EF308": [(None, async_config)],
    "EF401": [(None, function_with_fifo_dead_letters)],
    "EF402": [("Rule", lambda p: p.update(Targets=[{**p["Targets"][0], "Id": f"T{number}"} for number in range(6)]))],
    "EF403": [("Rule", long_pattern)],
    "EF404": [(None, many_rules)],
    "EF405": [(None, fifo_topic_to_function)],
    "EF406": [(None, standard_topic_to_fifo_queue)],
    "EF407": [("Mapping", lambda p: p.update(FilterCriteria={"Filters": [{"Pattern": '{"body": {"a": [1]}}'}] * 10}))],
    "EF408": [("Function", lambda p: p.update(Environment={"Variables": {"TABLE": "x" * 4_092}}))],
    "EF409": [(None, many_filters)],
    "EF410": [(None, fifo_target)],
    "EF601": [(None, publishing_what_comes_back)],
    "EF602": [(None, publishing)],
    "EF603": [(None, publishing_to_its_topic)],
    "EF701": [
        (None, lambda r: declared(r, policy={"detail": {"regoin": ["eu"]}})),
        (None, lambda r: declared(r, pattern={"detail": {"totl": [{"numeric": [">", 1]}]}})),
    ],
    "EF702": [(None, lambda r: declared(r, policy={"detail": {"region": ["eu", "apac"]}}))],
    "EF703": [
        (None, lambda r: declared(r, policy={"detail": {"note": [{"numeric": [">", 1]}]}})),
        (None, lambda r: declared(r, pattern={"detail": {"total": ["5"]}})),
    ],
    "EF704": [(None, lambda r: [declared(r), r["Rule"]["Properties"].update(EventPattern={"source": ["another"]})])],
}


# Just inside of what the cases above are just outside of: nothing is found.
SOUND_TOO = {
    "EF601": [(None, publishing_something_else)],
    "EF701": [(None, lambda r: declared(r, policy={"detail": {"region": ["eu"], "total": [{"exists": True}]}}))],
    "EF204": [("Dead", lambda p: p.update(MessageRetentionPeriod=345_601))],
    "EF211": [("Queue", lambda p: p["RedrivePolicy"].update(maxReceiveCount=5))],
    "EF303": [("Queue", lambda p: p.update(MessageRetentionPeriod=300))],
    "EF304": [("Mapping", lambda p: p.update(BatchSize=11, MaximumBatchingWindowInSeconds=0) or p.update(BatchSize=10))],
    "EF306": [(None, lambda r: concurrency(r, mapping=20, reserved=20))],
    "EF308": [(None, lambda r: async_config(r) or r["Async"]["Properties"].update(MaximumEventAgeInSeconds=181))],
    "EF402": [("Rule", lambda p: p.update(Targets=[{**p["Targets"][0], "Id": f"T{number}"} for number in range(5)]))],
    "EF407": [("Mapping", lambda p: p.update(FilterCriteria={"Filters": [{"Pattern": '{"body": {"a": [1]}}'}] * 5}))],
    "EF408": [("Function", lambda p: p.update(Environment={"Variables": {"TABLE": "x" * 4_091}}))],
    "EF110": [("Subscription", lambda p: p.update(FilterPolicy={"source": [{"prefix": "sho"}]}))],
    "EF105": [("Mapping", mapping_filter({"body": {"detail": {"region": ["eu"]}}}))],
}
