"""Alarms on what the run measures: their states over time, and who is told."""

import json

import pytest

from cdk_event_flow.flow.sources import Alarm
from cdk_event_flow.local.alarms import Alarms, why_not
from cdk_event_flow.local.metric_math import metrics_of, value_of
from cdk_event_flow.local.samples import Samples
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
        ({"Metrics": [{"Id": "a"}]}, "it is on an expression that is not followed here"),
        ({"Metrics": [{"Id": "a", "Expression": "ANOMALY_DETECTION_BAND(m)"}]}, "it is on an expression that is not followed here"),
        ({"Namespace": "Shop"}, "nothing here measures Shop Errors"),
        ({"Statistic": None, "ExtendedStatistic": "p99"}, "its statistic is p99"),
        ({"ComparisonOperator": "GreaterThanUpperThreshold"}, "it compares by GreaterThanUpperThreshold"),
        ({}, None),
    ],
)
def test_an_alarm_that_cannot_be_looked_at_says_why(more, said):
    assert why_not(alarm("Errors", **more)) == said


def math(expression, **metrics):
    """The property of an alarm on an expression; of each metric its namespace, name, statistic and dimensions."""
    measured = [
        {
            "Id": id,
            "ReturnData": False,
            "MetricStat": {
                "Period": 60,
                "Stat": statistic,
                "Metric": {
                    "Namespace": namespace,
                    "MetricName": name,
                    "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
                },
            },
        }
        for id, (namespace, name, statistic, dimensions) in metrics.items()
    ]
    return {"Metrics": [{"Id": "e", "Expression": expression, "ReturnData": True}, *measured], "MetricName": None, "Namespace": None}


@scenario
async def test_errors_and_throttles_that_share_an_alarm_make_it_fire_and_it_is_over_without_data():
    f, t, q = w.function("F"), w.topic("T"), w.queue("Q")
    of_f = {"FunctionName": "F"}
    both = math(
        "SUM([FILL(errors, 0), FILL(throttles, 0)])",
        errors=("AWS/Lambda", "Errors", "Sum", of_f),
        throttles=("AWS/Lambda", "Throttles", "Sum", of_f),
    )
    a = alarm("", t, TreatMissingData="notBreaching", **both)
    assert why_not(a) is None
    async with w.engine(f, t, q, w.subscription(t, q, raw=True), a, handlers={"F": failing}) as e:
        (watched,) = Alarms(e).watched
        await e.invoke(f.arn, "{}")
        await e.hub.clock.advance(61)
        assert watched.state == "ALARM"
        await e.hub.clock.advance(60)
        assert watched.state == "OK"
        await e.hub.clock.advance(180)
        assert not watched._planned, "nothing is looked at where nothing happens"
        assert len(list(e.queue("Q"))) == 1


@pytest.mark.parametrize(
    ("expression", "values", "expected"),
    [
        ("MAX([FILL(a, 0) * 361, FILL(b, 0)])", {"a": None, "b": None}, 0),
        ("MAX([FILL(a, 0) * 361, FILL(b, 0)])", {"a": 1, "b": 12}, 361),
        ("MAX([a, b])", {"a": None, "b": 12}, 12),
        ("a + b", {"a": None, "b": 12}, None),
        ("a / b", {"a": 1, "b": 0}, None),
        ("IF(a > 1, b, -b)", {"a": 1, "b": 2}, -2),
        ("IF(a, b)", {"a": 0, "b": 2}, None),
        ("AVG([a, b]) - MIN([a, b]) >= 1", {"a": 1, "b": 3}, 1),
    ],
)
def test_expressions_are_read_as_cloudwatch_does(expression, values, expected):
    assert value_of(expression, values) == expected
    assert set(metrics_of(expression)) == {"a", "b"}


@pytest.mark.parametrize(
    "expression", ["METRICS()", "a if b else c", "__import__('os')", "a.b", "a[0]", "'a'", "SUM(a)", "1 +", "FILL(a)"]
)
def test_other_expressions_are_not_followed(expression):
    with pytest.raises(ValueError, match=r"\S"):
        metrics_of(expression)


@scenario
async def test_a_tenant_who_floods_a_fair_queue_waits_for_himself_and_fires_no_alarm_on_the_others():
    q = w.queue("Q")
    async with w.engine(q) as e:
        for number in range(60):
            w.send(e, q, str(number), group_id="loud")
        samples = Samples(e, lambda: iter(()))
        quiet, noisy = "ApproximateAgeOfOldestMessageInQuietGroups", "ApproximateNumberOfNoisyGroups"

        def now(metric):
            return [value for _, value in samples.of("AWS/SQS", metric, {"QueueName": "Q"})]

        assert now(noisy) == [0]
        e.queue("Q")._shelf.take(40)
        await e.hub.clock.advance(100)
        w.send(e, q, "one", group_id="other")
        await e.hub.clock.advance(7)
        assert (now(noisy), now(quiet), now("ApproximateAgeOfOldestMessage")) == ([1], [7.0], [107.0])
