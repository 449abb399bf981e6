"""What was accepted outlives a kill -9: here the folder is copied at the moment of the kill, and the copy goes on."""

import asyncio
import json

import pytest

from cdk_event_flow.errors import RunError
from cdk_event_flow.flow import model
from cdk_event_flow.flow.sources import Archive
from cdk_event_flow.local.messages import Place
from cdk_event_flow.local.moves import move_messages
from cdk_event_flow.local.post import RefusedError
from cdk_event_flow.local.report import Report
from cdk_event_flow.local.trace import State

from .. import world as w
from .world import accounting, as_killed_now, client, kept_run, run_async, until

DEAD = w.queue("Dead")
QUEUE = w.queue("Orders", max_receives=2, dead_letter_arn=DEAD.arn, visibility=180)
BILLING = w.function("Billing", dead_letter_arn=DEAD.arn)
TO_QUEUE = w.rule("ToQueue", {"source": ["shop.orders"]}, w.target(QUEUE, dead_letter_arn=DEAD.arn))
NODES = (w.bus(), QUEUE, DEAD, BILLING, TO_QUEUE, w.mapping(QUEUE, BILLING))


async def hang(_):
    await asyncio.Event().wait()


def refuse(_):
    raise ValueError("no")


def test_an_event_that_was_accepted_and_not_yet_delivered_is_delivered_after_the_kill(tmp_path):
    async def test(folder):
        async with kept_run(folder, *NODES) as run:
            await run.put_events([w.event(1), w.event(2)])
            assert run.made[0].calls == []
            left = as_killed_now(run, folder)
        async with kept_run(left, *NODES) as run:
            await run.settle()
            assert len(run.received("Billing")) == 2
            assert accounting(run) == "2 sent = 2 processed (2 deliveries)"

    run_async(test, tmp_path)


def test_what_a_function_had_in_hand_is_received_again_when_its_visibility_timeout_ends(tmp_path):
    async def test(folder):
        async with kept_run(folder, *NODES, handlers={"Billing": hang}) as run:
            (root,) = await run.put_events([w.event()])
            await until(lambda: run.made[0].calls)
            run.keep.flush()
            left = as_killed_now(run, folder)
        async with kept_run(left, *NODES) as run:
            assert run.made[0].calls == []
            began = run.clock.now()
            await run.settle()
            assert run.clock.now() - began == 180
            (again,) = run.trace.roots[0].children
            assert [attempt.error for attempt in again.attempts] == [
                "RunStopped: the run was stopped during this attempt",
                "",
            ]
            assert again.receives == 2
            assert (again.id, again.state) == (root.children[0].id, State.PROCESSED)

    run_async(test, tmp_path)


def test_receives_before_the_kill_count_against_the_redrive_policy(tmp_path):
    async def test(folder):
        async with kept_run(folder, *NODES, handlers={"Billing": refuse}) as run:
            await run.put_events([w.event()])
            await until(lambda: run.made[0].calls)
            await until(lambda: run.engine.queue("Orders").count(Place.IN_FLIGHT))
            run.keep.flush()
            left = as_killed_now(run, folder)
        async with kept_run(left, *NODES, handlers={"Billing": refuse}) as run:
            await run.settle()
            assert len(run.made[0].calls) == 1
            (letter,) = run.dead_letters("Dead")
            assert letter.origin.reason == "ValueError: no"
            assert len(letter.origin.attempts) == 2
            assert accounting(run) == "1 sent = 1 dead-lettered (1 delivery)"

    run_async(test, tmp_path)


def test_an_asynchronous_invoke_waits_for_its_retry_as_long_as_it_still_had_to(tmp_path):
    async def test(folder):
        async with kept_run(folder, *NODES, handlers={"Billing": refuse}) as run:
            await run.send("Billing", '{"order": 1}')
            await until(lambda: run.trace.roots[0].last_error)
            await run.advance(20)
        async with kept_run(folder, *NODES, handlers={"Billing": refuse}) as run:
            began = run.clock.now()
            await run.settle()
            assert run.clock.now() - began == 40 + 120
            (root,) = run.trace.roots
            assert [attempt.error for attempt in root.attempts] == ["ValueError: no"] * 3
            (letter,) = run.dead_letters("Dead")
            assert (root.state, letter.body) == (State.DEAD_LETTERED, '{"order": 1}')

    run_async(test, tmp_path)


