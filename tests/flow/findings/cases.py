"""For each kind of finding, what is done to the sound template to raise it: the resource, and the change of its properties.

Where the resource is `None`, the change is of all resources.
"""

import json

from .sound import KEY, RULES, policy_of, role, statement

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
    resources["OrderedPolicy"] = policy_of("Ordered")
    resources["Rule"]["Properties"]["Targets"][0]["DeadLetterConfig"] = {"Arn": {"Fn::GetAtt": ["Ordered", "Arn"]}}


def fifo_topic_with_standard_dead_letters(resources):
    fifo(resources, "Topic", "Queue")
    del resources["Rule"]
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
    without_consumer(resources, "Queue", "Rule")
    resources["Ordered"] = resource("SQS::Queue", FifoQueue=True)
    resources["OrderedAlarm"] = alarm("Ordered")
    redrive = {"deadLetterTargetArn": {"Fn::GetAtt": ["Ordered", "Arn"]}}
    resources["Subscription"]["Properties"].update(Protocol="https", Endpoint="https://example.com/", RedrivePolicy=redrive)


def standard_topic_to_fifo_queue(resources):
    without_consumer(resources)
    fifo(resources, "Queue")
    del resources["Queue"]["Properties"]["RedrivePolicy"]


def fifo_target(resources, *, deduplication=False, **target):
    resources["Ordered"] = resource("SQS::Queue", FifoQueue=True, ContentBasedDeduplication=deduplication)
    resources["OrderedPolicy"] = policy_of("Ordered")
    target |= {"Id": "O", "Arn": {"Fn::GetAtt": ["Ordered", "Arn"]}, "DeadLetterConfig": {"Arn": DEAD}}
    resources["Rule"]["Properties"]["Targets"].append(target)


def fifo_topic_as_target(resources):
    fifo(resources, "Topic")
    resources["Ordered"] = resource("SQS::Queue", FifoQueue=True)
    resources["OrderedAlarm"], resources["OrderedPolicy"] = alarm("Ordered"), policy_of("Ordered")
    resources["Subscription"]["Properties"]["RedrivePolicy"] = {"deadLetterTargetArn": {"Fn::GetAtt": ["Ordered", "Arn"]}}


def fifo_batch(resources):
    fifo(resources, "Queue", "Topic", "Dead")
    del resources["Rule"], resources["Function"]["Properties"]["DeadLetterConfig"]
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


def declared_and_filtered_out(resources):
    declared(resources, policy={"detail-type": ["OrderSubmitted"]})
    failed = {"properties": {**ORDER["properties"], "detail-type": {"const": "PackingFailed"}}, "type": "object"}
    resources["Failed"] = resource("EventSchemas::Schema", Type="JSONSchemaDraft4", Content=json.dumps(failed))
    resources["Rule"]["Properties"]["EventPattern"]["detail-type"] = ["OrderSubmitted", "PackingFailed"]


def publishing(resources, *, condition=None):
    """The function may put events on the bus that feeds it."""
    statement = {"Effect": "Allow", "Action": "events:PutEvents", "Resource": {"Fn::GetAtt": ["Bus", "Arn"]}}
    allowed = {"Statement": [{**statement, **({"Condition": {"StringEquals": condition}} if condition else {})}]}
    resources["Publishing"] = resource("IAM::Policy", PolicyName="p", PolicyDocument=allowed, Roles=[{"Ref": "Role"}])


def publishing_what_comes_back(resources):
    declared(resources, policy={"detail": {"region": ["eu"]}})
    publishing(resources, condition={"events:source": "shop", "events:detail-type": ["OrderSubmitted"]})


def publishing_what_may_come_back(resources):
    declared(resources, policy={"detail": {"region": ["us"], "total": [{"numeric": [">", 100]}]}})
    publishing(resources, condition={"events:source": "shop", "events:detail-type": ["OrderSubmitted"]})


def publishing_something_else(resources):
    declared(resources, policy={"detail": {"region": ["eu"]}})
    publishing(resources, condition={"events:source": "shop", "events:detail-type": ["PackingFailed"]})


def publishing_to_its_topic(resources):
    del resources["Subscription"]["Properties"]["FilterPolicy"]
    del resources["Subscription"]["Properties"]["FilterPolicyScope"]
    resources["Function"]["Properties"]["Environment"] = {"Variables": {"TOPIC": {"Ref": "Topic"}}}


