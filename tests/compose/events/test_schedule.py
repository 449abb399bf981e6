"""Schedules: every way to say when, every kind of target, what Scheduler would refuse."""

from datetime import UTC, datetime, timedelta

import pytest
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from cdk_event_flow import EventBus, Queue, Schedule, Topic
from cdk_event_flow.errors import ConstructError
from tests.compose.synthesis import flow_of, new_stack, resources, template_of


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setenv("CDK_VALIDATION", "false")


@pytest.fixture
def stack():
    return new_stack()


def inline(stack, id="Plain"):
    return lambda_.Function(stack, id, code=lambda_.Code.from_inline("x"), handler="i.h", runtime=lambda_.Runtime.NODEJS_24_X)


def schedule_in(stack):
    (schedule,) = resources(template_of(stack), "AWS::Scheduler::Schedule")
    return schedule


@pytest.mark.parametrize(
    ("when", "expression"),
    [
        ({"cron": "0 2 * * ? *"}, "cron(0 2 * * ? *)"),
        ({"every": timedelta(minutes=1)}, "rate(1 minute)"),
        ({"every": timedelta(minutes=90)}, "rate(90 minutes)"),
        ({"every": timedelta(days=2)}, "rate(2 days)"),
        ({"at": datetime(2030, 1, 31, 8, 30)}, "at(2030-01-31T08:30:00)"),
    ],
)
def test_a_schedule_says_when_as_aws_writes_it(stack, when, expression):
    Schedule(stack, "Nightly", to=inline(stack), timezone="Europe/Berlin", **when)
    schedule = schedule_in(stack)
    assert (schedule["ScheduleExpression"], schedule["ScheduleExpressionTimezone"]) == (expression, "Europe/Berlin")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ({}, "EF-SCHEDULE", "exactly one says when"),
        ({"cron": "0 2 * * ? *", "every": timedelta(days=1)}, "EF-SCHEDULE", "exactly one"),
        ({"cron": "0 2 * * *"}, "EF-SCHEDULE", "six fields"),
        ({"cron": "0 2 * * * *"}, "EF-SCHEDULE", "? in exactly one"),
        ({"cron": "0 2 31 2 ? *"}, "EF-SCHEDULE", "never"),
        ({"cron": "0 25 * * ? *"}, "EF-SCHEDULE", "0 to 23"),
        ({"every": timedelta(seconds=59)}, "EF-SCHEDULE-RATE", "59 seconds"),
        ({"every": timedelta(seconds=90)}, "EF-SCHEDULE-RATE", "whole minutes"),
        ({"every": timedelta(days=366)}, "EF-SCHEDULE-RATE", "366 days"),
        ({"at": datetime(2030, 1, 1, tzinfo=UTC)}, "EF-SCHEDULE", "zone of its own"),
        ({"cron": "0 2 * * ? *", "timezone": "Europe/Berlln"}, "EF-SCHEDULE", "Europe/Berlln"),
        ({"at": datetime(2030, 1, 1), "timezone": "Europe/Berlln"}, "EF-SCHEDULE", "Europe/Berlln"),
        ({"cron": "0 2 * * ? *", "window": timedelta(seconds=59)}, "EF-SCHEDULE-WINDOW", "59 seconds"),
        ({"cron": "0 2 * * ? *", "window": timedelta(seconds=86_401)}, "EF-SCHEDULE-WINDOW", "86401 seconds"),
        ({"cron": "0 2 * * ? *", "event": ("shop", "Night")}, "EF-SCHEDULE", "event without a bus"),
    ],
)
def test_a_schedule_that_cannot_work_is_refused_and_nothing_is_made(stack, arguments, code, said):
    function = inline(stack)
    with pytest.raises(ConstructError) as refused:
        Schedule(stack, "Nightly", to=function, **arguments)
    assert refused.value.code == code
    assert said in str(refused.value).replace("86,401", "86401")
    assert stack.node.try_find_child("Nightly") is None


def test_the_bounds_of_a_schedule_are_moments_of_its_time_zone_unless_they_have_one(stack):
    bounds = {"starting": datetime(2030, 7, 1, 8), "ending": datetime(2030, 12, 1, 8, tzinfo=UTC)}
    Schedule(stack, "Nightly", to=inline(stack), every=timedelta(days=1), timezone="Europe/Berlin", **bounds)
    schedule = schedule_in(stack)
    assert (schedule["StartDate"], schedule["EndDate"]) == ("2030-07-01T06:00:00Z", "2030-12-01T08:00:00Z")


@pytest.mark.parametrize("window", [timedelta(minutes=1), timedelta(days=1)])
def test_a_flexible_window_just_inside_the_limits_is_accepted(stack, window):
    Schedule(stack, "Nightly", to=inline(stack), cron="0 2 * * ? *", window=window)
    minutes = window.total_seconds() / 60
    assert schedule_in(stack)["FlexibleTimeWindow"] == {"MaximumWindowInMinutes": minutes, "Mode": "FLEXIBLE"}


KINDS = {
    "a function made elsewhere": inline,
    "our queue": lambda stack: Queue(stack, "Ours"),
    "a queue made elsewhere": lambda stack: sqs.Queue(stack, "Plain"),
    "our topic": lambda stack: Topic(stack, "Ours"),
    "a topic made elsewhere": lambda stack: sns.Topic(stack, "Plain"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_schedule_reaches_a_target_of_every_kind_with_its_input(stack, kind):
    Schedule(stack, "Nightly", to=KINDS[kind](stack), cron="0 2 * * ? *", input={"do": "count"})
    flow = flow_of(stack)
    (delivery,) = flow.send("Nightly", {}).deliveries
    assert "count" in str(delivery.payload)
    assert [finding for finding in flow.check() if finding.severity == "error"] == []


@pytest.mark.parametrize("bus", [lambda s: EventBus(s, "Orders"), lambda s: events.EventBus(s, "Orders")])
def test_a_schedule_puts_an_event_with_source_and_detail_type_on_a_bus(stack, bus):
    orders, function = bus(stack), inline(stack)
    EventBus(stack, "Routes", bus=getattr(orders, "bus", orders)).route("Night", {"source": ["clock"]}, to=function)
    Schedule(stack, "Nightly", to=orders, cron="0 2 * * ? *", event=("clock", "Night"), input={"n": 1})
    assert flow_of(stack).send("Nightly", {}).reaches("Plain")
    with pytest.raises(ConstructError, match="a bus without event"):
        Schedule(stack, "Daily", to=orders, cron="0 2 * * ? *")


@pytest.mark.parametrize("fifo", [lambda s: sqs.Queue(s, "Fifo", fifo=True), lambda s: sns.Topic(s, "Fifo", fifo=True)])
def test_fifo_targets_are_refused(stack, fifo):
    with pytest.raises(ConstructError, match="EF-SCHEDULE-FIFO"):
        Schedule(stack, "Nightly", to=fifo(stack), cron="0 2 * * ? *")