def test_an_asynchronous_invoke_that_was_running_runs_again(tmp_path):
    async def test(folder):
        async with kept_run(folder, *NODES, handlers={"Billing": hang}) as run:
            await run.send("Billing", '{"order": 1}')
            await until(lambda: run.made[0].calls)
            left = as_killed_now(run, folder)
        async with kept_run(left, *NODES) as run:
            await run.settle()
            assert run.made[0].calls == [("Billing", {"order": 1})]
            assert accounting(run) == "1 sent = 1 processed (1 delivery)"

    run_async(test, tmp_path)


def test_a_rule_goes_on_retrying_and_its_dead_letter_counts_the_retries_of_both_runs(tmp_path):
    target = w.target(QUEUE, dead_letter_arn=DEAD.arn, max_attempts=6)
    nodes = (w.bus(), QUEUE, DEAD, BILLING, w.rule("ToQueue", {"source": ["shop.orders"]}, target))

    def away(arn):
        return RefusedError("THROTTLING", "later", retry=True) if arn == QUEUE.arn else None

    async def test(folder):
        async with kept_run(folder, *nodes) as run:
            run.engine.hub.post.before = away
            await run.put_events([w.event(7)])
            await run.advance(10)
            left = as_killed_now(run, folder)
        async with kept_run(left, *nodes) as run:
            run.engine.hub.post.before = away
            await run.settle()
            (letter,) = run.dead_letters("Dead")
            told = {name: a["StringValue"] for name, a in letter.attributes.items()}
            assert told == {
                "RULE_ARN": TO_QUEUE.arn,
                "TARGET_ARN": QUEUE.arn,
                "ERROR_CODE": "THROTTLING",
                "ERROR_MESSAGE": "later",
                "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
                "RETRY_ATTEMPTS": "6",
            }
            assert json.loads(letter.body)["detail"] == {"total": 7}
            assert len(run.trace.roots[0].children[0].attempts) == 7
            assert run.clock.now() == w.START + 1 + 2 + 4 + 8 + 16 + 32

    run_async(test, tmp_path)


def test_a_dead_letter_keeps_its_reason_and_can_be_redriven_by_a_later_run(tmp_path):
    async def test(folder):
        async with kept_run(folder, *NODES, handlers={"Billing": refuse}) as run:
            await run.put_events([w.event()])
            await run.settle()
        async with kept_run(folder, *NODES) as run:
            (letter,) = run.dead_letters("Dead")
            assert letter.origin.reason == "ValueError: no"
            assert accounting(run) == "1 sent = 1 dead-lettered (1 delivery)"
            move_messages(run.engine.queue("Dead"), None, post=run.engine.hub.post, trace=run.trace)
            await run.settle()
        async with kept_run(folder, *NODES) as run:
            assert run.dead_letters("Dead") == []
            assert accounting(run) == "1 sent = 1 processed (2 deliveries); 1 of the events were over before this run"

    run_async(test, tmp_path)


def test_a_fifo_queue_keeps_its_order_and_its_deduplication(tmp_path):
    fifo = w.queue("Ordered.fifo", fifo=True, content_deduplication=True)

    async def test(folder):
        async with kept_run(folder, fifo, DEAD) as run:
            for n in range(3):
                w.send(run.engine, fifo, str(n), group_id="g")
            before = run.engine.queue("Ordered.fifo").receive(1)
            run.keep.flush()
            left = as_killed_now(run, folder)
        async with kept_run(left, fifo, DEAD) as run:
            queue = run.engine.queue("Ordered.fifo")
            assert queue.receive(3) == []
            again = w.send(run.engine, fifo, "1", group_id="g")
            assert (again.state, again.reason[:21]) == (State.DROPPED, "duplicate of message ")
            w.send(run.engine, fifo, "3", group_id="g")
            await run.advance(31)
            received = queue.receive(10)
            assert [message.body for message in received] == ["0", "1", "2", "3"]
            assert received[0].receives == 2
            numbers = [message.sequence_number for message in received]
            assert numbers == sorted(numbers)
            assert queue.find(before[0].receipt) is None

    run_async(test, tmp_path)


