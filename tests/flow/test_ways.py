"""From where events can go where: edges by kind of node, the way back upstream, and what is remembered."""

import copy

import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.ways import handed_on, source_of

from .findings.cases.making import DEAD, resource
from .findings.cases.workers import workers
from .findings.sound import SOUND

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:elsewhere"
SOMEWHERE = "arn:aws:sqs:us-east-1:123456789012:somewhere"


def at(logical_id):
    return {"Fn::GetAtt": [logical_id, "Arn"]}


def flow_of(**resources):
    return Flow.from_template({"Resources": resources})


def edges(flow):
    """(from, by, to), by logical ids or ARNs."""
    called = {node.arn: node.logical_id for node in flow.nodes.values()}
    return [(called.get(source, source), by.logical_id, called.get(target, target)) for source, by, target in flow.ways.edges]


BUCKET = resource("S3::Bucket", NotificationConfiguration={"EventBridgeConfiguration": {"EventBridgeEnabled": True}})
LISTENING = resource("Events::Rule", EventPattern={"source": ["aws.s3"]}, Targets=[{"Id": "Q", "Arn": at("Queue")}])
QUEUE = resource("SQS::Queue")
ONE = resource("Lambda::Function")
TABLE = resource("DynamoDB::Table", KinesisStreamSpecification={"StreamArn": at("Stream")})
STREAM = resource("Kinesis::Stream", Name="changes")


@pytest.mark.parametrize(
    ("resources", "found"),
    [
        (
            {"Rule": LISTENING, "Queue": QUEUE, "Bucket": BUCKET},
            [("default", "Rule", "Queue"), ("Rule", "Rule", "Queue"), ("Bucket", "Bucket", "default")],
        ),
        ({"Bucket": BUCKET}, []),
        ({"Bucket": resource("S3::Bucket"), "Rule": LISTENING}, [("default", "Rule", "unknown"), ("Rule", "Rule", "unknown")]),
        ({"Alarm": resource("CloudWatch::Alarm", AlarmActions=[SOMEWHERE])}, [("Alarm", "Alarm", SOMEWHERE)]),
        (
            {"Clock": resource("Events::Rule", ScheduleExpression="rate(1 day)", Targets=[{"Id": "Q", "Arn": SOMEWHERE}])},
            [("Clock", "Clock", SOMEWHERE)],
        ),
        ({"Table": TABLE, "Stream": STREAM}, [("Table", "Table", "Stream")]),
        ({"Table": resource("DynamoDB::Table")}, []),
        (
            {"Async": resource(
                "Lambda::EventInvokeConfig", FunctionName=f"{FUNCTION}:live", Qualifier="live",
                DestinationConfig={"OnSuccess": {"Destination": SOMEWHERE}, "OnFailure": {"Destination": "arn:failed"}},
            )},
            [(FUNCTION, "Async", SOMEWHERE)],
        ),
        ({"Async": resource("Lambda::EventInvokeConfig", FunctionName=FUNCTION, Qualifier="live")}, []),
    ],
)  # fmt: skip
def test_edges_are(resources, found):
    if "Rule" in resources and "Queue" not in resources:
        resources = {**resources, "Rule": copy.deepcopy(LISTENING)}
        resources["Rule"]["Properties"]["Targets"][0]["Arn"] = "unknown"
    assert edges(flow_of(**resources)) == found


def test_workers_are_led_to_by_the_queue_that_they_go_through():
    template = copy.deepcopy(SOUND)
    workers(template["Resources"])
    assert ("Jobs", "Workers", "Workers") in edges(Flow.from_template(template))


def test_a_node_that_leads_to_several_leads_on_once():
    targets = [{"Id": "Q", "Arn": at("Queue")}, {"Id": "O", "Arn": SOMEWHERE}]
    flow = flow_of(Rule=resource("Events::Rule", EventPattern={"source": ["a"]}, Targets=targets), Queue=QUEUE)
    assert [node.logical_id for node in flow.ways.out[flow.find("default").arn]] == ["Rule"]


def subscribed(**more):
    ends = {"TopicArn": {"Ref": "Topic"}, "Protocol": "sqs", "Endpoint": at("Queue")}
    return {"Topic": resource("SNS::Topic"), "Queue": QUEUE, "By": resource("SNS::Subscription", **ends, **more)}


def mapped(**more):
    ends = {"EventSourceArn": at("Topic"), "FunctionName": at("Queue")}
    return {"Topic": QUEUE, "Queue": ONE, "By": resource("Lambda::EventSourceMapping", **ends, **more)}


def piped(**more):
    ends = {"Source": at("Topic"), "Target": at("Queue"), "RoleArn": "arn:aws:iam::123456789012:role/x"}
    return {"Topic": QUEUE, "Queue": QUEUE, "By": resource("Pipes::Pipe", **ends, **more)}


