"""From topics, queues, streams and tables: what is judged, what is off, and what is not known on the way."""

import pytest

from .making import ACCOUNT, BUS, EVENT, ROLE, WORK, arn, flow, hops, mapping, pipe, ref, rule, subscription

FILTERED = {"FilterCriteria": {"Filters": [{"Pattern": '{"body": {"kind": ["new"]}}'}]}}


def reading(pattern=None, **more):
    return flow(Jobs="SQS::Queue", Work=WORK, Mapping=mapping(arn("Jobs"), pattern=pattern, **more))


@pytest.mark.parametrize(
    ("pattern", "more", "reasons", "matched"),
    [
        (None, {}, (), None),
        ('{"body": {"kind": ["new"]}}', {}, (), True),
        ('{"body": {"kind": ["old"]}}', {}, ('body.kind is "new", the filter of the mapping from Jobs wants "old"',), False),
        (None, {"Enabled": False}, ("the mapping from Jobs is disabled",), None),
        (
            '{"body": {"kind": ["old"]}}',
            {"Enabled": False},
            ("the mapping from Jobs is disabled", 'body.kind is "new", the filter of the mapping from Jobs wants "old"'),
            False,
        ),
    ],
)
def test_a_mapping_judges_by_its_filter_and_may_be_off(pattern, more, reasons, matched):
    hop = hops(reading(pattern, **more), "Jobs", {"kind": "new"})["Mapping", "Work"]
    assert hop.reasons == reasons
    assert (hop.judgement and (hop.judgement.filter, hop.judgement.verdict.matched)) == (
        None if matched is None else ("the filter of the mapping from Jobs", matched)
    )


def filters(*kinds):
    return {
        "FilterCriteria": {
            "Filters": [{"Pattern": f'{{"body": {{"kind": ["{kind}"], "size": ["{size}"]}}}}'} for kind, size in kinds]
        }
    }


@pytest.mark.parametrize(
    ("kinds", "reasons"),
    [
        ([("old", "s"), ("new", "s")], ()),
        ([("new", "s"), ("old", "s")], ()),
        ([("old", "l"), ("new", "l")], ('body.size is "s", the filter of the mapping from Jobs wants "l"',)),
        ([("new", "l"), ("old", "l")], ('body.size is "s", the filter of the mapping from Jobs wants "l"',)),
    ],
)
def test_of_several_filters_one_is_enough_and_the_nearest_says_why_not(kinds, reasons):
    of = flow(Jobs="SQS::Queue", Work=WORK, Mapping=mapping(arn("Jobs"), **filters(*kinds)))
    assert hops(of, "Jobs", {"kind": "new", "size": "s"})["Mapping", "Work"].reasons == reasons


# --- what is not known: the enrichment of a pipe answers it ---

WHY = "what the enrichment of the pipe Pipe makes of it"
UNKNOWN = f"unknown ({WHY})"


def after_enrichment(to, **resources):
    """A pipe with an enrichment, and what stands behind its target."""
    return flow(
        In="SQS::Queue", Enrich=WORK, Pipe=pipe(arn("In"), to, Enrichment=arn("Enrich")), Jobs="SQS::Queue", News="SNS::Topic",
        Clicks=("Kinesis::Stream", {"Name": "clicks"}), Work=WORK, **resources,
    )  # fmt: skip


def last(of, name):
    return next(each for each in of.send("In", {"n": 1}).root.walk() if each.receiver.logical_id == name)


@pytest.mark.parametrize(
    ("to", "resources", "receiver", "filter_name"),
    [
        (arn("Jobs"), {"Next": mapping(arn("Jobs"))}, "Work", None),
        (arn("Jobs"), {"Next": mapping(arn("Jobs"), pattern='{"body": {"n": [1]}}')}, "Work", "the filter of the mapping from Jobs"),
        (arn("Jobs"), {"Next": pipe(arn("Jobs"), ref("News"))}, "News", None),
        (
            arn("Jobs"),
            {
                "Next": pipe(
                    arn("Jobs"), ref("News"), TargetParameters={"InputTemplate": '{"n": <$.body.n>}'}, SourceParameters=FILTERED
                )
            },
            "News",
            "the filter of the pipe Next",
        ),
        (
            arn("Jobs"),
            {"Next": pipe(arn("Jobs"), ref("News"), Enrichment=arn("Work"), EnrichmentParameters={"InputTemplate": "<$.body>"})},
            "Work",
            None,
        ),
        (ref("News"), {"Next": subscription(ref("News"), arn("Jobs"))}, "Jobs", None),
        (ref("News"), {"Next": subscription(ref("News"), arn("Jobs"), RawMessageDelivery=True)}, "Jobs", None),
        (ref("News"), {"Next": subscription(ref("News"), arn("Work"), "lambda")}, "Work", None),
        (
            ref("News"),
            {"Next": subscription(ref("News"), arn("Jobs"), FilterPolicy={"n": [1]}, FilterPolicyScope="MessageBody")},
            "Jobs",
            "the filter of News → Jobs",
        ),
        (arn("Clicks"), {"Next": mapping(arn("Clicks"), StartingPosition="LATEST")}, "Work", None),
        (arn("Clicks"), {"Next": pipe(arn("Clicks"), ref("News"))}, "News", None),
        (arn("Work"), {}, "Work", None),
    ],
)
def test_what_is_not_known_stays_so_and_a_filter_of_it_is_a_doubt(to, resources, receiver, filter_name):
    hop = last(after_enrichment(to, **resources), receiver)
    assert (str(hop.payload), hop.reasons) == (UNKNOWN, ())
    of_filters = tuple(doubt for doubt in hop.doubts if "looks at" in doubt)
    assert of_filters == ((f"{filter_name} looks at what is not known: {WHY}",) if filter_name else ())


