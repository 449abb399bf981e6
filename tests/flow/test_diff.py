"""What changes from one template to another, and which events go elsewhere because of it."""

import copy
import json

import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.diff import Difference, Rerouted
from cdk_event_flow.flow.model import Unknown

from .findings.cases.making import declared, resource, schedule
from .findings.sound import SOUND


def changed(change):
    """The difference that a change of the sound template's resources makes."""
    old = copy.deepcopy(SOUND)
    declared(old["Resources"], policy={"detail": {"region": ["eu"]}})
    new = copy.deepcopy(old)
    change(new["Resources"])
    return Flow.from_template(old).diff(Flow.from_template(new))


def test_nothing_changed_is_false_and_says_so():
    difference = changed(lambda resources: None)
    assert not difference
    assert str(difference) == "no hop changes"


def test_a_widened_filter_comes_with_an_event_that_only_now_arrives():
    difference = changed(lambda r: r["Subscription"]["Properties"].update(FilterPolicy={"detail": {"region": ["eu", "us"]}}))
    (hop,) = difference.hops
    assert (hop.kind, hop.source, hop.target) == ("changed", "Topic", "Queue")
    assert hop.details == ('filter_policy: {"detail": {"region": ["eu"]}} → {"detail": {"region": ["eu", "us"]}}',)
    (rerouted,) = difference.rerouted
    assert rerouted.event["detail"]["region"] == "us"
    assert rerouted.event["detail-type"] == "OrderSubmitted"
    assert (rerouted.gained, rerouted.lost) == (("Function", "Queue"), ())
    assert "now reaches Function, Queue" in str(difference)


def test_a_narrowed_rule_comes_with_an_event_that_no_longer_arrives():
    def narrowed(resources):
        resources["Rule"]["Properties"]["EventPattern"]["detail"] = {"total": [{"numeric": [">", 100]}]}

    (rerouted,) = changed(narrowed).rerouted
    assert rerouted.event["detail"]["total"] <= 100
    assert (rerouted.gained, rerouted.lost) == ((), ("Function", "Queue"))


def test_a_new_consumer_and_one_that_went():
    def moved(resources):
        resources["Other"] = {"Type": "AWS::SQS::Queue"}
        allowed = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "*"}
        policy = {"Queues": [{"Ref": "Other"}], "PolicyDocument": {"Statement": [allowed]}}
        resources["OtherPolicy"] = {"Type": "AWS::SQS::QueuePolicy", "Properties": policy}
        resources["Subscription"]["Properties"]["Endpoint"] = {"Fn::GetAtt": ["Other", "Arn"]}

    difference = changed(moved)
    assert [(hop.kind, hop.target) for hop in difference.hops] == [("added", "Other"), ("removed", "Queue")]
    assert {(each.gained, each.lost) for each in difference.rerouted} == {(("Other",), ("Function", "Queue"))}


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        (lambda r: r["Subscription"]["Properties"].pop("RawMessageDelivery"), "raw: true → false"),
        (lambda r: r["Mapping"]["Properties"].update(BatchSize=5), "batch_size: 10 → 5"),
        (lambda r: r["Rule"]["Properties"].update(State="DISABLED"), "enabled: true → false"),
        (lambda r: r["Rule"]["Properties"]["Targets"][0].update(RetryPolicy={"MaximumRetryAttempts": 3}), "max_attempts: 185 → 3"),
        (
            lambda r: r["Rule"]["Properties"]["EventPattern"].update(source=["Köln"]),
            'pattern: {"source": ["shop"], "detail-type": ["OrderSubmitted"]}'
            ' → {"source": ["Köln"], "detail-type": ["OrderSubmitted"]}',
        ),
        (
            lambda r: r["Rule"]["Properties"]["Targets"][0].update(
                InputTransformer={"InputPathsMap": {"a": "$.detail"}, "InputTemplate": "<a>"}
            ),
            'transformer: null → {"paths": {"a": "$.detail"}, "template": "<a>"}',
        ),
    ],
)
def test_what_else_of_a_hop_changes_is_said(change, detail):
    (hop,) = changed(change).hops
    assert hop.details == (detail,)


