import asyncio
import io
import json

import pytest
from rich.console import Console

from cdk_event_flow.errors import EventError, RunError, ScheduleError
from cdk_event_flow.flow import model
from cdk_event_flow.local.report import Report
from cdk_event_flow.local.trace import State, outcome

from . import world as w
from .test_queues import scenario

DEAD = w.queue("Dead")
BILLING_QUEUE = w.queue("BillingQueue", max_receives=5, dead_letter_arn=DEAD.arn)
PACKING_QUEUE = w.queue("PackingQueue")
TOPIC = w.topic("OrderEvents")
BILLING, PACKING = w.function("Billing"), w.function("Packing")
NODES = (
    w.bus(),
    w.bus("default"),
    TOPIC,
    DEAD,
    BILLING_QUEUE,
    PACKING_QUEUE,
    BILLING,
    PACKING,
    w.rule("ToTopic", {"source": ["shop.orders"]}, TOPIC),
    w.subscription(TOPIC, BILLING_QUEUE, raw=True, filter_policy={"detail-type": ["OrderSubmitted"]}, filter_scope="MessageBody"),
    w.subscription(TOPIC, PACKING_QUEUE, raw=True, filter_policy={"detail": {"region": ["eu"]}}, filter_scope="MessageBody"),
    w.mapping(BILLING_QUEUE, BILLING, partial_failures=True),
    w.mapping(PACKING_QUEUE, PACKING),
)


def billing(event):
    for record in event["Records"]:
        if json.loads(record["body"])["detail"]["total"] < 0:
            raise ValueError("total is negative")
    return {"batchItemFailures": []}


@scenario
async def test_a_run_accounts_for_every_event_it_was_sent():
    async with w.local_run(*NODES, handlers={"Billing": billing}) as run:
        await run.put_events([w.event(5)])
        await run.settle()
        await run.put_events([w.event(9, region="eu"), w.event(3, "PackingFailed", region="us")])
        await run.settle()
        roots = await run.put_events([w.event(-1), {**w.event(), "source": "shop.other"}])
        await run.settle()
        assert [outcome(root) for root in run.trace.roots] == [
            State.PROCESSED,
            State.PROCESSED,
            State.UNMATCHED,
            State.DEAD_LETTERED,
            State.UNMATCHED,
        ]
        (message,) = run.dead_letters("Dead")
        assert message.origin.reason == "ValueError: total is negative"
        assert message.origin.receives == 5
        report = Report(run.trace, run.engine.hub.post)
        assert str(report.accounting) == "5 sent = 2 processed + 1 dead-lettered + 2 unmatched (6 deliveries)"
        assert report.balanced
        text = report.text()
        assert "5 receives, then dead-lettered to Dead: ValueError: total is negative" in text
        assert 'source is "shop.other"' in text
        assert 'detail.region is "us"' in text
        assert roots[0].children[0].children[0].receives == 5


@scenario
async def test_the_report_is_plain_in_a_pipe_and_complete_as_json():
    async with w.local_run(*NODES) as run:
        await run.put_events([w.event(5, region="eu")])
        await run.settle()
        report = Report(run.trace, run.engine.hub.post)
        written = io.StringIO()
        report.print(Console(file=written, width=100))
        assert "\x1b" not in written.getvalue()
        assert "1 sent = 1 processed (2 deliveries)" in written.getvalue()
        parsed = json.loads(report.as_json())
        assert parsed["accounting"]["outcomes"] == {"processed": 1}
        (event,) = parsed["events"]
        assert event["outcome"] == "processed"
        ends = event["deliveries"][0]["deliveries"]
        assert {d["name"]: d["attempts"][0]["failed"] for d in ends} == {"BillingQueue": False, "PackingQueue": False}


@scenario
async def test_a_run_that_is_not_settled_is_not_balanced():
    async with w.local_run(*NODES) as run:
        await run.put_events([w.event(5)])
        assert not Report(run.trace, run.engine.hub.post).balanced
        await run.settle()
        assert Report(run.trace, run.engine.hub.post).balanced


