"""Alarms say what to do; what calls for the same look is one alarm, unless single ones are asked for."""

import re
from pathlib import Path

import aws_cdk as cdk
import jsii
import pytest

from cdk_event_flow import Function, ManagedKafka, Queue, Topic
from cdk_event_flow.compose.observe.alarms import SINGLE_ALARMS
from cdk_event_flow.errors import ConstructError
from tests.compose.functions.made import made
from tests.compose.synthesis import flow_of, new_stack, template_of


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setenv("CDK_VALIDATION", "false")


def consumer(stack):
    function = Function(stack, "Billing", code=cdk.aws_lambda.Code.from_inline("x"), handler="i.h", runtime="nodejs24.x")
    Topic(stack, "Orders").fan_out("Billing", to=function)
    return function


def alarms(stack, of):
    """The alarms whose descriptions begin so, by the id of their construct."""
    found = {}
    for each in made(template_of(stack), "CloudWatch::Alarm").values():
        path, _, what = each["Properties"]["AlarmDescription"].partition(": ")
        if path.startswith(of):
            assert what.endswith("."), "a sentence says what to do"
            found[path] = each["Properties"]
    return found


def fires(alarm, **values):
    """Whether the alarm's expression, read as arithmetic, is over its threshold; metrics that are not given are missing."""
    (expression,) = [each["Expression"] for each in alarm["Metrics"] if "Expression" in each]
    given = {each["Id"]: values.get(each["Id"]) for each in alarm["Metrics"] if "MetricStat" in each}
    names = {"FILL": lambda value, instead: instead if value is None else value, "MAX": max, "SUM": sum, **given}
    assert set(re.findall(r"[A-Za-z]\w*", expression)) <= names.keys()
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
    return eval(expression, {"__builtins__": {}}, names) > alarm["Threshold"]


def test_a_consumer_has_two_alarms_and_each_metric_makes_one_fire():
    stack = new_stack()
    consumer(stack)
    found = alarms(stack, "Shop/")
    assert found.keys() == {
        "Shop/UndeliveredAlarm",
        "Shop/Billing/Errors",
        "Shop/Orders/Billing/DeadLettersAlarm",
        "Shop/Orders",
    }
    queue, function = found["Shop/Orders/Billing/DeadLettersAlarm"], found["Shop/Billing/Errors"]
    promise = 2 * 6 * 30
    assert not fires(queue)
    assert not fires(queue, letters=0, age=promise)
    assert fires(queue, letters=1)
    assert fires(queue, age=promise + 1)
    assert not fires(function)
    assert not fires(function, errors=0, throttles=0)
    assert fires(function, throttles=1)
    assert fires(function, errors=1)


def test_flow_sees_that_the_dead_letters_are_watched():
    stack = new_stack()
    consumer(stack)
    assert flow_of(stack).check() == []


def test_single_alarms_are_one_for_each_metric():
    stack = new_stack()
    stack.node.set_context(SINGLE_ALARMS, True)
    function = consumer(stack)
    assert function.errors_alarm is not function.throttles_alarm
    found = {path: each.get("MetricName") for path, each in alarms(stack, "Shop/").items()}
    assert found == {
        "Shop/UndeliveredAlarm": "ApproximateNumberOfMessagesVisible",
        "Shop/Orders": None,
        "Shop/Billing/Errors": "Errors",
        "Shop/Billing/Throttles": "Throttles",
        "Shop/Orders/Billing/DeadLettersAlarm": "ApproximateNumberOfMessagesVisible",
        "Shop/Orders/Billing/Mapping/OldestAlarm": "ApproximateAgeOfOldestMessage",
    }


@jsii.implements(cdk.IAspect)
class TellOps:
    """As teams write it: every alarm tells a topic."""

    def visit(self, node):
        if isinstance(node, cdk.aws_cloudwatch.CfnAlarm):
            node.alarm_actions = ["arn:aws:sns:eu-west-1:111122223333:ops"]


def test_an_aspect_over_the_alarms_of_the_cdk_finds_every_one_and_constructs_have_theirs():
    stack = new_stack()
    function = consumer(stack)
    queue = stack.node.find_child("Orders").node.find_child("Billing")
    queue.alarm.ok_actions = function.errors_alarm.ok_actions = ["arn:aws:sns:eu-west-1:111122223333:calm"]
    cdk.Aspects.of(stack).add(TellOps())
    found = alarms(stack, "Shop/")
    assert {tuple(each["AlarmActions"]) for each in found.values()} == {("arn:aws:sns:eu-west-1:111122223333:ops",)}
    assert {path for path, each in found.items() if "OKActions" not in each} == {"Shop/UndeliveredAlarm", "Shop/Orders"}


def test_a_function_that_reads_kafka_is_watched_by_its_lag_for_it_has_no_iterator_age():
    stack = new_stack()
    function = Function(stack, "Billing", code=cdk.aws_lambda.Code.from_inline("x"), handler="i.h", runtime="nodejs24.x")
    function.consume(ManagedKafka(cluster="arn:aws:kafka:eu-west-1:123456789012:cluster/Shop/1", topic="orders"))
    (found,) = alarms(stack, "Shop/Billing/OffsetLag").values()
    assert [each.get("Expression") or each["MetricStat"]["Metric"]["MetricName"] for each in found["Metrics"]] == [
        "DIFF(lag)",
        "OffsetLag",
    ]
    assert (found["EvaluationPeriods"], found["Threshold"]) == (15, 0)
    assert "IteratorAge" not in str(template_of(stack))


def test_a_consumer_costs_two_alarms_and_four_metrics_as_the_page_says():
    """Documented in docs/how-to/know-when-something-is-wrong.md."""
    found = []
    for consumers in (1, 2):
        stack = new_stack()
        topic = Topic(stack, "Orders")
        for number in range(consumers):
            code = cdk.aws_lambda.Code.from_inline("x")
            topic.fan_out(f"Q{number}", to=Function(stack, f"F{number}", code=code, handler="i.h", runtime="nodejs24.x"))
        found.append([each["Properties"] for each in made(template_of(stack), "CloudWatch::Alarm").values()])
    one, two = (
        [sum("MetricStat" in metric for metric in each.get("Metrics", [{"MetricStat": 1}])) for each in some] for some in found
    )
    assert len(two) - len(one) == 2
    assert sum(two) - sum(one) == 4
    page = (Path(__file__).parents[3] / "docs" / "how-to" / "know-when-something-is-wrong.md").read_text("utf-8")
    assert "A consumer behind a topic has two alarms, on four metrics" in page


def test_of_a_fair_queue_the_quiet_groups_waiting_is_watched_and_the_noisy_are_shown():
    stack = new_stack()
    function = Function(stack, "Billing", code=cdk.aws_lambda.Code.from_inline("x"), handler="i.h", runtime="nodejs24.x")
    Topic(stack, "Orders").fan_out("Billing", to=function, fair=True)
    (found,) = alarms(stack, "Shop/Orders/Billing/DeadLettersAlarm").values()
    assert [each["MetricStat"]["Metric"]["MetricName"] for each in found["Metrics"][1:]] == [
        "ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessageInQuietGroups",
    ]  # fmt: skip
    assert "oldest message of a quiet group" in found["AlarmDescription"]
    assert "ApproximateNumberOfNoisyGroups" in str(template_of(stack)["Resources"]["EventFlowDashboard"])
    with pytest.raises(ConstructError, match="EF-QUEUE-FAIR at Shop/Both: fair and fifo together"):
        Queue(stack, "Both", fifo=True, fair=True)