def with_more(resources):
    """What leads on by itself, a rule with two targets, and what comes from and goes to elsewhere."""
    queue = {"Fn::GetAtt": ["Queue", "Arn"]}
    schedule(resources, Input="{}")
    resources["Hourly"] = resource("Events::Rule", ScheduleExpression="rate(1 hour)", Targets=[{"Id": "A", "Arn": {"Ref": "Topic"}}])
    resources["Rule"]["Properties"]["Targets"].append({"Id": "Q", "Arn": queue})
    resources["Alarm"] = resource("CloudWatch::Alarm", AlarmActions=[{"Ref": "Topic"}], Threshold=1)
    kept = {"Event": "s3:ObjectCreated:*", "Queue": queue}
    told = {"Event": "s3:ObjectRemoved:*", "Topic": {"Ref": "Topic"}}
    notifications = {"QueueConfigurations": [kept], "TopicConfigurations": [told]}
    resources["Bucket"] = resource("S3::Bucket", NotificationConfiguration=notifications)
    resources["FromElsewhere"] = resource("SNS::Subscription", TopicArn=ELSEWHERE, Protocol="sqs", Endpoint=queue)
    resources["ToElsewhere"] = resource(
        "SNS::Subscription", TopicArn={"Ref": "Topic"}, Protocol="https", Endpoint="https://a.example"
    )


ELSEWHERE = "arn:aws:sns:us-east-1:123456789012:elsewhere"
OF_REMOVED = '[{"destination": "arn:aws:sns:us-east-1:123456789012:Stack-Topic", "events": ["s3:ObjectRemoved:*"], '


def lead_on_otherwise(resources):
    """Each of them, changed in one thing."""
    resources["Nightly"]["Properties"]["Target"]["Input"] = '{"a": 1}'
    resources["Hourly"]["Properties"]["ScheduleExpression"] = "rate(2 hours)"
    resources["Rule"]["Properties"]["Targets"][1]["InputPath"] = "$.detail"
    resources["Alarm"]["Properties"] |= {"AlarmActions": [{"Ref": "Topic"}, {"Fn::GetAtt": ["Function", "Arn"]}], "Threshold": 2}
    resources["Bucket"]["Properties"]["NotificationConfiguration"]["TopicConfigurations"][0]["Filter"] = {
        "S3Key": {"Rules": [{"Name": "prefix", "Value": "in/"}]}
    }
    resources["FromElsewhere"]["Properties"]["RawMessageDelivery"] = True
    resources["ToElsewhere"]["Properties"]["Endpoint"] = "https://b.example"


def test_what_leads_on_by_itself_or_elsewhere_is_compared_too():
    old = copy.deepcopy(SOUND)
    with_more(old["Resources"])
    new = copy.deepcopy(old)
    assert not Flow.from_template(old).diff(Flow.from_template(new))
    lead_on_otherwise(new["Resources"])
    difference = Flow.from_template(old).diff(Flow.from_template(new))
    assert "\n".join(map(str, difference.hops)).splitlines() == [
        "+ Alarm → Function",
        "~ Bucket → Topic",
        f'    notifications: {OF_REMOVED}"prefix": "", "suffix": ""}}] → {OF_REMOVED}"prefix": "in/", "suffix": ""}}]',
        "~ Bus → Rule → Queue",
        '    input_path: null → "$.detail"',
        "~ Hourly → Topic",
        '    schedule: "rate(1 hour)" → "rate(2 hours)"',
        "~ Nightly → Function",
        '    input: "{}" → "{\\"a\\": 1}"',
        "- Topic → ToElsewhere → https://a.example",
        "+ Topic → ToElsewhere → https://b.example",
        f"~ {ELSEWHERE} → FromElsewhere → Queue",
        "    raw: false → true",
    ]


def test_a_target_that_is_called_otherwise_is_the_same():
    assert not changed(lambda r: r["Rule"]["Properties"]["Targets"][0].update(Id="Other"))


def test_what_is_now_done_by_another_kind_of_resource_is_said_property_by_property():
    source, target = {"Fn::GetAtt": ["Queue", "Arn"]}, {"Fn::GetAtt": ["Function", "Arn"]}

    def piped(resources):
        resources["Mapping"] = resource("Pipes::Pipe", Source=source, Target=target, RoleArn="arn:aws:iam::123456789012:role/pipe")

    (hop,) = changed(piped).hops
    assert {'role_arn: null → "arn:aws:iam::123456789012:role/pipe"', "batch_size: 10 → null"} <= set(hop.details)
    assert any(each.startswith("properties: null → ") for each in hop.details)