def ruled(**more):
    rule = {"EventBusName": {"Ref": "Topic"}, "Targets": [{"Id": "Q", "Arn": at("Queue")}]}
    return {"Topic": resource("Events::EventBus", Name="b"), "Queue": QUEUE, "By": resource("Events::Rule", **rule, **more)}


def read(**more):
    ends = {"EventBusArn": {"Ref": "Topic"}, "InvokeConfiguration": {"TargetArn": at("Queue"), "RoleArn": "arn:role"}}
    by = resource("EventsV2::Subscriber", Name="s", **ends, **more)
    return {"Topic": resource("EventsV2::EventBus", Name="b"), "Queue": QUEUE, "By": by}


def invoked(**more):
    config = {
        "FunctionName": {"Ref": "Topic"},
        "Qualifier": "$LATEST",
        "DestinationConfig": {"OnSuccess": {"Destination": at("Queue")}},
    }
    return {"Topic": ONE, "Queue": QUEUE, "By": resource("Lambda::EventInvokeConfig", **config, **more)}


FILTERS = {"Filters": [{"Pattern": '{"body": {"a": ["b"]}}'}]}
V2_FILTERS = {"Filters": [{"Filter": '{"a": ["b"]}', "Pattern": '{"a": ["b"]}'}]}


@pytest.mark.parametrize(
    ("resources", "filters"),
    [
        (subscribed(), False),
        (subscribed(FilterPolicy={"a": ["b"]}), True),
        (mapped(), False),
        (mapped(FilterCriteria=FILTERS), True),
        (piped(), False),
        (piped(SourceParameters={"FilterCriteria": FILTERS}), True),
        (ruled(EventPattern={"source": ["a"]}), True),
        (read(), False),
        (invoked(), False),
    ],
)
def test_upstream_goes_past_filters_or_ends_at_them(resources, filters):
    flow = flow_of(**resources)
    start, end = flow.find("Topic").arn, flow.find("Queue").arn
    assert start in flow.ways.upstream(end)
    assert (start in flow.ways.upstream(end, past_filters=False)) == (not filters)
    assert end not in flow.ways.upstream(start)


def test_what_leads_to_an_alias_leads_to_its_function_and_a_loop_ends():
    live = resource("Lambda::Alias", FunctionName={"Ref": "One"}, FunctionVersion="1", Name="live")
    first = resource("Events::Rule", EventPattern={"source": ["a"]}, Targets=[{"Id": "F", "Arn": {"Ref": "Live"}}])
    bus = {"Fn::Sub": "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/default"}
    again = resource("Events::Rule", EventPattern={"source": ["a"]}, Targets=[{"Id": "B", "Arn": bus}])
    flow = flow_of(One=ONE, Live=live, Rule=first, Again=again)
    called = {flow.nodes[arn].logical_id for arn in flow.ways.upstream(flow.find("One").arn)}
    assert called == {"One", "default", "Rule", "Again"}


def test_what_is_made_for_a_key_is_made_once():
    ways, made = flow_of(Queue=QUEUE).ways, []
    for key in ("a", "a", "b"):
        ways.compiled(key, lambda key=key: made.append(key) or key * 2)
    assert made == ["a", "b"]
    assert ways.compiled("a", lambda: "another") == "aa"


@pytest.mark.parametrize(
    ("arn", "source"),
    [
        ("arn:aws:dynamodb:r:1:table/orders/stream/2026-01-01", "arn:aws:dynamodb:r:1:table/orders"),
        ("arn:aws:s3:::bucket/in/a.csv", "arn:aws:s3:::bucket"),
        ("arn:aws:execute-api:r:1:abc/prod/GET/x", "arn:aws:execute-api:r:1:abc"),
        ("arn:aws:kinesis:r:1:stream/s/consumer/c:1", "arn:aws:kinesis:r:1:stream/s"),
        ("arn:aws:states:r:1:x/consumer/y", "arn:aws:states:r:1:x/consumer/y"),
        ("arn:aws:sqs:r:1:queue", "arn:aws:sqs:r:1:queue"),
    ],
)
def test_what_stands_behind_an_arn_is(arn, source):
    assert source_of(arn) == source


def test_what_lambda_hands_on_is_of_the_function_itself():
    def config(function, **ends):
        told = {end: {"Destination": f"arn:{where}"} for end, where in ends.items()}
        return resource("Lambda::EventInvokeConfig", FunctionName={"Ref": function}, Qualifier="$LATEST", DestinationConfig=told)

    one = resource("Lambda::Function", DeadLetterConfig={"TargetArn": DEAD})
    configs = {"Mine": config("One", OnSuccess="done", OnFailure="failed"), "Theirs": config("Other", OnSuccess="theirs")}
    flow = flow_of(One=one, Other=ONE, Dead=QUEUE, **configs)
    assert handed_on(flow, flow.find("One")) == {flow.find("Dead").arn, "arn:done", "arn:failed"}
    assert handed_on(flow, flow.find("Other")) == {"arn:theirs"}
