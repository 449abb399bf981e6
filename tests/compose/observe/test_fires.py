"""Each kind of alarm of ours fires in a run here where what it watches breaks, and none fires where all is well.

What is broken is what breaks in an account: a handler fails, hangs or is throttled, a queue is gone, a body is no JSON.
"""

import asyncio
import base64
import json
import urllib.error
import urllib.request
from datetime import timedelta

import pytest

from cdk_event_flow import EventBus, HttpApi, Open, Pipe, Queue, Retry, Schedule, Stream, Topic
from cdk_event_flow.flow.sources import Alarm
from cdk_event_flow.local.alarms import why_not
from cdk_event_flow.local.invocation import Fault
from cdk_event_flow.local.metric_math import value_of
from cdk_event_flow.local.recording import Recording, fired, metrics_of
from cdk_event_flow.local.samples import MEASURED
from tests.compose.observe.test_dashboard import function
from tests.compose.synthesis import flow_of, new_stack
from tests.local import world as w

MINUTE = 60


def shop(stack):
    bus, direct, events = EventBus(stack, "Orders"), EventBus(stack, "Direct"), Topic(stack, "Events")
    bus.route("ToTopic", {"source": ["shop"]}, to=events)
    bus.route("ToQueue", {"source": ["shop"]}, to=Queue(stack, "Copies"))
    events.fan_out("Billing", to=function(stack, "Billing"), where={"detail": {"total": [{"numeric": [">", 0]}]}})
    direct.route("ToFunction", {"source": ["shop"]}, to=function(stack, "Direct2"))
    function(stack, "Clicked").consume(Stream(stack, "Clicks"), retry=Retry(most=100))
    Pipe(stack, "Copy", source=Queue(stack, "In"), to=function(stack, "Piped"))
    answering = function(stack, "Answering")
    HttpApi(stack, "Api", authorizer=Open("Anybody may ask whether the shop is open.")).route("GET /", to=answering)
    Schedule(stack, "Nightly", every=timedelta(days=1), to=function(stack, "Reconcile"))


@pytest.fixture(scope="module")
def flow():
    monkey = pytest.MonkeyPatch()
    monkey.setenv("CDK_VALIDATION", "false")
    stack = new_stack()
    shop(stack)
    found = flow_of(stack)
    monkey.undo()
    return found


def event(total=5, source="shop"):
    return {"source": source, "detail-type": "OrderSubmitted", "detail": {"total": total}}


async def traffic(run, flow):
    """One of everything."""
    for bus in ("Orders", "Direct"):
        await run.put_events([event()], bus=bus)
    engine = run.engine
    queue = next(each for each in engine.queues if each.node.path == "Shop/In/Queue")
    w.send(engine, queue.node, "{}")
    stream = next(each for each in engine.sources.streams)
    stream.put({"data": base64.b64encode(b"{}").decode(), "partitionKey": "a"}) if hasattr(stream, "put") else None


def run(flow, *, without=(), handlers=None, more=None, last=30 * MINUTE):
    """The alarms that fire, in the names of their paths without the stack's, in a run where some nodes are gone."""
    names = {each.name: each.path.split("/")[1] for each in flow.nodes.values()}

    async def work():
        nodes = [node for node in flow.nodes.values() if node.path not in without]
        by_name = {name: handlers[short] for name, short in names.items() if handlers and short in handlers}
        alarms = flow.of(Alarm)
        async with w.local_run(*nodes, handlers=by_name, account=flow.account, region=flow.region) as local:
            recording = Recording(local, [metric for alarm in alarms for metric in metrics_of(alarm)])
            await traffic(local, flow)
            if more:
                await more(local)
            await local.clock.advance(last)
            await local.settle()
            samples = recording.stop()
        return {alarm.path.partition("/")[2] for alarm in alarms if fired(alarm, samples)}

    return asyncio.run(work())


def failing(_):
    raise ValueError("no")


def throttled(_):
    raise w.FailureError(Fault.THROTTLED)


def test_every_alarm_of_ours_is_looked_at_here(flow):
    """But those that scale or watch workers: nothing here measures ECS."""
    assert {each.path: why_not(each) for each in flow.of(Alarm) if why_not(each)} == {}


def test_none_fires_where_all_is_well(flow):
    answers = {"Billing": lambda _: {"batchItemFailures": []}, "Clicked": lambda _: {"batchItemFailures": []}}
    assert run(flow, handlers=answers) == set()


@pytest.mark.parametrize(
    ("handlers", "expected"),
    [
        ({"Billing": failing}, {"Billing/Errors", "Events/Billing/DeadLettersAlarm"}),
        ({"Billing": throttled}, {"Billing/Errors", "Events/Billing/DeadLettersAlarm"}),
        ({"Direct2": failing}, {"Direct2/Errors", "UndeliveredAlarm"}),
        ({"Piped": failing}, {"Piped/Errors", "Copy/Failed", "In/DeadLettersAlarm"}),
    ],
)
def test_what_fails_or_is_throttled(flow, handlers, expected):
    assert run(flow, handlers=handlers, last=12 * 60 * MINUTE) == expected
