"""One alarm of a whole flow: what it is made of is found from what is composed."""

import re
from datetime import timedelta

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch as cloudwatch

from cdk_event_flow import EventBus, FlowAlarm, Pipe, Queue, Schedule, Topic, alarms_to
from cdk_event_flow.errors import ConstructError
from cdk_event_flow.flow.sources import Alarm
from cdk_event_flow.local.alarm_rule import read
from tests.compose.observe.test_dashboard import body, function
from tests.compose.observe.test_destinations import PLAN
from tests.compose.synthesis import flow_of, new_stack, resources, template_of


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setenv("CDK_VALIDATION", "false")


def shop(stack):
    """Two consumers behind a topic that two buses feed; and a schedule."""
    orders, refunds, events = EventBus(stack, "Orders"), EventBus(stack, "Refunds"), Topic(stack, "Events")
    billing, packing = function(stack, "Billing"), function(stack, "Packing")
    events.fan_out("Billing", to=billing)
    events.fan_out("Packing", to=packing)
    Schedule(stack, "Nightly", every=timedelta(days=1), to=billing)
    return orders, refunds, events, billing, packing


def made_of(stack, name="Stack/NotBilled"):
    """The names of the alarms in a composite alarm's rule, without that of the stack; all are there."""
    flow = flow_of(stack)
    (found,) = [each for each in flow.of(Alarm) if each.name == name]
    names = read(found.properties["AlarmRule"]).alarms
    assert names <= {each.name for each in flow.of(Alarm)}
    return {each.removeprefix("Stack/") for each in names}


def test_all_that_feeds_a_function_belongs_to_its_flow_also_what_is_composed_later():
    stack = new_stack()
    orders, refunds, events, billing, _ = shop(stack)
    FlowAlarm(stack, "NotBilled", says="Orders are not billed.", of=[billing])
    orders.route("ToTopic", {"source": ["shop"]}, to=events)
    refunds.route("Elsewhere", {"source": ["shop"]}, to=Queue(stack, "Kept"))
    assert made_of(stack) == {"Billing/Errors", "Billing/Untold", "Events/Billing/DeadLettersAlarm", "TopicsLosing", "Orders/Failing"}
    assert flow_of(stack).check() == []


def test_only_what_is_named_where_upstream_is_not_wanted():
    stack = new_stack()
    *_, events, billing, packing = shop(stack)
    FlowAlarm(stack, "NotBilled", says="Orders are not billed.", of=[billing, events, packing], upstream=False)
    assert made_of(stack) == {"Billing/Errors", "Billing/Untold", "Packing/Errors", "TopicsLosing"}


def test_pipes_and_alarms_of_ones_own_belong_to_it():
    stack = new_stack()
    billing = function(stack, "Billing")
    Pipe(stack, "Copy", source=Queue(stack, "In"), to=billing)
    own = cloudwatch.CfnAlarm(stack, "Own", comparison_operator="GreaterThanThreshold", evaluation_periods=1)
    theirs = cloudwatch.Alarm.from_alarm_arn(stack, "Bank", "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:Bank")
    FlowAlarm(stack, "NotBilled", says="Orders are not billed.", of=[billing, own, theirs])
    (rule,) = [each["AlarmRule"]["Fn::Join"][1] for each in resources(template_of(stack), "AWS::CloudWatch::CompositeAlarm")]
    refs = {re.sub(r"[0-9A-F]{8}$", "", each["Ref"]) for each in rule if isinstance(each, dict)}
    assert refs == {"Own", "BillingErrors", "CopyFailed", "InDeadLettersAlarm"}
    assert 'ALARM("Bank")' in "".join(each for each in rule if isinstance(each, str))


def test_it_says_what_does_not_happen_and_can_be_told_apart_and_kept_quiet():
    stack = new_stack()
    *_, billing, _ = shop(stack)
    planned = cloudwatch.CfnAlarm(stack, "Planned", comparison_operator="GreaterThanThreshold", evaluation_periods=1)
    alarms_to(FlowAlarm(stack, "NotBilled", says="Orders are not billed.", of=[billing], unless=planned), PLAN)
    template = template_of(stack)
    (alarm,) = resources(template, "AWS::CloudWatch::CompositeAlarm")
    assert alarm["AlarmDescription"].startswith("Shop/NotBilled: Orders are not billed. ")
    assert alarm["AlarmActions"] == [PLAN]
    assert (alarm["ActionsSuppressor"], alarm["ActionsSuppressorWaitPeriod"]) == ({"Ref": "Planned"}, 120)
    assert {each.get("AlarmActions") for each in resources(template, "AWS::CloudWatch::Alarm")} == {None}
    states = next(each["properties"]["alarms"] for each in body(template)[0]["widgets"] if each["type"] == "alarm")
    assert states[0].endswith("/NotBilled"), "the first that is looked at"


def test_a_flow_of_two_stacks_is_watched_where_it_ends():
    shared = new_stack("Shared")
    events = Topic(shared, "Events")
    stack = cdk.Stack(shared.node.root, "Shop")
    billing = function(stack, "Billing")
    events.fan_out("Billing", to=billing)
    FlowAlarm(stack, "NotBilled", says="Orders are not billed.", of=[billing])
    (alarm,) = resources(shared.node.root.synth().get_stack_by_name("Shop").template, "AWS::CloudWatch::CompositeAlarm")
    assert "Shared:ExportsOutputRefTopicsLosing" in str(alarm["AlarmRule"])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"says": "not billed"}, "EF-ALARM-FLOW at Shop/NotBilled: it says 'not billed', whoever is woken reads a sentence"),
        ({"says": "x" * 2_000 + "."}, "of 1024 characters with all else"),
        ({"of": ["Billing"]}, "EF-ALARM-FLOW at Shop/NotBilled: of has a str, a flow is made of functions"),
    ],
)
def test_what_cannot_be_such_an_alarm_is_refused(given, said):
    stack = new_stack()
    *_, billing, _ = shop(stack)
    with pytest.raises(ConstructError, match="EF-ALARM-FLOW") as refused:
        FlowAlarm(stack, "NotBilled", **{"says": "Orders are not billed.", "of": [billing], **given})
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("of", "said"),
    [
        (lambda stack: [EventBus(stack, "Quiet")], "EF-ALARM-FLOW at Shop/NotBilled: the flow has 0 alarms"),
        (
            lambda stack: [
                cloudwatch.Alarm.from_alarm_arn(stack, f"A{n}", f"arn:aws:cloudwatch:eu-west-1:123456789012:alarm:A{n}")
                for n in range(101)
            ],
            "the flow has 101 alarms",
        ),
    ],
)
def test_a_flow_without_alarms_or_with_too_many_is_refused_at_synth(of, said):
    stack = new_stack()
    FlowAlarm(stack, "NotBilled", says="Orders are not billed.", of=of(stack))
    with pytest.raises(RuntimeError, match="EF-ALARM-FLOW") as refused:
        template_of(stack)
    assert said in str(refused.value)
