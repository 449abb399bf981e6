"""Alarms on what the run measures: their states over time, and who is told."""

import json

import pytest

from cdk_event_flow.flow.sources import Alarm
from cdk_event_flow.local.alarms import Alarms, why_not
from cdk_event_flow.local.trace import State

from . import world as w
from .test_queues import scenario


def alarm(metric, *actions, namespace="AWS/Lambda", dimensions=None, **more):
    properties = {
        "Namespace": namespace,
        "MetricName": metric,
        "Dimensions": [{"Name": name, "Value": value} for name, value in (dimensions or {}).items()],
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "AlarmActions": [node.arn for node in actions],
        **more,
    }
    return Alarm(
        **w._node("cloudwatch", "Alarm", "alarm:Alarm"),
        type="AWS::CloudWatch::Alarm",
        properties=properties,
        actions=tuple(node.arn for node in actions),
    )


def failing(_):
    raise ValueError("no")


@scenario
async def test_errors_of_a_function_go_to_the_topic_of_their_alarm_and_are_over_in_the_next_period():
    f, t, q = w.function("F"), w.topic("T"), w.queue("Q")
    a = alarm("Errors", t, dimensions={"FunctionName": "F"}, TreatMissingData="notBreaching", OKActions=[t.arn])
    async with w.engine(f, t, q, w.subscription(t, q, raw=True), a, handlers={"F": failing}) as e:
        (watched,) = Alarms(e).watched
        await e.invoke(f.arn, "{}")
        await e.hub.clock.advance(61)
        assert watched.state == "ALARM"
        await e.hub.clock.advance(60)
        assert watched.state == "OK"
        told = [json.loads(message.body) for message in e.queue("Q")]
        assert [(each["OldStateValue"], each["NewStateValue"]) for each in told] == [("INSUFFICIENT_DATA", "ALARM"), ("ALARM", "OK")]


@scenario
async def test_a_rule_of_the_default_bus_hears_of_dead_letters():
    dead, f, default = w.queue("Dead"), w.function("F"), w.bus("default")
    a = alarm(
        "ApproximateNumberOfMessagesVisible", namespace="AWS/SQS", dimensions={"QueueName": "Dead"}, Statistic="Maximum",
    )  # fmt: skip
    wanted = w.rule("R", {"source": ["aws.cloudwatch"], "detail": {"state": {"value": ["ALARM"]}}}, f, on=default)
    async with w.engine(dead, f, default, wanted, a) as e:
        Alarms(e)
        w.send(e, dead, "x")
        await e.hub.clock.advance(61)
        ((_, event),) = e.invoker.calls
        assert event["detail"]["alarmName"] == "Alarm"
        assert event["detail"]["previousState"] == {"value": "INSUFFICIENT_DATA"}
        assert State.PROCESSED in w.outcomes(e)


@scenario
async def test_several_periods_must_breach():
    f, t = w.function("F"), w.topic("T")
    a = alarm("Errors", t, dimensions={"FunctionName": "F"}, EvaluationPeriods=3, DatapointsToAlarm=2)
    async with w.engine(f, t, a, handlers={"F": failing}) as e:
        (watched,) = Alarms(e).watched
        states = []
        for _ in range(2):
            await e.invoke(f.arn, "{}")
            await e.hub.clock.advance(60)
            states.append(watched.state)
        assert states == ["OK", "ALARM"]
        await e.hub.clock.advance(600)
        assert watched.state == "INSUFFICIENT_DATA"


@scenario
async def test_an_alarm_that_tells_nobody_is_not_looked_at():
    f = w.function("F")
    async with w.engine(f, alarm("Errors", dimensions={"FunctionName": "F"})) as e:
        assert Alarms(e).watched == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"Metrics": [{"Id": "a"}]}, "it is on an expression of several metrics"),
        ({"Namespace": "Shop"}, "nothing here measures Shop"),
        ({"Statistic": None, "ExtendedStatistic": "p99"}, "its statistic is p99"),
        ({"ComparisonOperator": "GreaterThanUpperThreshold"}, "it compares by GreaterThanUpperThreshold"),
        ({}, None),
    ],
)
def test_an_alarm_that_cannot_be_looked_at_says_why(more, said):
    assert why_not(alarm("Errors", **more)) == said
