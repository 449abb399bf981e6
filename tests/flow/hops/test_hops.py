"""What all hops share, and those from functions, buckets and alarms."""

from datetime import date

import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.hops.hop import short
from cdk_event_flow.flow.hops.stored import misses
from cdk_event_flow.flow.model import Node, Unknown
from cdk_event_flow.flow.payloads.s3 import Change
from cdk_event_flow.flow.sources import Notification

from .making import (
    ACCOUNT,
    BUS,
    CUSTOM,
    EVENT,
    ROLE,
    WORK,
    arn,
    flow,
    hops,
    mapping,
    pipe,
    ref,
    rule,
    subscriber,
    subscription,
    template,
)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("Shop/Jobs/Queue", "Jobs"),
        ("Shop/Jobs", "Jobs"),
        ("Queue", "Queue"),
        ("Bucket/Queue", "Bucket/Queue"),
        *((f"Shop/Jobs/{kind}", "Jobs") for kind in ("Api", "Bucket", "Bus", "Function", "Pipe", "Stream", "Table", "Topic")),
        ("arn:aws:sqs:us-east-1:1:x", "arn:aws:sqs:us-east-1:1:x"),
    ],
)
def test_a_node_is_called_as_a_person_named_it(path, name):
    assert short(Node(logical_id="N", arn="n", name="n", path=path)) == name


def test_what_may_not_exist_is_a_doubt():
    given = template(Bus=BUS, Queue="SQS::Queue", Rule=rule("Queue"))
    given |= {"Parameters": {"Stage": {"Type": "String"}}, "Conditions": {"Live": {"Fn::Equals": [ref("Stage"), "live"]}}}
    for name in ("Rule", "Queue"):
        given["Resources"][name]["Condition"] = "Live"
    (hop,) = hops(Flow.from_template(given), "Bus", EVENT).values()
    assert hop.reasons == ()
    assert [doubt.partition(":")[0] for doubt in hop.doubts[:2]] == ["Rule exists", "Queue exists"]


OPEN = {"Ref": "Open"}
DECIDING = {
    "State of Rule": ("Bus", {"Bus": BUS, "Rule": (rule("Jobs")[0], {**rule("Jobs")[1], "State": OPEN})}),
    "EventPattern of Rule": ("Bus", {"Bus": BUS, "Rule": rule("Jobs", {"source": [OPEN]})}),
    "Enabled of Mapping": ("Jobs", {"Mapping": mapping(arn("Jobs"), Enabled=OPEN)}),
    "FilterCriteria of Mapping": ("Jobs", {"Mapping": mapping(arn("Jobs"), pattern=OPEN)}),
    "DesiredState of Pipe": ("Jobs", {"Pipe": pipe(arn("Jobs"), arn("Other"), DesiredState=OPEN)}),
    "SourceParameters of Pipe": (
        "Jobs",
        {"Pipe": pipe(arn("Jobs"), arn("Other"), SourceParameters={"FilterCriteria": {"Filters": [{"Pattern": OPEN}]}})},
    ),
    "FilterPolicy of Sub": ("News", {"Sub": subscription(ref("News"), arn("Jobs"), FilterPolicy={"kind": [OPEN]})}),
    "FilterConfiguration of Takes": ("Custom", {"Custom": CUSTOM, "Takes": subscriber("Jobs", ("DATA", OPEN))}),
}


@pytest.mark.parametrize("what", DECIDING)
def test_what_decides_and_is_not_told_is_a_doubt(what):
    at, resources = DECIDING[what]
    given = template(Jobs="SQS::Queue", Other="SQS::Queue", News="SNS::Topic", Work=WORK, **resources)
    of = Flow.from_template({**given, "Parameters": {"Open": {"Type": "String"}}})
    (hop,) = hops(of, at, EVENT).values()
    assert f"{what} allows it: parameter Open has no default" in hop.doubts


FIFO = "SQS::Queue", {"FifoQueue": True, "ContentBasedDeduplication": True}
WITHOUT = "SQS::Queue", {"FifoQueue": True}
GROUP = {"SqsParameters": {"MessageGroupId": "all"}}


def test_a_pipe_may_give_a_fifo_queue_all_that_it_asks_for():
    assert hops(flow(In="SQS::Queue", Orders=FIFO, Pipe=pipe(arn("In"), arn("Orders"))), "In", 1)["Pipe", "Orders"].reasons == ()


