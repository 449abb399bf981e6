"""Each kind of alarm of ours fires in a run here where what it watches breaks, and none fires where all is well.

What is broken is what breaks in an account: a handler fails, hangs or is throttled, a queue is gone, a body is no JSON.
"""

import asyncio
import itertools
import urllib.error
import urllib.request
from datetime import timedelta

import aws_cdk as cdk
import pytest

from cdk_event_flow import EventBus, FlowAlarm, HttpApi, ManagedKafka, Open, Pipe, Queue, Retry, Schedule, Stream, Topic, WorkerFleet
from cdk_event_flow.flow.model import Function
from cdk_event_flow.flow.model import Queue as QueueNode
from cdk_event_flow.flow.sources import Alarm
from cdk_event_flow.local.alarms import by_name, why_not
from cdk_event_flow.local.invocation import Fault
from cdk_event_flow.local.metric_math import value_of
from cdk_event_flow.local.post import RefusedError
from cdk_event_flow.local.recording import Recording, fired, metrics_of, states
from tests.compose.observe.test_dashboard import function
from tests.compose.synthesis import flow_of, new_stack
from tests.local import world as w

MINUTE = 60


def shop(stack):
    bus, direct, events = EventBus(stack, "Orders"), EventBus(stack, "Direct"), Topic(stack, "Events")
    bus.route("ToTopic", {"source": ["shop"]}, to=events)
    bus.route("ToQueue", {"source": ["shop"]}, to=Queue(stack, "Copies"))
    billing = function(stack, "Billing")
    FlowAlarm(stack, "NotBilled", says="Orders are not billed.", of=[billing])
    events.fan_out("Billing", to=billing, where={"detail": {"total": [{"numeric": [">", 0]}]}})
    direct.route("ToFunction", {"source": ["shop"]}, to=function(stack, "Direct2"))
    clicks = Stream(stack, "Clicks")
    function(stack, "Clicked").consume(clicks, retry=Retry(attempts=None))
    direct.route("ToStream", {"source": ["shop"]}, to=clicks)
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


async def traffic(run):
    """One of everything."""
    for bus in ("Orders", "Direct"):
        name = next(each.name for each in run.engine.buses if each.node.path == f"Shop/{bus}/Bus")
        await run.put_events([event()], bus=name)
    waiting = next(each for each in run.engine.queues if each.node.path == "Shop/In/Queue")
    w.send(run.engine, waiting.node, "{}")


def run(flow, *, gone=(), handlers=None, more=None, last=30 * MINUTE):
    """The alarms that fire, in the names of their paths without the stack's, in a run where some queues are `gone`."""
    names = {each.name: each.path.split("/")[1] for each in flow.of(Function)}

    async def work():
        by_name = {name: handlers[short] for name, short in names.items() if handlers and short in handlers}
        alarms = flow.of(Alarm)
        async with w.local_run(*flow.nodes.values(), handlers=by_name, account=flow.account, region=flow.region) as local:
            recording = Recording(local, [metric for alarm in alarms for metric in metrics_of(alarm)])
            for queue in flow.of(QueueNode):
                if queue.path in gone:
                    local.engine.hub.post.register(queue.arn, Gone())
            await traffic(local)
            if more:
                await more(local)
            await local.clock.advance(last)
            samples = recording.stop()
        return {alarm.path.partition("/")[2] for alarm in alarms if fired(alarm, samples)}

    return asyncio.run(work())


class Gone:
    """A queue that somebody deleted."""

    kind, name = "queue", "gone"

    def take(self, parcel, delivery):
        raise RefusedError("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.", retry=False)


def failing(_):
    raise ValueError("no")


def throttled(_):
    raise w.FailureError(Fault.THROTTLED)


def test_every_alarm_of_ours_is_looked_at_here(flow):
    known = by_name(flow.of(Alarm))
    assert {each.path: said for each in flow.of(Alarm) if (said := why_not(each, known))} == {}


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


@pytest.mark.parametrize(
    ("gone", "handlers", "expected"),
    [
        # EventBridge cannot deliver to a queue that is gone, and keeps the event as a dead letter …
        (["Copies/Queue"], {}, {"Orders/Failing", "UndeliveredAlarm"}),
        # … or loses it, where that queue is gone too.
        (["Copies/Queue", "Undelivered"], {}, {"Orders/Failing"}),
        # SNS likewise, to a consumer's queue and its dead letters.
        (["Events/Billing/Queue", "Events/Billing/DeadLetters"], {}, {"TopicsLosing"}),
        # Lambda gives up an asynchronous invocation, and has nowhere to keep it.
        (["Undelivered"], {"Direct2": failing}, {"Direct2/Errors", "Direct2/Untold"}),
        (["Undelivered"], {"Reconcile": failing}, {"Reconcile/Errors", "Reconcile/Untold"}),
    ],
)
def test_what_is_lost_because_something_is_gone(flow, gone, handlers, expected):
    assert run(flow, gone={f"Shop/{each}" for each in gone}, handlers=handlers, last=25 * 60 * MINUTE) == expected


