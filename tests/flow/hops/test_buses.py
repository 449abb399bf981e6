"""From buses, rules and schedules: what is judged, what is off, and what is sent of an event that is not known."""

import json

import pytest

from .making import BUS, CUSTOM, EVENT, arn, flow, hops, ref, rule, subscriber

JSONATA = {"Type": "JSONATA", "Expression": "$"}


def archive(**pattern):
    return "Events::Archive", {"SourceArn": arn("Bus"), **({"EventPattern": pattern} if pattern else {})}


def test_every_rule_and_archive_of_a_bus_is_judged_by_its_pattern():
    of = flow(
        Bus=BUS, Queue="SQS::Queue", Takes=rule("Queue"), Misses=rule("Queue", {"source": ["web"]}),
        All=archive(), Keeps=archive(source=["shop"]), Leaves=archive(source=["web"]),
    )  # fmt: skip
    found = hops(of, "Bus", EVENT)
    told = {
        by: (each.judgement and (each.judgement.filter, each.judgement.verdict.matched), each.reasons)
        for (by, _), each in found.items()
    }
    assert told == {
        "Takes": (("the rule Takes", True), ()),
        "Misses": (("the rule Misses", False), ('source is "shop", the rule Misses wants "web"',)),
        "All": (None, ()),
        "Keeps": (("the archive Keeps", True), ()),
        "Leaves": (("the archive Leaves", False), ('source is "shop", the archive Leaves wants "web"',)),
    }


def test_a_disabled_rule_says_so_before_what_its_pattern_says():
    of = flow(Bus=BUS, Queue="SQS::Queue", Off=(rule("Queue")[0], {**rule("Queue", {"source": ["web"]})[1], "State": "DISABLED"}))
    (hop,) = hops(of, "Bus", EVENT).values()
    assert hop.reasons == ("the rule Off is disabled", 'source is "shop", the rule Off wants "web"')


@pytest.mark.parametrize(("source", "reaches"), [("shop", True), ("web", False)])
def test_a_rule_that_is_given_an_event_judges_it(source, reaches):
    of = flow(Bus=BUS, Queue="SQS::Queue", Takes=rule("Queue"))
    assert bool(of.send("Takes", {**EVENT, "source": source}).reaches("Queue")) is reaches


@pytest.mark.parametrize(("state", "reasons"), [({}, ()), ({"State": "DISABLED"}, ("the rule Nightly is disabled",))])
def test_a_rule_with_a_schedule_goes_off_by_itself(state, reasons):
    nightly = {"ScheduleExpression": "rate(1 day)", "Targets": [{"Id": "T", "Arn": arn("Queue")}], **state}
    (hop,) = hops(flow(Queue="SQS::Queue", Nightly=("Events::Rule", nightly)), "Nightly").values()
    assert (hop.reasons, json.loads(json.dumps(hop.payload))["source"]) == (reasons, "aws.events")