def test_a_fifo_topic_keeps_its_deduplication(tmp_path):
    topic, fifo = w.topic("News.fifo", fifo=True, content_deduplication=True), w.queue("Ordered.fifo", fifo=True)
    nodes = (topic, fifo, w.subscription(topic, fifo, raw=True))

    async def test(folder):
        async with kept_run(folder, *nodes) as run:
            w.send(run.engine, topic, "once", group_id="g")
        async with kept_run(folder, *nodes) as run:
            assert w.send(run.engine, topic, "once", group_id="g").state is State.DROPPED
            await run.advance(301)
            assert w.send(run.engine, topic, "once", group_id="g").state is not State.DROPPED

    run_async(test, tmp_path)


def test_a_client_outside_keeps_its_message_in_flight_and_may_delete_it_after_the_restart(tmp_path):
    async def test(folder):
        async with kept_run(folder, QUEUE, DEAD) as run:
            await run.send("Orders", "mine")
            (message,) = run.engine.queue("Orders").receive()
            run.keep.flush()
            left = as_killed_now(run, folder)
        async with kept_run(left, QUEUE, DEAD) as run:
            queue = run.engine.queue("Orders")
            assert queue.count(Place.IN_FLIGHT) == 1
            queue.remove(queue.find(message.receipt), State.PROCESSED, "deleted by a client")
            assert accounting(run) == "1 sent = 1 processed (1 delivery)"

    run_async(test, tmp_path)


def test_a_call_that_was_cut_short_is_dropped_and_says_so(tmp_path):
    async def test(folder):
        async with kept_run(folder, *NODES, handlers={"Billing": hang}) as run:
            with run.clock.work():
                call = asyncio.ensure_future(run.engine.invoke(BILLING.arn, "{}"))
                await until(lambda: run.made[0].calls)
                run.keep.flush()
                left = as_killed_now(run, folder)
                call.cancel()
                await asyncio.gather(call, return_exceptions=True)
        async with kept_run(left, *NODES) as run:
            (root,) = run.trace.roots
            assert (root.state, root.reason) == (State.DROPPED, "the run was stopped during the call; the caller got no answer")
            assert Report(run.trace, run.engine.hub.post).balanced

    run_async(test, tmp_path)


def test_an_unmatched_event_is_counted_and_its_tree_forgotten(tmp_path):
    async def test(folder):
        async with kept_run(folder, *NODES) as run:
            await run.put_events([{**w.event(), "source": "shop.other"}, w.event()])
            await run.settle()
        for _ in range(2):
            async with kept_run(folder, *NODES) as run:
                assert run.trace.roots == []
                assert accounting(run) == (
                    "2 sent = 1 processed + 1 unmatched (2 deliveries); 2 of the events were over before this run"
                )

    run_async(test, tmp_path)


def test_what_was_kept_for_a_queue_that_the_template_lost_is_dropped_with_that_reason(tmp_path):
    other = w.queue("Other")

    async def test(folder):
        async with kept_run(folder, QUEUE, DEAD, other) as run:
            await run.send("Orders", "kept")
            await run.send("Other", "lost")
        async with kept_run(folder, QUEUE, DEAD) as run:
            assert accounting(run) == "2 sent = 1 dropped + 1 pending (2 deliveries)"
            assert [m.body for m in run.dead_letters("Orders")] == ["kept"]
            assert "Other is not in this template: 1 kept for it dropped" in run.notes

    run_async(test, tmp_path)


def test_the_state_of_another_app_is_refused_and_left_as_it_is(tmp_path):
    other = w.queue("Other")

    async def test(folder):
        async with kept_run(folder, other) as run:
            await run.send("Other", "mine")
        with pytest.raises(RunError, match="EF-RUN-STATE.*what it holds was sent to Other, and this template has none of these"):
            async with kept_run(folder, QUEUE, DEAD):
                pass
        async with kept_run(folder, other) as run:
            assert [m.body for m in run.dead_letters("Other")] == ["mine"]

    run_async(test, tmp_path)


