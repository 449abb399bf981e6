"""Policies of hours and days end in milliseconds on the fast clock.

Counted in processor time, so that a busy machine does not matter.
"""

import time
from contextlib import contextmanager

from cdk_event_flow.flow import model
from cdk_event_flow.local.invocation import Fault
from cdk_event_flow.local.post import RefusedError
from cdk_event_flow.local.trace import State

from . import world as w
from .test_queues import scenario

HOUR, DAY = 3_600, 86_400
DEAD = w.queue("Dead", retention=14 * DAY)
QUEUE = w.queue("Orders", retention=4 * DAY)


@contextmanager
def within(seconds):
    began = time.process_time()
    yield
    assert time.process_time() - began < seconds


def away(arn):
    return RefusedError("THROTTLING", "away", retry=True) if arn == QUEUE.arn else None


@scenario
async def test_the_185_retries_of_a_rule_in_24_hours_end_in_milliseconds():
    rule = w.rule("ToQueue", {"source": ["shop.orders"]}, w.target(QUEUE, dead_letter_arn=DEAD.arn))
    async with w.engine(w.bus(), QUEUE, DEAD, rule) as e:
        e.hub.post.before = away
        with within(0.1):
            (root,) = w.put(e, w.event())
            await e.settle()
        assert len(root.children[0].attempts) == 1 + 185
        assert 23 * HOUR < e.hub.clock.now() - w.START < 24 * HOUR
        assert root.children[0].state is State.DEAD_LETTERED


@scenario
async def test_the_six_hours_of_a_throttled_asynchronous_invoke_end_in_milliseconds():
    def throttled(_):
        raise w.FailureError(Fault.THROTTLED)

    function = w.function("Billing", dead_letter_arn=DEAD.arn)
    async with w.engine(function, DEAD, handlers={"Billing": throttled}) as e:
        with within(0.1):
            root = w.send(e, function, "{}")
            await e.settle()
        assert root.state is State.DEAD_LETTERED
        assert 5.9 * HOUR < e.hub.clock.now() - w.START <= 6 * HOUR


@scenario
async def test_four_days_of_receives_until_the_retention_ends_take_a_moment():
    def refuse(_):
        raise ValueError("no")

    function = w.function("Billing")
    async with w.engine(QUEUE, function, w.mapping(QUEUE, function), handlers={"Billing": refuse}) as e:
        with within(5):
            root = w.send(e, QUEUE, "{}")
            await e.settle()
        assert root.state is State.DROPPED
        assert root.receives == 4 * DAY / 30
        assert e.hub.clock.now() - w.START == 4 * DAY


@scenario
async def test_a_year_of_a_nightly_schedule_takes_a_moment():
    schedule = model.Schedule(
        logical_id="Nightly",
        arn=w.arn("scheduler", "schedule/default/Nightly"),
        name="Nightly",
        path="Shop/Nightly",
        expression="cron(0 2 * * ? *)",
        timezone="Europe/Berlin",
        enabled=True,
        target=w.target(QUEUE),
    )
    async with w.engine(schedule, w.queue("Orders", retention=400 * DAY)) as e:
        with within(3):
            await e.hub.clock.advance(365 * DAY)
        assert len(e.hub.trace.roots) == 364  # in March there is a night without 02:00