def schedule(**target):
    to = {"Arn": arn("Orders"), "RoleArn": "arn:aws:iam::123456789012:role/elsewhere", **target}
    return {"ScheduleExpression": "rate(1 day)", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": to}


FIFO = "SQS::Queue", {"FifoQueue": True, "ContentBasedDeduplication": True}


@pytest.mark.parametrize(
    ("given", "reasons"),
    [
        (schedule(SqsParameters={"MessageGroupId": "all"}), ()),
        (schedule(), ("Orders is FIFO, and Nightly gives no message group",)),
        ({**schedule(SqsParameters={"MessageGroupId": "all"}), "State": "DISABLED"}, ("the schedule Nightly is disabled",)),
    ],
)
def test_a_schedule_gives_a_message_group_where_it_has_one(given, reasons):
    (hop,) = hops(flow(Orders=FIFO, Nightly=("Scheduler::Schedule", given)), "Nightly").values()
    assert hop.reasons == reasons


WHOLE = {"Data": {"n": 1}, "Metadata": {"tenant": "a"}, "SystemMetadata": {"source": "web"}}


@pytest.mark.parametrize(
    ("filters", "reasons"),
    [
        ([], ()),
        ([("DATA", '{"n": [1]}'), ("METADATA", '{"tenant": ["a"]}'), ("SYSTEM_METADATA", '{"source": ["web"]}')], ()),
        (
            [("DATA", '{"n": [2]}'), ("METADATA", '{"tenant": ["b"]}'), ("SYSTEM_METADATA", '{"source": ["app"]}')],
            (
                "n is 1, the subscriber Takes (DATA) wants 2",
                'tenant is "a", the subscriber Takes (METADATA) wants "b"',
                'source is "web", the subscriber Takes (SYSTEM_METADATA) wants "app"',
            ),
        ),
    ],
)
def test_each_filter_of_a_subscriber_looks_at_its_part_of_the_event(filters, reasons):
    of = flow(Custom=CUSTOM, Queue="SQS::Queue", Takes=subscriber("Queue", *filters))
    assert hops(of, "Custom", WHOLE)["Takes", "Queue"].reasons == reasons


def test_a_part_that_an_event_has_not_or_nobody_knows_of_is_empty_or_a_doubt():
    of = flow(
        Custom=CUSTOM, Queue="SQS::Queue", Takes=subscriber("Queue", ("METADATA", '{"a": [1]}'), ("SYSTEM_METADATA", '{"b": [1]}'))
    )
    assert hops(of, "Custom", {"Data": 1})["Takes", "Queue"].reasons == (
        "a is absent, the subscriber Takes (METADATA) wants 1",
        "b is absent, the subscriber Takes (SYSTEM_METADATA) wants 1",
    )
    of = flow(Custom=CUSTOM, Queue="SQS::Queue", Takes=subscriber("Queue", ("NEWLY_INVENTED", '{"a": [1]}')))
    hop = hops(of, "Custom", {"Data": 1})["Takes", "Queue"]
    assert hop.reasons == ()
    assert "the subscriber Takes (NEWLY_INVENTED) looks at what is not known: NEWLY_INVENTED" in hop.doubts


@pytest.mark.parametrize(
    ("sends", "event", "payload"),
    [
        (None, WHOLE, {"n": 1}),
        ({"Type": "RAW"}, {"n": 1}, {"n": 1}),
        ({"Type": "RAW"}, "Data", "Data"),
        ({"Type": "WITH_METADATA"}, WHOLE, WHOLE),
        ({"Type": "WITH_METADATA"}, "text", {"Metadata": {}, "SystemMetadata": {}, "Data": "text"}),
    ],
)
def test_a_subscriber_sends_the_data_or_all_of_the_event(sends, event, payload):
    of = flow(Custom=CUSTOM, Queue="SQS::Queue", Takes=subscriber("Queue", sends=sends))
    assert hops(of, "Custom", event)["Takes", "Queue"].payload == payload


def test_a_subscriber_that_is_stopped_says_so():
    of = flow(Custom=CUSTOM, Queue="SQS::Queue", Takes=subscriber("Queue", State="STOPPED"))
    assert hops(of, "Custom", WHOLE)["Takes", "Queue"].reasons == ("the subscriber Takes is stopped",)


def behind_custom(sends, **target):
    """A classic bus behind a new one, with a rule and an archive."""
    return flow(
        Custom=CUSTOM, Bus=BUS, Queue="SQS::Queue", Takes=subscriber("Bus", sends=sends), Rule=rule("Queue", **target),
        Archive=archive(source=["shop"]), All=archive(),
    )  # fmt: skip


@pytest.mark.parametrize(
    "target", [{}, {"InputPath": "$.detail"}, {"InputTransformer": {"InputTemplate": '"<aws.events.event.json>"'}}]
)
def test_what_a_bus_carries_and_nobody_knows_is_a_doubt_and_stays_unknown(target):
    sent = behind_custom(JSONATA, **target).send("Custom", EVENT)
    why = "what the expression of the subscriber Takes makes of it"
    to_queue = next(each for each in sent.deliveries if each.receiver.logical_id == "Queue")
    assert str(to_queue.payload) == f"unknown ({why})"
    assert f"the rule Rule looks at what is not known: {why}" in to_queue.doubts
    assert sent.reaches("Archive")


def test_what_is_no_event_no_pattern_takes():
    sent = behind_custom({"Type": "RAW"}).send("Custom", "text")
    assert sent.why_not("Queue") == "the rule Rule takes events, and this is none"
    assert sent.why_not("Archive") == "the archive Archive takes events, and this is none"
    assert sent.reaches("All")


def test_a_pattern_that_is_refused_lets_nothing_through_and_says_why():
    of = flow(Bus=BUS, Queue="SQS::Queue", Rule=rule("Queue", {"source": [{"prefixed": "s"}]}))
    (reason,) = hops(of, "Bus", EVENT)["Rule", "Queue"].reasons
    assert reason.startswith("the rule Rule is refused: ")
    assert "prefixed" in reason


def test_what_does_not_lead_on_from_a_node_is_passed_over():
    """Nothing but what a service has: a mapping that names a topic as its source, say, takes nothing from it."""
    strange = {
        "Topic": ("SNS::Topic", {}),
        "Queue": ("SQS::Queue", {}),
        "Bus": BUS,
        "Custom": CUSTOM,
        "Bucket": ("S3::Bucket", {"BucketName": "files"}),
        "Stream": ("Kinesis::Stream", {"Name": "clicks"}),
        "Work": ("Lambda::Function", {"Handler": "h.h", "Runtime": "python3.13"}),
        "End": ("SQS::Queue", {}),
        "Http": ("ApiGatewayV2::Api", {"Name": "http", "ProtocolType": "HTTP"}),
        "Sockets": ("ApiGatewayV2::Api", {"Name": "sockets", "ProtocolType": "WEBSOCKET"}),
    }
    sources = {
        **{name: arn(name) for name in ("Queue", "Bus", "Bucket", "Stream", "Work")}, "Topic": ref("Topic"), "Custom": ref("Custom"),
        **{name: {"Fn::Sub": f"arn:aws:execute-api:us-east-1:123456789012:${{{name}}}"} for name in ("Http", "Sockets")},
    }  # fmt: skip
    for name, source in sources.items():
        strange |= {
            f"{name}A": ("Events::Archive", {"SourceArn": source}),
            f"{name}B": ("Pipes::Pipe", {"Source": source, "Target": arn("End"), "RoleArn": "arn:aws:iam::123456789012:role/r"}),
            f"{name}C": ("Lambda::EventSourceMapping", {"EventSourceArn": source, "FunctionName": ref("Work")}),
            f"{name}D": ("SNS::Subscription", {"TopicArn": source, "Protocol": "sqs", "Endpoint": arn("End")}),
            f"{name}E": (
                "EventsV2::Subscriber",
                {
                    "Name": "s",
                    "EventBusArn": source,
                    "InvokeConfiguration": {"TargetArn": arn("End"), "RoleArn": "arn:aws:iam::1:role/r"},
                },
            ),
            f"{name}F": (
                "Events::Rule",
                {"EventBusName": source, "EventPattern": {"source": ["shop"]}, "Targets": [{"Id": "T", "Arn": arn("End")}]},
            ),
        }
    of = flow(**strange)
    events = {"Bucket": {"key": "a"}, "Bus": EVENT, "Http": {"path": "/"}}
    taken = {name: sorted({by.removeprefix(name) for by, _ in hops(of, name, events.get(name, {"n": 1}))}) for name in sources}
    assert taken == {
        "Queue": ["B", "C"],
        "Bus": ["A", "F"],
        "Bucket": [],
        "Stream": ["B", "C"],
        "Work": [],
        "Topic": ["D"],
        "Custom": ["E"],
        "Http": [],
        "Sockets": [],
    }