@pytest.mark.parametrize("orders", [FIFO, WITHOUT])
def test_what_is_not_known_is_neither_refused_nor_a_duplicate(orders):
    of = flow(
        Custom=CUSTOM, Bus=BUS, Orders=orders, Takes=subscriber("Bus", sends={"Type": "JSONATA", "Expression": "$"}),
        First=rule("Orders", **GROUP), Second=rule("Orders", **GROUP),
    )  # fmt: skip
    sent = of.send("Custom", EVENT)
    assert [each.reasons for each in sent.root.walk() if each.receiver.logical_id == "Orders"] == [(), ()]


@pytest.mark.parametrize(("detail", "reached"), [({"n": 1}, 1), ({"n": Unknown("who knows")}, 2)])
def test_what_is_known_in_part_is_no_duplicate(detail, reached):
    of = flow(Bus=BUS, Orders=FIFO, First=rule("Orders", **GROUP), Second=rule("Orders", **GROUP))
    found = hops(of, "Bus", {**EVENT, "detail": detail}).values()
    assert [each.reasons for each in found].count(()) == reached


# --- what filters make of what is known in part ---

WHY = "what somebody answers"
PARTLY = {**EVENT, "detail": {"total": 5, "answer": Unknown(WHY), "list": ["a", Unknown(WHY)], "other": Unknown("more")}}
DOUBT = f"the rule Rule looks at what is not known: {WHY}"


@pytest.mark.parametrize(
    ("detail", "reasons", "doubts"),
    [
        ({"total": [5]}, (), ()),
        ({"total": [5], "answer": ["yes"]}, (), (DOUBT,)),
        ({"answer": {"sure": ["yes"]}}, (), (DOUBT,)),
        ({"answers": ["yes"]}, ('detail.answers is absent, the rule Rule wants "yes"',), ()),
        ({"list": ["b"]}, (), (DOUBT,)),
        ({"answer": ["yes"], "list": ["b"]}, (), (DOUBT,)),
        ({"answer": ["yes"], "other": ["b"]}, (), (DOUBT, "the rule Rule looks at what is not known: more")),
        ({"answer": [{"anything-but": ["no"]}], "other": [{"exists": True}]}, (), (DOUBT,)),
        ({"answer": [{"exists": True}]}, (), ()),
        ({"total": [5], "answer": [{"anything-but": ["no"]}]}, (), (DOUBT,)),
        ({"total": [6], "answer": ["yes"]}, ("detail.total is 5, the rule Rule wants 6",), ()),
    ],
)
def test_what_is_asked_of_it_is_open_and_what_is_known_to_differ_is_said_alone(detail, reasons, doubts):
    hop = hops(flow(Bus=BUS, Queue="SQS::Queue", Rule=rule("Queue", {"detail": detail})), "Bus", PARTLY)["Rule", "Queue"]
    assert (hop.reasons, hop.doubts) == (reasons, doubts)
    assert hop.judgement.filter == "the rule Rule"


@pytest.mark.parametrize(("asked", "value"), [("answer", None), ("list", ["a", None])])
def test_in_a_verdict_what_is_not_known_is_null(asked, value):
    of = flow(Bus=BUS, Queue="SQS::Queue", Rule=rule("Queue", {"detail": {asked: ["x"]}}))
    (path,) = hops(of, "Bus", PARTLY)["Rule", "Queue"].judgement.verdict.paths
    assert path.value == value


def test_a_value_that_is_no_json_is_said_as_a_text():
    of = flow(Bus=BUS, Queue="SQS::Queue", Rule=rule("Queue", {"detail": {"on": ["x"]}}))
    hop = hops(of, "Bus", {**EVENT, "detail": {"on": date(2026, 1, 2)}})["Rule", "Queue"]
    assert hop.reasons == ('detail.on is "2026-01-02", the rule Rule wants "x"',)


def test_an_event_that_no_filter_can_read_says_why():
    of = flow(Bus=BUS, Queue="SQS::Queue", Rule=rule("Queue", {"detail": {"a": ["x"]}}))
    assert hops(of, "Bus", {**EVENT, "detail": {1: 2}})["Rule", "Queue"].reasons == (
        "the rule Rule cannot read it: a key is no string",
    )


# --- functions ---


def configured(to, **resources):
    """A function that a topic invokes, and where its successes go."""
    config = {"FunctionName": ref("Work"), "Qualifier": "$LATEST", "DestinationConfig": {"OnSuccess": {"Destination": to}}}
    return flow(
        News="SNS::Topic", Work=WORK, Told=WORK, Jobs="SQS::Queue", Bus=BUS, Sub=subscription(ref("News"), arn("Work"), "lambda"),
        Config=("Lambda::EventInvokeConfig", config), **resources,
    )  # fmt: skip