def test_a_message_whose_body_is_no_json_for_the_filter(flow):
    async def publish(local):
        topic = next(each for each in local.engine.topics if each.node.path == "Shop/Events/Topic")
        w.send(local.engine, topic.node, "no JSON")

    assert run(flow, more=publish) == {"TopicsLosing"}


def test_a_function_that_falls_behind_its_stream(flow):
    assert run(flow, handlers={"Clicked": failing}, last=20 * MINUTE) == {"Clicked/Errors", "Clicked/IteratorAge"}


def test_an_api_that_answers_with_an_error_of_the_server(flow):
    async def ask(local):
        url = local.doors[0].url

        def get():
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(url, timeout=10)
            with refused.value as answer:
                return answer.code

        assert await asyncio.to_thread(get) == 500

    assert run(flow, handlers={"Answering": failing}, more=ask) == {"Answering/Errors", "Api/Failing"}


@pytest.mark.parametrize(
    ("visible", "running", "expected"), [(7, None, True), (7, 0, True), (7, 2, False), (0, None, False), (None, None, False)]
)
def test_workers_that_do_not_start_by_metric_math(monkeypatch, tmp_path, visible, running, expected):
    monkeypatch.setenv("CDK_VALIDATION", "false")
    (tmp_path / "handler.py").write_text("def handler(event, context):\n    pass\n")
    stack = new_stack()
    vpc = cdk.aws_ec2.Vpc(stack, "Vpc", nat_gateways=0)
    WorkerFleet(stack, "Render", code=tmp_path, vpc=vpc, queue=Queue(stack, "Uploads"))
    (alarm,) = [each for each in flow_of(stack).of(Alarm) if each.path == "Shop/Render/NoWorkers"]
    (expression,) = [each["Expression"] for each in alarm.properties["Metrics"] if "Expression" in each]
    value = value_of(expression, {"visible": visible, "running": running})
    assert (value is not None and value > alarm.properties["Threshold"]) is expected


def test_an_alarm_of_alarms_fires_with_them(flow):
    found = {alarm.path.partition("/")[2]: alarm for alarm in flow.of(Alarm)}
    letters = next(iter(metrics_of(found["Events/Billing/DeadLettersAlarm"])))
    quiet = states(flow.of(Alarm), {letters: [(0.0, 0.0)]})
    broken = states(flow.of(Alarm), {letters: [(0.0, 1.0)]})
    of_flow = next(alarm.arn for alarm in flow.of(Alarm) if alarm.path == "Shop/NotBilled")
    assert (quiet[of_flow], broken[of_flow]) == ("OK", "ALARM")


@pytest.mark.parametrize(("oldest", "expected"), [(3_601.0, True), (3_600.0, False), (0.0, False)])
def test_uploads_that_wait_longer_than_a_fleet_promises_on_recorded_data(monkeypatch, tmp_path, oldest, expected):
    monkeypatch.setenv("CDK_VALIDATION", "false")
    (tmp_path / "handler.py").write_text("def handler(event, context):\n    pass\n")
    stack = new_stack()
    vpc = cdk.aws_ec2.Vpc(stack, "Vpc", nat_gateways=0)
    WorkerFleet(stack, "Render", code=tmp_path, vpc=vpc, queue=Queue(stack, "Uploads"))
    (alarm,) = [each for each in flow_of(stack).of(Alarm) if each.path == "Shop/Render/Oldest"]
    (age,) = metrics_of(alarm)
    assert fired(alarm, {age: [(0.0, 0.0), (MINUTE, oldest)]}) is expected


@pytest.mark.parametrize(
    ("lags", "expected"),
    [
        ([10.0 * minute for minute in range(16)], True),
        ([10.0 * minute for minute in range(15)], False),  # one minute short
        ([500.0] * 16, False),  # behind, and not further
        ([10.0 * minute for minute in range(8)] + [10.0 * minute for minute in range(8)], False),  # it caught up between
    ],
)
def test_a_function_that_falls_ever_further_behind_kafka_by_metric_math(lags, expected):
    stack = new_stack()
    topic = ManagedKafka(cluster="arn:aws:kafka:eu-west-1:123456789012:cluster/Shop/1", topic="orders")
    function(stack, "Billing").consume(topic)
    (alarm,) = [each for each in flow_of(stack).of(Alarm) if each.path == "Shop/Billing/OffsetLag"]
    (expression,) = [each["Expression"] for each in alarm.properties["Metrics"] if "Expression" in each]
    assert expression == "DIFF(lag)"  # each minute's value less that of the minute before
    breaches = [value_of("lag - before", {"lag": now, "before": before}) for before, now in itertools.pairwise(lags)]
    periods, threshold = alarm.properties["EvaluationPeriods"], alarm.properties["Threshold"]
    last = breaches[-periods:]
    assert (len(last) == periods and all(value > threshold for value in last)) is expected
