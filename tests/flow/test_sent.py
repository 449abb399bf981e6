"""What became of an event: who got it in the end, on which way, why others did not, and the whole as text."""

import copy

import pytest

from cdk_event_flow.errors import EventError, TemplateError
from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.sent import send

from .findings.cases.making import DEAD, resource
from .findings.cases.workers import workers
from .findings.sound import SOUND, policy_of, role, statement

ELSEWHERE = "arn:aws:sqs:us-east-1:123456789012:elsewhere"
TAKEN = {"source": "shop", "detail-type": "Sold", "detail": {"region": "eu"}}
FILTERED = {**TAKEN, "detail": {"region": "us"}}
OTHER = {**TAKEN, "source": "another"}


def at(logical_id):
    return {"Fn::GetAtt": [logical_id, "Arn"]}


def target(resources, id, arn):
    resources["Rule"]["Properties"]["Targets"].append({"Id": id, "Arn": arn, "DeadLetterConfig": {"Arn": DEAD}})


def archived(resources, **more):
    resources["Kept"] = resource("Events::Archive", SourceArn=at("Bus"), **more)


def straight(resources):
    """The rule leads to the queue also without the topic."""
    target(resources, "Q", at("Queue"))


def to_elsewhere(resources):
    target(resources, "E", ELSEWHERE)


def to_workers(resources):
    workers(resources)
    resources["JobsPolicy"] = policy_of("Jobs")
    target(resources, "J", at("Jobs"))


def told(resources):
    """What the function did goes to a queue that nobody reads."""
    resources["Done"], resources["DonePolicy"] = resource("SQS::Queue"), policy_of("Done")
    config = {"OnSuccess": {"Destination": at("Done")}}
    resources["Async"] = resource(
        "Lambda::EventInvokeConfig", FunctionName={"Ref": "Function"}, Qualifier="$LATEST", DestinationConfig=config
    )
    target(resources, "F", at("Function"))
    permits(resources, "Function")


def permits(resources, function):
    given = {"Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com", "FunctionName": {"Ref": function}}
    resources[f"Permits{function}"] = resource("Lambda::Permission", **given)


def aliases(*names):
    """The rule invokes aliases of a function, and a version."""

    def change(resources):
        resources["Version"] = resource("Lambda::Version", FunctionName={"Ref": "Function"})
        for name in names:
            version = {"FunctionVersion": {"Fn::GetAtt": ["Version", "Version"]}}
            resources[f"Alias{name}"] = resource("Lambda::Alias", FunctionName={"Ref": "Function"}, Name=name, **version)
            permits(resources, f"Alias{name}")
            target(resources, name, {"Ref": f"Alias{name}"})
        permits(resources, "Version")
        target(resources, "V", {"Ref": "Version"})

    return change


def flow_of(*changes):
    template = copy.deepcopy(SOUND)
    for change in changes:
        change(template["Resources"])
    return Flow.from_template(template)


def sent(event, *changes):
    return flow_of(*changes).send("Bus", event)


EVERYTHING = (archived, straight, to_elsewhere, to_workers)
DOUBT = f"if it is permitted: the policy of {ELSEWHERE} is outside the template"


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (
            TAKEN,
            f"""\
Bus
├─ Topic
│  └─ Queue
│     └─ function Function
├─ Queue
│  └─ function Function
├─ {ELSEWHERE} ({DOUBT})
└─ Jobs
   └─ workers Workers""",
        ),
        (
            FILTERED,
            f"""\
Bus
├─ Topic
├─ Queue
│  └─ function Function
├─ {ELSEWHERE} ({DOUBT})
└─ Jobs
   └─ workers Workers
not reached:
  Function (by Queue)
    detail.region is "us", the filter of Topic → Queue wants "eu\"""",
        ),
        (
            OTHER,
            f"""\
Bus
not reached:
  Topic
    source is "another", the rule Rule wants "shop"
  Function (by Queue)
    source is "another", the rule Rule wants "shop"
  {ELSEWHERE}
    source is "another", the rule Rule wants "shop"
  Workers (by Jobs)
    source is "another", the rule Rule wants "shop\"""",
        ),
    ],
    ids=["taken", "filtered", "another"],
)
def test_the_tree_is_told_and_then_what_was_not_reached_and_why(event, text):
    assert sent(event, *EVERYTHING).explain() == text