def test_the_enrichment_and_the_target_are_judged_by_the_pipe_s_filter():
    given = {"SourceParameters": FILTERED, "Enrichment": arn("Enrich")}
    of = flow(In="SQS::Queue", Enrich=WORK, Out="SQS::Queue", Pipe=pipe(arn("In"), arn("Out"), **given))
    for kind, reasons in (("new", ()), ("old", ('body.kind is "old", the filter of the pipe Pipe wants "new"',))):
        found = of.send("In", {"kind": kind}).root.next
        assert [each.receiver.logical_id for each in found] == ["Enrich", "Out"]
        told = [(each.judgement.filter, each.judgement.verdict.matched) for each in found]
        assert told == [("the filter of the pipe Pipe", kind == "new")] * 2
        assert [each.reasons for each in found] == [reasons] * 2


def test_a_pipe_that_is_stopped_says_so():
    (hop,) = hops(flow(In="SQS::Queue", Out="SQS::Queue", Pipe=pipe(arn("In"), arn("Out"), DesiredState="STOPPED")), "In", 1).values()
    assert hop.reasons == ("the pipe Pipe is stopped",)


MACHINE = f"arn:aws:states:{ACCOUNT}:stateMachine:orders"


@pytest.mark.parametrize(
    ("target", "payload"),
    [
        (arn("Out"), '{"n":1}'),
        (ref("News"), '{"n":1}'),
        (arn("Work"), [{"n": 1}]),
        (MACHINE, [{"n": 1}]),
        (arn("Clicks"), {"n": 1}),
    ],
)
def test_a_pipe_gives_a_function_or_state_machine_a_batch_a_message_text_and_all_else_what_it_made(target, payload):
    of = flow(
        In="SQS::Queue", Out="SQS::Queue", News="SNS::Topic", Work=WORK, Clicks=("Kinesis::Stream", {"Name": "clicks"}),
        Pipe=pipe(arn("In"), target, TargetParameters={"InputTemplate": '{"n": <$.body.n>}'}),
    )  # fmt: skip
    (hop,) = hops(of, "In", {"n": 1}).values()
    assert hop.payload == payload


@pytest.mark.parametrize(
    ("source", "pattern", "event"),
    [
        ("Jobs", '{"body": {"n": [1]}}', {"n": 1}),
        ("Clicks", '{"data": {"n": [1]}}', {"n": 1}),
        ("Orders", '{"dynamodb": {"NewImage": {"n": {"N": ["1"]}}}}', {"n": 1}),
    ],
)
def test_a_pipe_s_filter_reads_a_record_as_its_source_writes_it(source, pattern, event):
    stream = {"Fn::GetAtt": ["Orders", "StreamArn"]} if source == "Orders" else arn(source)
    of = flow(
        Jobs="SQS::Queue", Clicks=("Kinesis::Stream", {"Name": "clicks"}),
        Orders=("DynamoDB::Table", {"KeySchema": [{"AttributeName": "n"}], "StreamSpecification": {"StreamViewType": "NEW_IMAGE"}}),
        News="SNS::Topic", Pipe=pipe(stream, ref("News"), SourceParameters={"FilterCriteria": {"Filters": [{"Pattern": pattern}]}}),
    )  # fmt: skip
    (hop,) = hops(of, source, event).values()
    assert (hop.reasons, hop.judgement.verdict.matched) == ((), True)
    assert hops(of, source, {"n": 2})["Pipe", "News"].reasons != ()


# --- topics ---