def without_service(logical_id, service):
    """A policy that has forgotten a service."""

    def change(resources):
        properties = resources[logical_id]["Properties"]
        for each in (properties.get("PolicyDocument") or properties["KeyPolicy"])["Statement"]:
            services = each["Principal"].get("Service", [])
            if service in services:
                each["Principal"]["Service"] = [other for other in services if other != service and not isinstance(services, str)]

    return change


def without_policy(logical_id):
    return lambda resources: resources.pop(logical_id)


def scheduled(resources, *allowed):
    """A schedule with dead letters whose role may do these things."""
    may_bury = statement("sqs:SendMessage"), statement(["kms:Decrypt", "kms:GenerateDataKey"], KEY)
    resources["SchedulerRole"] = role("scheduler.amazonaws.com", *may_bury, *allowed)
    schedule(resources, RoleArn={"Fn::GetAtt": ["SchedulerRole", "Arn"]}, DeadLetterConfig={"Arn": DEAD})


def private(resources, *, endpoint):
    """The function in a private subnet, with a table that it uses."""
    resources["Role"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"][1]["Resource"] = DEAD  # Lambda sends there
    resources["Vpc"] = resource("EC2::VPC", CidrBlock="10.0.0.0/16")
    resources["Subnet"] = resource("EC2::Subnet", VpcId={"Ref": "Vpc"}, CidrBlock="10.0.0.0/24")
    name = {"Fn::Sub": "com.amazonaws.${AWS::Region}.dynamodb"}
    if endpoint:
        resources["Endpoint"] = resource("EC2::VPCEndpoint", VpcId={"Ref": "Vpc"}, ServiceName=name)
    resources["Function"]["Properties"]["VpcConfig"] = {"SubnetIds": [{"Ref": "Subnet"}], "SecurityGroupIds": ["sg-1"]}
    table = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
    document = {"Statement": [statement("dynamodb:PutItem", table)]}
    resources["UsesTable"] = resource("IAM::Policy", PolicyName="t", PolicyDocument=document, Roles=[{"Ref": "Role"}])


def private_poller(resources):
    """Private, and polled for by a policy of AWS that names all queues."""
    private(resources, endpoint=True)
    arn = {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"}
    resources["Role"]["Properties"]["ManagedPolicyArns"] = [arn]


def private_behind_nat(resources):
    private(resources, endpoint=False)
    resources["Routes"] = resource("EC2::RouteTable", VpcId={"Ref": "Vpc"})
    table = {"RouteTableId": {"Ref": "Routes"}}
    resources["Takes"] = resource("EC2::SubnetRouteTableAssociation", SubnetId={"Ref": "Subnet"}, **table)
    resources["Out"] = resource("EC2::Route", DestinationCidrBlock="0.0.0.0/0", NatGatewayId="nat-1", **table)


def private_behind_internet_gateway(resources):
    private_behind_nat(resources)
    del resources["Out"]["Properties"]["NatGatewayId"]
    resources["Out"]["Properties"]["GatewayId"] = "igw-1"


def https_subscription_without_dead_letter_permission(resources):
    resources["Subscription"]["Properties"].update(Protocol="https", Endpoint="https://example.com/")
    without_consumer(resources, "Queue", "QueuePolicy", "Role")
    without_service("DeadPolicy", "sns.amazonaws.com")(resources)


def rule_with_role(resources, *allowed):
    """A target that is reached by a role."""
    resources["RuleRole"] = role("events.amazonaws.com", *allowed)
    stream = "arn:aws:kinesis:us-east-1:123456789012:stream/orders"
    target = {"Id": "K", "Arn": stream, "RoleArn": {"Fn::GetAtt": ["RuleRole", "Arn"]}, "DeadLetterConfig": {"Arn": DEAD}}
    resources["Stream"] = resource("Kinesis::Stream", Name="orders")
    resources["Rule"]["Properties"]["Targets"].append(target)


def rule_to_alias(resources, *, permitted):
    """A rule that invokes an alias, and a permission of the alias or of the function."""
    rule_to_function_without_dead_letters(resources)
    resources["Version"] = resource("Lambda::Version", FunctionName={"Ref": "Alone"})
    live = {"FunctionVersion": {"Fn::GetAtt": ["Version", "Version"]}, "Name": "live"}
    resources["Live"] = resource("Lambda::Alias", FunctionName={"Ref": "Alone"}, **live)
    resources["Rule"]["Properties"]["Targets"][-1]["Arn"] = {"Ref": "Live"}
    resources["Alone"]["Properties"]["DeadLetterConfig"] = {"TargetArn": DEAD}
    resources["AlonePermission"]["Properties"]["FunctionName"] = {"Ref": permitted}


def role_without_key(resources):
    statements = resources["Role"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    statements[:] = [each for each in statements if "kms:Decrypt" not in each["Action"]]


def denied(logical_id, action):
    """A policy that forbids what it allows, unless it comes through an endpoint."""
    through = {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}

    def change(resources):
        statements = resources[logical_id]["Properties"]["PolicyDocument"]["Statement"]
        statements.append(statement(action, effect="Deny", Principal="*", Condition=through))

    return change


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
    "EF410": [
        (None, lambda r: fifo_target(r, deduplication=True)),
        (None, lambda r: fifo_target(r, SqsParameters={"MessageGroupId": "all"})),
        (None, fifo_topic_as_target),
    ],
    "EF501": [
        (None, without_policy("TopicPolicy")),
        (None, without_service("TopicPolicy", "events.amazonaws.com")),
        (None, lambda r: rule_to_alias(r, permitted="Alone")),
        (None, denied("TopicPolicy", "sns:Publish")),
    ],
    "EF502": [
        (None, without_policy("QueuePolicy")),
        (None, without_service("QueuePolicy", "sns.amazonaws.com")),
        (None, denied("QueuePolicy", "sqs:*")),
    ],
    "EF503": [("Role", lambda p: p["Policies"][0]["PolicyDocument"]["Statement"][0].update(Action=["sqs:ReceiveMessage"]))],
    "EF504": [(None, scheduled), (None, rule_with_role)],
    "EF505": [
        (None, without_policy("DeadPolicy")),
        (None, without_service("DeadPolicy", "events.amazonaws.com")),
        (None, https_subscription_without_dead_letter_permission),
    ],
    "EF506": [
        (None, without_service("Key", "sns.amazonaws.com")),
        (None, without_service("Key", "events.amazonaws.com")),
        (None, role_without_key),
    ],
    "EF509": [
        (None, lambda r: r.update(Another=policy_of("Queue"))),
        (None, lambda r: r.update(Another=r["TopicPolicy"])),
    ],
    "EF507": [("Queue", lambda p: p.update(KmsMasterKeyId="alias/aws/sqs"))],
    "EF508": [(None, lambda r: private(r, endpoint=False)), (None, private_behind_internet_gateway)],
    "EF601": [(None, publishing_what_comes_back), (None, publishing_what_may_come_back)],
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
    "EF704": [
        (None, lambda r: [declared(r), r["Rule"]["Properties"].update(EventPattern={"source": ["another"]})]),
        (None, declared_and_filtered_out),
    ],
}


# Just inside of what the cases above are just outside of: nothing is found.
SOUND_TOO = {
    "EF504": [
        (None, lambda r: scheduled(r, statement("lambda:InvokeFunction", {"Fn::GetAtt": ["Function", "Arn"]}))),
        (None, lambda r: rule_with_role(r, statement("kinesis:Put*", "arn:aws:kinesis:*:*:stream/orders"))),
    ],
    "EF501": [(None, lambda r: rule_to_alias(r, permitted="Live"))],
    "EF508": [(None, lambda r: private(r, endpoint=True)), (None, private_poller), (None, private_behind_nat)],
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
    "EF410": [(None, lambda r: fifo_target(r, deduplication=True, SqsParameters={"MessageGroupId": "all"}))],
    "EF408": [("Function", lambda p: p.update(Environment={"Variables": {"TABLE": "x" * 4_091}}))],
    "EF110": [("Subscription", lambda p: p.update(FilterPolicy={"source": [{"prefix": "sho"}]}))],
    "EF105": [("Mapping", mapping_filter({"body": {"detail": {"region": ["eu"]}}}))],
}