def test_identifiers_and_the_fast_clock_go_on_where_the_earlier_run_stopped(tmp_path):
    async def test(folder):
        async with kept_run(folder, QUEUE, DEAD) as run:
            await run.send("Orders", "first")
            await run.advance(3_600)
            (first,) = run.dead_letters("Orders")
            await run.send("Orders", "second")
        async with kept_run(folder, QUEUE, DEAD) as run:
            assert run.clock.now() == w.START + 3_600
            await run.send("Orders", "third")
            ids = {message.id for message in run.dead_letters("Orders")}
            assert len(ids) == 3
            assert [root.id for root in run.trace.roots] == [1, 2, 3]
            assert first.id in ids

    run_async(test, tmp_path)


def test_a_real_clock_goes_on_from_a_fast_one_that_had_jumped_ahead(tmp_path):
    async def test(folder):
        async with kept_run(folder, QUEUE, DEAD, start=None) as run:
            await run.advance(86_400)
            await run.send("Orders", "tomorrow")
            ahead = run.clock.now()
        async with kept_run(folder, QUEUE, DEAD, fast=False, start=None) as run:
            assert 0 <= run.clock.now() - ahead < 5
            assert 86_390 < run.clock.offset < 86_405

    run_async(test, tmp_path)


def test_a_schedule_that_a_client_made_fires_late_when_its_time_passed_while_no_run_was_there(tmp_path):
    schedule = {
        "Name": "Once",
        "ScheduleExpression": "at(2026-01-15T00:00:00)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": DEAD.arn, "RoleArn": "arn:aws:iam::111122223333:role/r", "Input": "now"},
    }

    async def test(folder):
        async with kept_run(folder, DEAD) as run:
            made = await asyncio.to_thread(client(run, "scheduler").create_schedule, **schedule)
            assert made["ScheduleArn"].endswith("schedule/default/Once")
        async with kept_run(folder, DEAD, start=w.START + 30 * 86_400) as run:
            await run.advance(1)
            assert [message.body for message in run.dead_letters("Dead")] == ["now"]
        async with kept_run(folder, DEAD) as run:
            await run.advance(86_400)
            assert len(run.dead_letters("Dead")) == 1

    run_async(test, tmp_path)


def test_a_schedule_of_the_template_that_a_client_deleted_stays_deleted(tmp_path):
    schedule = model.Schedule(
        logical_id="Hourly",
        arn=w.arn("scheduler", "schedule/default/Hourly"),
        name="Hourly",
        path="Shop/Hourly",
        expression="rate(1 hour)",
        timezone="UTC",
        enabled=True,
        target=w.target(DEAD),
    )

    async def test(folder):
        async with kept_run(folder, DEAD, schedule) as run:
            await asyncio.to_thread(client(run, "scheduler").delete_schedule, Name="Hourly")
        async with kept_run(folder, DEAD, schedule) as run:
            await run.advance(7_200)
            assert run.dead_letters("Dead") == []

    run_async(test, tmp_path)


def test_archives_and_log_lines_are_there_after_a_restart(tmp_path):
    archive = Archive(**w._node("events", "A", "archive/A"), type="AWS::Events::Archive", bus_arn=w.bus().arn)
    f = w.function("F", log_group="/aws/lambda/F")
    nodes = (w.bus(), archive, f, w.rule("R", {"source": ["shop.orders"]}, f))

    async def first():
        async with w.local_run(*nodes, state=tmp_path / "state") as run:
            run.made[0].log = lambda name, request_id: (f"{name} was called",)
            await run.put_events([w.event(7)])
            await run.settle()

    async def second():
        async with w.local_run(*nodes, state=tmp_path / "state") as run:
            (kept,) = run.engine.replays.archives
            assert [event["detail"] for _, event in kept.between(0, 1e12)] == [{"total": 7}]
            assert [line.text for line in run.engine.logbook.lines("/aws/lambda/F")] == ["F was called"]
            await run.put_events([w.event(8)])
            await run.settle()
            assert len(kept) == 2

    async def third():
        async with w.local_run(*nodes, state=tmp_path / "state") as run:
            assert len(run.engine.replays.archives[0]) == 2

    asyncio.run(first())
    asyncio.run(second())
    asyncio.run(third())