@scenario
async def test_events_are_given_as_entries_or_as_rules_see_them():
    async with w.local_run(*NODES) as run:
        entry = {"Source": "shop.orders", "DetailType": "OrderSubmitted", "Detail": {"total": 1}}
        (first,) = await run.put_events([entry])
        (second,) = await run.put_events([w.event()], bus="default")
        (third,) = await run.put_events([{**w.event(), "source": "other"}], bus="Shop/Orders")
        assert (first.name, second.name, third.name) == ("Orders", "default", "Orders")
        await run.settle()
        assert len(run.received("Billing")) == 1
        assert len(run.received("OrderEvents")) == 1


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ({"detail": {}}, "EF-EVENT-FORM"),
        ({}, "EF-EVENT-FORM"),
        ({"source": "x", "detail-type": "y", "detail": [1]}, "EF-EVENT-REFUSED"),
        ({"source": "", "detail-type": "y", "detail": {}}, "EF-EVENT-REFUSED"),
        ({"Source": "x", "DetailType": "y", "Detail": "{"}, "EF-EVENT-REFUSED"),
        ({"Source": "x", "DetailType": "y", "Detail": "{}", "EventBusName": "Nope"}, "EF-EVENT-REFUSED"),
    ],
)
def test_an_event_that_eventbridge_refuses_is_refused(event, code):
    async def main():
        async with w.local_run(*NODES) as run:
            with pytest.raises(EventError) as caught:
                await run.put_events([event])
            assert caught.value.code == code
            assert run.trace.roots == []

    asyncio.run(main())


@scenario
async def test_an_unknown_name_is_refused_with_the_names_there_are():
    async with w.local_run(*NODES) as run:
        with pytest.raises(RunError, match="EF-RUN-NAME") as caught:
            run.dead_letters("Nope")
        assert "BillingQueue" in str(caught.value)
        with pytest.raises(RunError, match="EF-RUN-NAME"):
            await run.send("Nope", "x")


@scenario
async def test_what_is_not_run_is_noted_at_the_start():
    machine = model.Other(logical_id="P", arn="p", name="p", path="Shop/Machine", type="AWS::StepFunctions::StateMachine")
    alarm = model.Other(logical_id="A", arn="a", name="a", path="Shop/Alarm", type="AWS::CloudWatch::Alarm")
    stream = model.EventSourceMapping(
        logical_id="M",
        arn="m",
        name="m",
        path="Shop/M",
        source_arn="arn:aws:kinesis:eu-central-1:111122223333:stream/s",
        function_arn=BILLING.arn,
    )
    async with w.local_run(*NODES, machine, alarm, stream) as run:
        assert run.notes[0] == "Shop/Machine: AWS::StepFunctions::StateMachine is not run here"
        assert run.notes[1].startswith("Shop/M: the mapping of arn:aws:kinesis")
        assert len(run.notes) == 2


@scenario
async def test_a_bad_schedule_is_refused_at_the_start():
    bad = w.rule("Bad", None, BILLING, schedule="rate(1 minutes)")
    with pytest.raises(ScheduleError, match="EF-SCHEDULE"):
        async with w.local_run(*NODES, bad):
            pass


@scenario
async def test_the_trace_can_be_followed_while_it_grows():
    seen = []
    async with w.local_run(*NODES, on_event=lambda what, delivery: seen.append((what, delivery.name))) as run:
        await run.put_events([w.event()])
        await run.settle()
    assert seen[:2] == [("born", "Orders"), ("born", "OrderEvents")]
    assert seen[-1] == ("ended", "BillingQueue")


@scenario
async def test_in_real_time_a_run_settles_too():
    async with w.local_run(*NODES, fast=False, start=None) as run:
        await run.put_events([w.event()])
        await asyncio.wait_for(run.settle(), 5)
        assert [outcome(root) for root in run.trace.roots] == [State.PROCESSED]


@scenario
async def test_a_stage_at_a_version_of_an_earlier_template_runs_the_newest_code_and_that_is_said():
    base = {"logical_id": "x", "name": "x", "function_arn": BILLING.arn}
    newest = model.Version(arn=f"{BILLING.arn}:1", version="1", path="Shop/Billing/CurrentVersion", **base)
    dev = model.Alias(arn=f"{BILLING.arn}:DEV", version_arn=newest.arn, path="Shop/Billing/Live", **base)
    prod = model.Alias(arn=f"{BILLING.arn}:PROD", version_arn=f"{BILLING.arn}:5", path="Shop/Billing/PROD", **base)
    async with w.local_run(*NODES, newest, dev, prod) as run:
        assert [note for note in run.notes if "version" in note] == [
            "Shop/Billing/PROD: version 5 is not in this template, the newest code runs in its name"
        ]