def logged(resources):
    resources["Log"] = resource("Logs::LogGroup", LogGroupName="/aws/events/shop")
    target(resources, "L", "arn:aws:logs:us-east-1:123456789012:log-group:/aws/events/shop")


def without_queue(resources):
    for id in ("Subscription", "Mapping"):
        del resources[id]


@pytest.mark.parametrize(
    ("changes", "event", "text"),
    [
        ((lambda r: archived(r, EventPattern={"source": ["another"]}), without_queue), TAKEN, "Bus\n└─ Topic"),
        ((lambda r: workers(r, receives=False),), FILTERED, """\
Bus
└─ Topic
not reached:
  Function (by Queue)
    detail.region is "us", the filter of Topic → Queue wants "eu\""""),
    ],
)  # fmt: skip
def test_archives_and_workers_of_other_queues_are_not_told_of(changes, event, text):
    assert sent(event, *changes).explain() == text


def test_a_group_of_logs_has_no_alias():
    assert sent(TAKEN, without_queue, logged).explain().splitlines()[2].split(" (if")[0] == "└─ Log"


def test_what_is_given_to_a_function_goes_on_as_its_invokes_are_configured():
    flow = flow_of(told)
    made = send(flow, flow.find("Function"), {})
    assert made.reaches("Done").route == ("Function", "Done")
    assert made.reaches("Topic").route == ()
    assert (made.root.arn, made.root.attributes) == (flow.find("Function").arn, {})


@pytest.mark.parametrize(
    ("changes", "event", "ends"),
    [
        ((), TAKEN, ["Function"]),
        ((), OTHER, []),
        ((archived,), TAKEN, ["Function"]),
        ((archived,), OTHER, []),
        (EVERYTHING, TAKEN, ["Function", ELSEWHERE, "Workers"]),
        ((lambda resources: resources.pop("Mapping"),), TAKEN, ["Queue"]),
        ((lambda resources: resources.pop("Subscription"), archived), TAKEN, ["Topic"]),
        ((told,), FILTERED, ["Function", "Done"]),
    ],
)
def test_who_gets_it_in_the_end_is_told_once_and_archives_are_no_end(changes, event, ends):
    assert [node.path for node in sent(event, *changes).ends] == ends


@pytest.mark.parametrize(
    ("event", "name", "reached", "said"),
    [
        (TAKEN, "Function", True, "reached by Bus → Topic → Queue → Function"),
        (TAKEN, "Queue", True, "reached by Bus → Topic → Queue"),
        (TAKEN, "Workers", True, "reached by Bus → Jobs → Workers"),
        (TAKEN, "Kept", True, "reached by Bus → Kept"),
        (TAKEN, ELSEWHERE, True, f"reached by Bus → {ELSEWHERE}"),
        (FILTERED, "Function", True, "reached by Bus → Queue → Function"),
        (OTHER, ELSEWHERE, False, 'not reached: source is "another", the rule Rule wants "shop"'),
        (OTHER, "Function", False, 'not reached: source is "another", the rule Rule wants "shop"'),
        (TAKEN, "Dead", False, "not reached: no route leads from Bus to Dead"),
    ],
)
def test_an_answer_is_true_or_false_and_prints_as_the_route_or_the_reason(event, name, reached, said):
    made = sent(event, *EVERYTHING)
    assert (bool(made.reaches(name)), repr(made.reaches(name))) == (reached, said)
    assert made.why_not(name) == (f"it does reach {name}" if reached else said.removeprefix("not reached: "))


def test_the_nearest_miss_is_told_first_and_nothing_of_other_receivers():
    def second(resources):
        resources["Near"] = copy.deepcopy(resources["Rule"])
        resources["Rule"]["Properties"]["EventPattern"] = {"source": ["another"], "detail": {"total": [{"exists": True}]}}
        resources["Aside"] = copy.deepcopy(resources["Near"])
        resources["Aside"]["Properties"].update(EventPattern={"source": ["third"]}, Targets=[])
        resources["Aside"]["Properties"]["Targets"] = [{"Id": "E", "Arn": ELSEWHERE}]

    assert sent({**TAKEN, "source": "fourth"}, second).why_not("Queue").splitlines() == [
        'source is "fourth", the rule Near wants "shop"',
        'source is "fourth", the rule Rule wants "another"',
        "detail.total is absent, the rule Rule wants it to be present",
    ]