@pytest.mark.parametrize(("to", "receiver"), [(arn("Jobs"), "Jobs"), (arn("Told"), "Told"), (arn("Bus"), "Bus")])
def test_a_success_is_told_by_a_record_and_on_a_bus_by_an_event_around_it(to, receiver):
    hop = next(each for each in configured(to).send("News", "x").root.walk() if each.receiver.logical_id == receiver)
    record = hop.payload["detail"] if receiver == "Bus" else hop.payload
    context = record["requestContext"]
    assert (context["condition"], context["functionArn"].rpartition(":")[2]) == ("Success", "$LATEST")
    assert record["requestPayload"]["Records"][0]["Sns"]["Message"] == "x"
    assert ("detail-type" in hop.payload) is (receiver == "Bus")


@pytest.mark.parametrize(("to", "receiver"), [(arn("Jobs"), "Jobs"), (arn("Told"), "Told")])
def test_of_an_invoke_with_what_is_not_known_the_record_is_known_but_for_that(to, receiver):
    of = configured(to, In="SQS::Queue", Enrich=WORK, Pipe=pipe(arn("In"), ref("News"), Enrichment=arn("Enrich")))
    hop = next(each for each in of.send("In", "x").root.walk() if each.receiver.logical_id == receiver)
    assert hop.payload["requestContext"]["condition"] == "Success"
    assert str(hop.payload["requestPayload"]) == "unknown (what the enrichment of the pipe Pipe makes of it)"


def test_a_function_that_is_asked_and_not_told_has_no_destination():
    of = configured(arn("Told"), Mapping=mapping(arn("Jobs")))
    assert [each.receiver.logical_id for each in of.send("Jobs", "x").deliveries] == ["Work"]


def test_an_alias_has_destinations_of_its_own():
    alias = {"FunctionName": ref("Work"), "FunctionVersion": "1", "Name": "live"}
    config = {"FunctionName": ref("Work"), "Qualifier": "live", "DestinationConfig": {"OnSuccess": {"Destination": arn("Jobs")}}}
    given = {
        "News": "SNS::Topic", "Work": WORK, "Jobs": "SQS::Queue", "Alias": ("Lambda::Alias", alias),
        "Config": ("Lambda::EventInvokeConfig", config),
        "MayAlias": ("Lambda::Permission", {"FunctionName": ref("Alias"), "Action": "lambda:InvokeFunction", "Principal": "*"}),
    }  # fmt: skip
    of = flow(**given, Sub=subscription(ref("News"), ref("Alias"), "lambda"))
    to_alias, to_queue = (each for each in of.send("News", "x").root.walk() if each.by)
    assert (to_alias.receiver.logical_id, to_alias.arn.rpartition(":")[2]) == ("Work", "live")
    assert to_queue.payload["requestContext"]["functionArn"] == to_alias.arn
    of = flow(**given, Sub=subscription(ref("News"), arn("Work"), "lambda"))
    assert [each.receiver.logical_id for each in of.send("News", "x").root.walk()] == ["News", "Work"]


def test_a_message_keeps_its_attributes_in_the_envelope_and_raw_beside_it():
    of = flow(
        News="SNS::Topic", Jobs="SQS::Queue", Raw="SQS::Queue", Enveloped=subscription(ref("News"), arn("Jobs")),
        Bare=subscription(ref("News"), arn("Raw"), RawMessageDelivery=True),
    )  # fmt: skip
    found = hops(of, "News", "x", attributes={"kind": "new"})
    envelope, raw = found["Enveloped", "Jobs"], found["Bare", "Raw"]
    assert (envelope.payload["MessageAttributes"], envelope.attributes) == ({"kind": {"Type": "String", "Value": "new"}}, {})
    assert envelope.payload["UnsubscribeURL"].endswith(f"SubscriptionArn={envelope.by.arn}")
    assert (raw.payload, list(raw.attributes)) == ("x", ["kind"])


# --- buckets ---


@pytest.mark.parametrize(
    ("events", "key", "said"),
    [
        (("s3:ObjectCreated:*",), "in/a.csv", []),
        (("s3:ObjectRemoved:*", "s3:ObjectCreated:Put"), "in/a.csv", []),
        ((), "in/a.csv", ["the event is ObjectCreated:Put, the notification of Files wants none"]),
        (
            ("s3:ObjectRemoved:*", "s3:ObjectRestore:*"),
            "in/a.csv",
            ["the event is ObjectCreated:Put, the notification of Files wants ObjectRemoved:* or ObjectRestore:*"],
        ),
        (
            ("s3:ObjectCreated:*",),
            "a.txt",
            [
                "the key is a.txt, the notification of Files wants keys that begin with in/",
                "the key is a.txt, the notification of Files wants keys that end with .csv",
            ],
        ),
    ],
)
def test_a_notification_says_why_it_does_not_tell_of_a_change(events, key, said):
    notification = Notification(destination="d", events=events, prefix="in/", suffix=".csv")
    assert list(misses(notification, Change(key), "Files")) == said