def test_a_receiver_of_another_name_is_the_same():
    assert {hop.by for hop in changed(lambda r: r["Topic"]["Properties"].update(TopicName="other")).hops} == {"Subscription"}


def test_a_hop_may_change_without_an_event_that_goes_elsewhere():
    difference = changed(lambda r: r["Mapping"]["Properties"].update(BatchSize=5))
    assert difference
    assert str(difference).splitlines() == ["~ Queue → Mapping → Function", "    batch_size: 10 → 5"]


def test_machines_get_the_same():
    text = changed(lambda r: r["Mapping"]["Properties"].update(BatchSize=5)).as_json()
    difference = json.loads(text)
    assert difference["hops"][0]["kind"] == "changed"
    assert difference["rerouted"] == []
    assert text.splitlines()[1] == '  "hops": ['


def test_a_policy_alone_can_lead_events_elsewhere():
    difference = changed(lambda r: r.pop("QueuePolicy"))
    assert difference
    assert difference.hops == ()
    assert str(difference).splitlines()[0] == "events that go elsewhere:"
    assert not Difference((), ())


@pytest.mark.parametrize(
    ("event", "gained", "lost", "said"),
    [
        ({"source": "s", "detail-type": "d", "detail": {}, "id": "1"}, ("A",), (),
         'on Bus, {"source": "s", "detail-type": "d", "detail": {}} now reaches A'),
        ({"source": "Köln", "id": "1"}, (), ("B", "C"), 'on Bus, {"source": "Köln"} no longer reaches B, C'),
        ({"detail": {"a": Unknown("why")}}, ("A",), ("B",),
         'on Bus, {"detail": {"a": "unknown (why)"}} now reaches A and no longer reaches B'),
        ({"id": "1"}, ("A",), (), 'on Bus, {"id": "1"} now reaches A'),
    ],
)  # fmt: skip
def test_an_event_that_goes_elsewhere_is_told_by_what_it_is(event, gained, lost, said):
    assert str(Rerouted(on="Bus", event=event, gained=gained, lost=lost)) == said


def test_a_difference_reads_hop_by_hop_then_event_by_event():
    difference = changed(lambda r: r["Rule"]["Properties"].update(State="DISABLED"))
    lines = str(difference).splitlines()
    assert lines[:3] == ["~ Bus → Rule → Topic", "    enabled: true → false", "events that go elsewhere:"]
    assert lines[3].startswith('  on Bus, {"source": "shop", "detail-type": "OrderSubmitted", "detail": {')
    assert lines[3].endswith(" no longer reaches Function, Queue")
    assert len(lines) == 4
    assert "id" in difference.rerouted[0].event


def test_one_that_goes_and_one_that_comes_are_said_together():
    def moved(resources):
        resources["Subscription"]["Properties"]["Endpoint"] = {"Fn::GetAtt": ["Dead", "Arn"]}

    difference = changed(moved)
    assert str(difference).splitlines()[:2] == ["+ Topic → Subscription → Dead", "- Topic → Subscription → Queue"]
    assert str(difference.rerouted[0]).endswith(" now reaches Dead and no longer reaches Function, Queue")
    assert difference.rerouted[0].on == "Bus"


def test_a_bus_that_is_new_does_not_hide_the_others():
    def more(resources):
        rule = resources.pop("Rule")
        bus = resources.pop("Bus")
        resources["First"] = resource("Events::EventBus", Name="first")
        resources |= {"Bus": bus, "Rule": rule}
        rule["Properties"]["State"] = "DISABLED"

    assert [each.on for each in changed(more).rerouted] == ["Bus"]


def test_a_bus_that_only_one_of_them_has_is_not_compared():
    def renamed(resources):
        resources["Other"] = resources.pop("Bus")
        resources["Rule"]["Properties"]["EventBusName"] = {"Ref": "Other"}

    old = copy.deepcopy(SOUND)
    new = copy.deepcopy(SOUND)
    renamed(new["Resources"])
    difference = Flow.from_template(old).diff(Flow.from_template(new))
    assert difference.rerouted == ()
    assert [(hop.kind, hop.source) for hop in difference.hops] == [("removed", "Bus"), ("added", "Other")]