def test_what_nothing_is_named_and_nothing_leads_to_is_unknown():
    with pytest.raises(TemplateError, match="EF-NAME-UNKNOWN"):
        sent(TAKEN).reaches(ELSEWHERE)
    with pytest.raises(TemplateError, match="EF-NAME-UNKNOWN"):
        sent(TAKEN).reaches("Rule")


def test_aliases_and_versions_are_told_but_for_the_one_that_all_of_ours_have():
    lines = sent(TAKEN, aliases("live", "PROD"), lambda resources: resources.pop("Subscription")).explain().splitlines()
    assert lines == [
        "Bus",
        "├─ Topic",
        "├─ function Function",
        "├─ function Function (alias PROD)",
        "└─ function Function (version 1)",
    ]


def test_what_is_put_on_a_bus_or_given_to_its_rule_is_a_whole_event_and_what_a_clock_gives_is_not():
    def clock(resources):
        targets = [{"Id": "T", "Arn": {"Ref": "Topic"}, "DeadLetterConfig": {"Arn": DEAD}}]
        resources["Clock"] = resource("Events::Rule", ScheduleExpression="rate(1 day)", Targets=targets)

    flow = flow_of(clock)
    for name in ("Bus", "Rule"):
        assert flow.send(name, TAKEN).root.payload["account"] == "123456789012"
    assert flow.send("Clock", {"any": "thing"}).root.payload == {"any": "thing"}


@pytest.mark.parametrize("name", ["Topic", "Queue"])
def test_topics_and_queues_take_attributes(name):
    assert flow_of().send(name, "text", attributes={"a": "b"}).root.attributes["a"]


@pytest.mark.parametrize("name", ["Bus", "Rule", "Function"])
def test_what_takes_no_attributes_refuses_them(name):
    with pytest.raises(EventError) as refused:
        flow_of().send(name, TAKEN, attributes={"a": "b"})
    (problem,) = refused.value.problems
    assert (refused.value.at, problem.code) == (name, "EF-EVENT")


def test_a_way_does_not_come_to_one_node_twice():
    def loop(resources):
        resources["Rule"]["Properties"]["Targets"] = [{"Id": "B", "Arn": at("Bus"), "DeadLetterConfig": {"Arn": DEAD}}]
        resources["Role2"] = role("events.amazonaws.com", statement("events:PutEvents"))

    assert [each.receiver.path for each in sent(TAKEN, loop).deliveries] == ["Bus"]


@pytest.mark.parametrize(("limit", "most"), [("MOST_DELIVERIES", 3), ("MOST_HOPS", 3)])
def test_an_event_goes_so_far_and_no_farther(limit, most, monkeypatch):
    monkeypatch.setattr(f"cdk_event_flow.flow.sent.{limit}", most)
    assert sent(TAKEN).reaches("Function")
    monkeypatch.setattr(f"cdk_event_flow.flow.sent.{limit}", most - 1)
    with pytest.raises(EventError) as refused:
        sent(TAKEN)
    (problem,) = refused.value.problems
    assert (refused.value.at, problem.code) == ("Bus", "EF-SEND-ENDLESS")
    assert f"more than {most - 1} " in problem.given


def test_a_message_may_have_no_attributes():
    flow = Flow.from_template(SOUND)
    assert send(flow, flow.find("Topic"), TAKEN).deliveries == flow.send("Topic", TAKEN).deliveries != ()


@pytest.mark.parametrize(("hops", "ends"), [(100, False), (101, True)])
def test_an_event_that_goes_on_and_on_is_given_up(hops, ends):
    resources = {}
    for at_hop in range(hops):
        resources[f"B{at_hop}"] = resource("Events::EventBus", Name=f"b{at_hop}")
        resources[f"R{at_hop}"] = resource(
            "Events::Rule",
            EventBusName=f"b{at_hop}",
            EventPattern={"source": ["shop"]},
            Targets=[{"Id": "T", "Arn": at(f"B{at_hop + 1}"), "RoleArn": "arn:aws:iam::123456789012:role/r"}],
        )
    resources[f"B{hops}"] = resource("Events::EventBus", Name=f"b{hops}")
    flow = Flow.from_template({"Resources": resources})
    if ends:
        with pytest.raises(EventError, match="EF-SEND-ENDLESS"):
            flow.send("b0", TAKEN)
    else:
        assert flow.send("b0", TAKEN).reaches(f"b{hops}")
