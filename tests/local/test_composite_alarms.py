"""Alarms of alarms: rules are read as CloudWatch reads them, and fire here as there."""

import json

import pytest

from cdk_event_flow.flow.sources import Alarm
from cdk_event_flow.local.alarm_rule import read
from cdk_event_flow.local.alarms import Alarms, by_name, why_not

from . import world as w
from .test_alarms import alarm, failing
from .test_queues import scenario


def named(name, alarm):
    return Alarm(
        **{field: getattr(alarm, field) for field in ("type", "properties", "actions")},
        **w._node("cloudwatch", name, f"alarm:{name}"),
    )


def composite(rule, *actions, name="Whole", **more):
    properties = {
        "AlarmRule": rule,
        "AlarmActions": [node.arn for node in actions],
        "OKActions": [node.arn for node in actions],
        **more,
    }
    told = tuple(node.arn for node in actions)
    return Alarm(
        **w._node("cloudwatch", name, f"alarm:{name}"), type="AWS::CloudWatch::CompositeAlarm", properties=properties, actions=told
    )


def errors(name, function, **more):
    return named(name, alarm("Errors", dimensions={"FunctionName": function}, TreatMissingData="notBreaching", **more))


def told(engine, queue="Q"):
    return [(each["AlarmName"], each["NewStateValue"]) for each in (json.loads(message.body) for message in engine.queue(queue))]


@scenario
async def test_it_fires_with_the_first_of_its_alarms_and_is_over_with_the_last_though_they_tell_nobody():
    f, g, t, q = w.function("F"), w.function("G"), w.topic("T"), w.queue("Q")
    nodes = (f, g, t, q, w.subscription(t, q, raw=True), errors("A", "F"), errors("B", "G"), composite('ALARM("A") OR ALARM(B)', t))
    async with w.engine(*nodes, handlers={"F": failing, "G": failing}) as e:
        alarms = Alarms(e)
        (whole,) = alarms.composite
        await e.hub.clock.advance(1)
        assert whole.state == "OK"
        await e.invoke(f.arn, "{}")
        await e.hub.clock.advance(61)
        await e.invoke(g.arn, "{}")
        await e.hub.clock.advance(60)
        assert whole.state == "ALARM"
        await e.hub.clock.advance(120)
        assert told(e) == [("Whole", "OK"), ("Whole", "ALARM"), ("Whole", "OK")]


@scenario
async def test_a_healthy_flow_tells_nothing_but_that_it_is():
    f, t, q = w.function("F"), w.topic("T"), w.queue("Q")
    async with w.engine(f, t, q, w.subscription(t, q, raw=True), errors("A", "F"), composite('ALARM("A")', t)) as e:
        Alarms(e)
        await e.invoke(f.arn, "{}")
        await e.hub.clock.advance(200)
        assert told(e) == [("Whole", "OK")]


@scenario
async def test_nobody_is_told_while_what_keeps_it_quiet_fires_and_some_time_longer():
    f, g, t, q = w.function("F"), w.function("G"), w.topic("T"), w.queue("Q")
    quiet = {"ActionsSuppressor": "B", "ActionsSuppressorWaitPeriod": 10, "ActionsSuppressorExtensionPeriod": 20, "OKActions": []}
    nodes = (f, g, t, q, w.subscription(t, q, raw=True), errors("A", "F"), errors("B", "G"), composite("ALARM(A)", t, **quiet))
    async with w.engine(*nodes, handlers={"F": failing, "G": failing}) as e:
        (whole,) = Alarms(e).composite
        for _ in range(3):
            await e.invoke(f.arn, "{}")
            await e.invoke(g.arn, "{}")
            await e.hub.clock.advance(60)
        assert whole.state == "ALARM"
        assert told(e) == []
        for _ in range(2):
            await e.invoke(f.arn, "{}")
            await e.hub.clock.advance(60)
        assert told(e) == [("Whole", "ALARM")]


@pytest.mark.parametrize(
    ("rule", "firing", "expected"),
    [
        ("ALARM(a) OR ALARM(b) AND ALARM(c)", "a", True),
        ("(ALARM(a) OR ALARM(b)) AND ALARM(c)", "a", False),
        ("NOT ALARM(a) AND OK(b)", "", True),
        ("NOT (ALARM(a) OR OK(b))", "b", True),
        ('ALARM("a") AND TRUE', "a", True),
        ("ALARM ( a ) OR FALSE", "b", False),
        ("INSUFFICIENT_DATA(d)", "", True),
    ],
)
def test_rules_are_read_as_cloudwatch_does(rule, firing, expected):
    states = {name: "ALARM" if name in firing else "OK" for name in "abc"} | {"d": "INSUFFICIENT_DATA"}
    assert read(rule).holds(states) is expected
    assert read(rule).alarms <= states.keys()


@pytest.mark.parametrize("rule", ["", "ALARM", "ALARM(a", "ALARM(a) ALARM(b)", "ALARM(a) XOR ALARM(b)", "(ALARM(a)", "NOT", "None"])
def test_what_is_no_rule_is_refused(rule):
    with pytest.raises(ValueError, match=r"^"):
        read(rule)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("ALARM(A)", None),
        ("ALARM(Elsewhere)", "it is made of Elsewhere, which is not here"),
        ("ALARM(Custom)", "it is made of Custom: nothing here measures Shop Errors"),
        ("ALARM(Whole)", "it is made of itself"),
        ("whatever", "its rule cannot be read"),
    ],
)
def test_one_that_cannot_be_looked_at_says_why(rule, said):
    whole = composite(rule)
    known = by_name([errors("A", "F"), named("Custom", alarm("Errors", namespace="Shop")), whole])
    assert why_not(whole, known) == said
