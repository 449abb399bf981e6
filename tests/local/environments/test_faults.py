"""Faults that are put into real execution environments."""

import asyncio
import time
from pathlib import Path

from cdk_event_flow.local.clock import Clock
from cdk_event_flow.local.environments import Environments
from cdk_event_flow.local.faults import Faults, read_faults
from cdk_event_flow.local.invocation import Fault

WORK = """
import pathlib, time
def handler(event, context):
    log = pathlib.Path(event)
    for n in range(40):
        log.open("a").write("x")
        time.sleep(0.02)
"""


def with_faults(bench, body, *spelt):
    clock = Clock(fast=True)

    async def main(environments: Environments) -> None:
        with clock.work(), clock.wanted():
            await body(environments, clock)

    bench.run(main, faults=Faults(read_faults(spelt), bench.functions, clock=clock, seed=0))


def test_a_kill_strikes_in_the_middle_of_the_work_and_the_next_invoke_is_cold(bench, tmp_path: Path):
    function = bench.function(WORK)
    log = tmp_path / "log"

    async def body(environments, clock):
        killed = []
        for _ in range(6):
            log.write_text("")
            invocation = await environments.invoke(function.arn, f'"{log}"'.encode())
            assert (invocation.fault, invocation.injected, invocation.cold) == (Fault.CRASH, ("kill",), True)
            assert invocation.error_message.endswith("Runtime exited with error: signal: killed")
            done = len(log.read_text())
            time.sleep(0.05)
            assert len(log.read_text()) == done
            killed.append(done)
        assert environments.live == []
        assert max(killed) < 40
        assert len(set(killed)) > 1

    with_faults(bench, body, "kills=100%")


def test_a_timeout_ends_the_work_and_does_not_wait_for_the_functions_timeout_on_a_fast_clock(bench, tmp_path: Path):
    function = bench.function(WORK, timeout=60)

    async def body(environments, clock):
        began, at = time.monotonic(), clock.now()
        invocation = await environments.invoke(function.arn, f'"{tmp_path / "log"}"'.encode())
        assert (invocation.fault, invocation.injected) == (Fault.TIMEOUT, ("timeout",))
        assert time.monotonic() - began < 10
        assert 59 < clock.now() - at <= 60
        assert environments.live == []

    with_faults(bench, body, "timeouts=100%")


def test_a_fault_of_the_function_itself_stays_its_own(bench):
    broken = bench.function("raise ImportError('no such module')")

    async def body(environments, clock):
        invocation = await environments.invoke(broken.arn, b"{}")
        assert (invocation.fault, invocation.injected) == (Fault.INIT, ())

    with_faults(bench, body, "kills=100%")


def test_a_slow_invoke_holds_its_reserved_concurrency(bench):
    function = bench.function("def handler(event, context):\n    return event\n", reserved_concurrency=1)

    async def body(environments, clock):
        first, second = await asyncio.gather(*(environments.invoke(function.arn, b"{}") for _ in range(2)))
        assert (first.fault, first.injected) == (None, ("slow",))
        assert first.duration_ms >= 500
        assert (second.fault, second.injected) == (Fault.THROTTLED, ())

    with_faults(bench, body, "slow=500ms")
