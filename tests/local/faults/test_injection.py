"""What each fault does to an event on its way, on the fast clock."""

import json
from collections import Counter

import pytest

from cdk_event_flow.local.faults import read_faults
from cdk_event_flow.local.invocation import Fault
from cdk_event_flow.local.report import Report
from cdk_event_flow.local.trace import State

from .. import world as w
from ..test_queues import scenario

DEAD = w.queue("Dead")
QUEUE = w.queue("Orders", max_receives=5, dead_letter_arn=DEAD.arn)
BILLING = w.function("Billing", timeout=30, dead_letter_arn=DEAD.arn)
NODES = (QUEUE, DEAD, BILLING, w.mapping(QUEUE, BILLING, batch_size=1))


def run_with(*faults, nodes=NODES, **more):
    return w.local_run(*nodes, faults=read_faults(faults), **more)


def attempts_of(run):
    return [attempt for root in run.trace.roots for attempt in root.attempts]


async def sent(run, count=1, to="Orders"):
    for n in range(count):
        await run.send(to, json.dumps({"order": n}))
    await run.settle()


@scenario
async def test_an_injected_error_is_met_before_the_handler_or_after_its_work_and_the_message_comes_again():
    async with run_with("errors=50%") as run:
        await sent(run, 40)
        failed = [attempt for attempt in attempts_of(run) if attempt.fault]
        assert {attempt.error for attempt in failed} == {
            "InjectedError: an error before the handler was called",
            "InjectedError: an error after the handler had done its work",
        }
        assert all(attempt.injected == ("error",) and attempt.fault is Fault.ERROR for attempt in failed)
        called = len(run.made[0].calls)
        before = sum("before" in attempt.error for attempt in failed)
        assert called == len(attempts_of(run)) - before
        assert run.faults.injected == {"error": len(failed)}
        assert Report(run.trace, run.engine.hub.post).balanced


@scenario
async def test_an_injected_timeout_takes_the_functions_timeout_of_the_runs_time():
    async with run_with("timeouts=100%") as run:
        began = run.clock.now()
        await sent(run)
        assert [a.error for a in attempts_of(run)] == ["Sandbox.Timedout: " + a.error_message for a in attempts_of(run)]
        assert "Task timed out after 30.00 seconds" in attempts_of(run)[0].error_message
        assert {attempt.duration_ms for attempt in attempts_of(run)} == {30_000}
        assert run.clock.now() - began == pytest.approx(5 * 30, abs=1)
        assert run.trace.roots[0].state is State.DEAD_LETTERED


@scenario
async def test_an_injected_kill_is_a_crash_in_the_middle_of_the_work():
    async with run_with("kills=100%") as run:
        await sent(run)
        assert {(a.fault, a.injected) for a in attempts_of(run)} == {(Fault.CRASH, ("kill",))}


@scenario
async def test_an_injected_throttle_does_not_reach_the_handler_and_does_not_count_as_an_error():
    async with run_with("throttles=50%") as run:
        await sent(run, 20, to="Billing")
        throttled = [a for a in attempts_of(run) if a.fault is Fault.THROTTLED]
        assert throttled
        assert {a.injected for a in throttled} == {("throttle",)}
        assert len(run.made[0].calls) == 20
        assert {root.state for root in run.trace.roots} == {State.PROCESSED}


@scenario
async def test_a_slow_function_takes_longer_by_that_on_the_runs_clock():
    async with run_with("slow=1.5s") as run:
        began = run.clock.now()
        await sent(run)
        assert run.clock.now() - began == pytest.approx(1.5)
        (attempt,) = attempts_of(run)
        assert attempt.injected == ("slow",)
        assert attempt.duration_ms == pytest.approx(1_501)


@scenario
async def test_a_duplicate_of_a_message_is_delivered_once_more_after_it_was_processed():
    async with run_with("duplicates=100%") as run:
        await sent(run, 3)
        orders = Counter(body for (body,) in run.made[0].batches("Billing"))
        assert set(orders.values()) == {2}
        assert [[a.injected for a in root.attempts] for root in run.trace.roots] == [[("duplicate",), ()]] * 3
        assert {root.state for root in run.trace.roots} == {State.PROCESSED}
        assert run.faults.injected == {"duplicate": 3}


@scenario
async def test_a_duplicate_of_an_asynchronous_invoke_is_delivered_once_more():
    async with run_with("duplicates=100%") as run:
        await sent(run, to="Billing")
        assert len(run.made[0].calls) == 2
        assert run.trace.roots[0].state is State.PROCESSED


@scenario
async def test_a_fifo_queue_delivers_nothing_twice_and_a_call_is_made_once():
    fifo = w.queue("Ordered.fifo", fifo=True, content_deduplication=True)
    nodes = (fifo, BILLING, DEAD, w.mapping(fifo, BILLING))
    async with run_with("duplicates=100%", nodes=nodes) as run:
        w.send(run.engine, fifo, "{}", group_id="g")
        await run.settle()
        with run.clock.work():
            await run.engine.invoke(BILLING.arn, "{}")
        assert len(run.made[0].calls) == 2
        assert run.faults.injected == {}


async def drawn(seed, *faults, folder=None):
    async with run_with(*faults, seed=seed, state=folder) as run:
        await sent(run, 60, to="Billing")
        return [attempt.injected for attempt in attempts_of(run)]


@scenario
async def test_the_same_seed_chooses_the_same_faults_and_another_seed_others():
    faults = ("errors=20%,timeouts=5%,kills=5%,throttles=10%,duplicates=5%",)
    first, again, other = [await drawn(seed, *faults) for seed in (1, 1, 2)]
    assert first == again
    assert first != other


@scenario
async def test_rates_are_kept():
    async with run_with("errors=10%,timeouts=2%,kills=1%,throttles=5%") as run:
        await sent(run, 3_000)
        total = len(attempts_of(run))
        found = {kind: count / total for kind, count in run.faults.injected.items()}
        assert found == pytest.approx({"error": 0.10, "timeout": 0.02, "kill": 0.01, "throttle": 0.05}, abs=0.015)


@scenario
async def test_the_report_marks_and_counts_what_was_injected():
    async with run_with("Billing:errors=100%") as run:
        await sent(run)
        report = Report(run.trace, run.engine.hub.post, injected=run.faults.injected)
        text = report.text()
        assert "injected: error\n" in text
        assert "\ninjected: 5 errors\n1 sent = 1 dead-lettered (1 delivery)\n" in text
        told = json.loads(report.as_json())
        assert told["injected"] == {"error": 5}
        assert [attempt["injected"] for attempt in told["events"][0]["attempts"]] == [["error"]] * 5


@scenario
async def test_a_run_without_faults_says_nothing_of_them():
    async with w.local_run(*NODES) as run:
        await sent(run)
        report = Report(run.trace, run.engine.hub.post)
        assert "inject" not in report.text()
        assert "injected" not in json.loads(report.as_json())
