"""What changes from one template to another, and which events go elsewhere because of it."""

import copy
import json

import pytest

from cdk_event_flow.flow import Flow

from .findings.cases.making import declared
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
    ],
)
def test_what_else_of_a_hop_changes_is_said(change, detail):
    (hop,) = changed(change).hops
    assert hop.details == (detail,)


def test_machines_get_the_same():
    difference = json.loads(changed(lambda r: r["Mapping"]["Properties"].update(BatchSize=5)).as_json())
    assert difference["hops"][0]["kind"] == "changed"
    assert difference["rerouted"] == []


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