@pytest.mark.parametrize(
    ("scope", "attributes", "reasons"),
    [
        ({"FilterPolicyScope": "MessageBody"}, {}, ()),
        ({"FilterPolicyScope": "MessageAttributes"}, {"kind": "new"}, ()),
        ({}, {"kind": "new"}, ()),
        ({}, {"kind": "old"}, ('kind is "old", the filter of News → Jobs wants "new"',)),
        ({}, {}, ('kind is absent, the filter of News → Jobs wants "new"',)),
    ],
)
def test_a_subscription_judges_by_the_body_or_the_attributes(scope, attributes, reasons):
    given = subscription(ref("News"), arn("Jobs"), FilterPolicy={"kind": ["new"]}, **scope)
    of = flow(News="SNS::Topic", Jobs="SQS::Queue", Sub=given)
    hop = hops(of, "News", {"kind": "new"}, attributes=attributes)["Sub", "Jobs"]
    assert hop.reasons == reasons
    assert (hop.judgement.filter, hop.judgement.verdict.matched) == ("the filter of News → Jobs", not reasons)


@pytest.mark.parametrize(
    ("policy", "scope", "first"),
    [
        ({"source": ["shop"]}, "MessageAttributes", "the filter of News → Jobs reads message attributes, and EventBridge sends none"),
        ({"source": ["web"]}, "MessageBody", 'source is "shop", the filter of News → Jobs wants "web"'),
        ({"source": [{"exists": False}]}, "MessageAttributes", None),
    ],
)
def test_of_attributes_behind_a_bus_it_is_said_that_there_are_none(policy, scope, first):
    given = subscription(ref("News"), arn("Jobs"), FilterPolicy=policy, FilterPolicyScope=scope)
    to_topic = ("Events::Rule", {**rule("Jobs")[1], "Targets": [{"Id": "T", "Arn": ref("News")}]})
    sent = flow(Bus=BUS, Rule=to_topic, News="SNS::Topic", Jobs="SQS::Queue", Sub=given).send("Bus", EVENT)
    hop = next(each for each in sent.root.walk() if each.receiver.logical_id == "Jobs")
    assert hop.reasons[:1] == (() if first is None else (first,))
    assert (hop.judgement.filter, hop.judgement.verdict.matched) == ("the filter of News → Jobs", first is None)


def test_the_filter_of_a_subscription_to_elsewhere_is_called_by_the_subscription():
    given = subscription(ref("News"), "https://shop.example.com", "https", FilterPolicy={"kind": ["new"]})
    (hop,) = hops(flow(News="SNS::Topic", Hook=given), "News", "x").values()
    assert hop.reasons == ('kind is absent, the filter of News → Hook wants "new"',)


@pytest.mark.parametrize(
    ("protocol", "endpoint", "raw", "kind"),
    [
        ("sqs", arn("Jobs"), False, "envelope"),
        ("sqs", arn("Jobs"), True, "message"),
        ("lambda", arn("Work"), False, "record"),
        ("lambda", f"arn:aws:lambda:{ACCOUNT}:function:elsewhere", False, "envelope"),
        ("sqs", arn("Work"), False, "envelope"),
        ("https", "https://shop.example.com", True, "message"),
    ],
)
def test_a_message_comes_raw_in_an_envelope_or_in_a_function_s_record(protocol, endpoint, raw, kind):
    of = flow(
        News="SNS::Topic", Jobs="SQS::Queue", Work=WORK, Sub=subscription(ref("News"), endpoint, protocol, RawMessageDelivery=raw)
    )
    ((_, hop),) = hops(of, "News", {"n": 1}).items()
    names = {"Type": "envelope", "n": "message", "Records": "record"}
    assert [names[name] for name in names if name in hop.payload] == [kind]


# --- what filters say ---


def test_fields_of_different_elements_of_an_array_are_said_so():
    items = {"items": [{"a": 1, "b": 2}, {"a": 2, "b": 1}]}
    of = flow(Bus=BUS, Queue="SQS::Queue", Rule=rule("Queue", {"detail": {"items": {"a": [1], "b": [1]}}}))
    hop = hops(of, "Bus", {**EVENT, "detail": items})["Rule", "Queue"]
    assert hop.reasons == ("the rule Rule wants fields of one element of an array, the event has them in different ones",)


def test_a_value_is_said_as_it_is_written():
    of = flow(Bus=BUS, Queue="SQS::Queue", Rule=rule("Queue", {"detail": {"at": ["Zürich"]}}))
    hop = hops(of, "Bus", {**EVENT, "detail": {"at": "Köln"}})["Rule", "Queue"]
    assert hop.reasons == ('detail.at is "Köln", the rule Rule wants "Zürich"',)


@pytest.mark.parametrize("role", [{}, {"RoleArn": ROLE}])
def test_a_role_elsewhere_leaves_open_whether_it_is_permitted(role):
    of = flow(Bus=BUS, Queue="SQS::Queue", Rule=rule("Queue", **role))
    (hop,) = hops(of, "Bus", EVENT).values()
    assert [doubt.startswith("it is permitted: ") for doubt in hop.doubts] == [True] * len(role)