def test_of_a_bucket_only_its_notifications_lead_on():
    files = {
        "BucketName": "files",
        "NotificationConfiguration": {"QueueConfigurations": [{"Event": "s3:ObjectCreated:*", "Queue": arn("Jobs")}]},
    }
    of = flow(
        Archive=("Events::Archive", {"SourceArn": "arn:aws:s3:::files"}), Jobs="SQS::Queue", Files=("S3::Bucket", files),
        Pipe=pipe(arn("Files"), arn("Jobs")),
    )  # fmt: skip
    assert list(hops(of, "Files", {"key": "a"})) == [("Files", "Jobs")]


def test_a_table_s_changes_go_to_its_kinesis_stream_too():
    table = {"KeySchema": [{"AttributeName": "id"}], "KinesisStreamSpecification": {"StreamArn": arn("Clicks")}}
    of = flow(Orders=("DynamoDB::Table", table), Clicks=("Kinesis::Stream", {"Name": "clicks"}))
    (hop,) = hops(of, "Orders", {"id": 1}).values()
    assert (hop.receiver.logical_id, hop.payload["dynamodb"]["Keys"]) == ("Clicks", {"id": {"N": "1"}})


def test_a_mapping_of_a_table_reads_its_changes():
    table = {"KeySchema": [{"AttributeName": "id"}], "StreamSpecification": {"StreamViewType": "NEW_IMAGE"}}
    stream, pattern = {"Fn::GetAtt": ["Orders", "StreamArn"]}, '{"dynamodb": {"NewImage": {"n": {"N": ["1"]}}}}'
    of = flow(Orders=("DynamoDB::Table", table), Work=WORK, Mapping=mapping(stream, pattern=pattern))
    for n, reasons in ((1, ()), (2, ('dynamodb.NewImage.n.N is "2", the filter of the mapping from Orders wants "1"',))):
        (hop,) = hops(of, "Orders", {"id": "a", "n": n}).values()
        (record,) = hop.payload["Records"]
        assert (hop.reasons, record["dynamodb"]["Keys"]) == (reasons, {"id": {"S": "a"}})
        assert record["eventSourceARN"].endswith("/stream/2026-01-01T00:00:00.000")


def test_a_change_that_is_not_known_stays_so_on_a_table_s_kinesis_stream():
    table = {"KinesisStreamSpecification": {"StreamArn": arn("Clicks")}}
    of = flow(
        In="SQS::Queue", Enrich=WORK, Orders=("DynamoDB::Table", table), Clicks=("Kinesis::Stream", {"Name": "clicks"}),
        Pipe=pipe(arn("In"), arn("Orders"), Enrichment=arn("Enrich")),
    )  # fmt: skip
    hop = next(each for each in of.send("In", "x").root.walk() if each.receiver.logical_id == "Clicks")
    assert str(hop.payload) == "unknown (what the enrichment of the pipe Pipe makes of it)"


def test_an_alarm_tells_its_topics_and_the_default_bus():
    alarm = {"AlarmName": "late", "AlarmActions": [ref("News")], "Namespace": "N", "MetricName": "M"}
    found = hops(flow(News="SNS::Topic", Late=("CloudWatch::Alarm", alarm)), "Late", {})
    assert found["Late", "News"].payload["NewStateValue"] == "ALARM"
    assert found["Late", "default"].payload == {
        "version": "0",
        "id": "00000000-0000-4000-8000-000000000000",
        "detail-type": "CloudWatch Alarm State Change",
        "source": "aws.cloudwatch",
        "account": "123456789012",
        "time": "2026-01-01T00:00:00Z",
        "region": "us-east-1",
        "resources": [f"arn:aws:cloudwatch:{ACCOUNT}:alarm:late"],
        "detail": {"alarmName": "late", "state": {"value": "ALARM"}, "previousState": {"value": "OK"}},
    }


def test_the_role_of_a_target_that_is_elsewhere_is_a_doubt_of_a_pipe():
    (hop,) = hops(flow(In="SQS::Queue", Out="SQS::Queue", Pipe=pipe(arn("In"), arn("Out"))), "In", 1).values()
    assert hop.doubts == (f"it is permitted: the role {ROLE} is outside the template",)
    assert (hop.permission.verdict, hop.permission.by) == ("unknown", "role")


def test_where_nothing_is_missed_only_the_way_is_said():
    assert flow(Bus=BUS, Queue="SQS::Queue", Rule=rule("Queue")).send("Bus", EVENT).explain() == "Bus\n└─ Queue"
