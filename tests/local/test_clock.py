import asyncio
import time

import pytest

from cdk_event_flow.errors import RunError
from cdk_event_flow.local.clock import Bell, Clock


def run(coroutine):
    return asyncio.run(coroutine)


def test_a_fast_clock_jumps_over_hours_at_once():
    async def main():
        clock = Clock(fast=True, start=1000.0)
        fired = []
        clock.call_later(7200, lambda: fired.append(clock.now()))
        await clock.until(lambda: bool(fired))
        assert fired == [8200.0]
        assert clock.offset == pytest.approx(8200.0 - time.time(), abs=5)

    began = time.monotonic()
    run(main())
    assert time.monotonic() - began < 2


def test_a_fast_clock_stands_still_while_nobody_waits():
    async def main():
        clock = Clock(fast=True, start=0.0)
        fired = []
        clock.call_later(1, lambda: fired.append(1))
        for _ in range(10):
            await asyncio.sleep(0)
        assert fired == []
        await clock.advance(2)
        assert (fired, clock.now()) == ([1], 2.0)

    run(main())


def test_timers_due_together_fire_in_the_order_they_were_set():
    async def main():
        clock = Clock(fast=True, start=0.0)
        fired = []
        for name in "abc":
            clock.call_at(5.0, lambda name=name: fired.append(name))
        clock.call_at(4.0, lambda: fired.append("first"))
        await clock.advance(5)
        assert fired == ["first", "a", "b", "c"]

    run(main())


def test_a_cancelled_timer_does_not_fire_and_time_does_not_jump_to_it():
    async def main():
        clock = Clock(fast=True, start=0.0)
        fired = []
        clock.call_at(5.0, lambda: fired.append("cancelled")).cancel()
        clock.call_at(9.0, lambda: fired.append(clock.now()))
        await clock.until(lambda: bool(fired))
        assert fired == [9.0]

    run(main())


def test_time_stands_still_while_work_is_in_flight_and_passes_while_it_sleeps():
    async def main():
        clock = Clock(fast=True, start=0.0)
        seen = []

        async def work():
            for _ in range(20):
                await asyncio.sleep(0)
            seen.append(("worked", clock.now()))
            await clock.sleep(10)
            seen.append(("slept", clock.now()))

        clock.call_later(3, lambda: seen.append(("timer", clock.now())))
        clock.spawn(work())
        await clock.until(lambda: len(seen) == 3)
        assert seen == [("worked", 0.0), ("timer", 3.0), ("slept", 10.0)]

    run(main())


def test_what_a_callback_raises_comes_out_of_until():
    async def main():
        clock = Clock(fast=True)
        clock.call_later(1, lambda: 1 / 0)
        await clock.until(lambda: False)

    with pytest.raises(ZeroDivisionError):
        run(main())


def test_waiting_for_what_can_never_come_says_so():
    async def main():
        await Clock(fast=True).until(lambda: False)

    with pytest.raises(RunError, match="EF-RUN-STUCK"):
        run(main())


def test_a_real_clock_takes_real_time():
    async def main():
        clock = Clock()
        fired = []
        clock.call_later(0.05, lambda: fired.append(clock.now()))
        began = time.time()
        await clock.until(lambda: bool(fired))
        assert 0.04 < fired[0] - began < 1
        assert clock.offset == 0.0
        await clock.close()

    run(main())


def test_a_waiter_is_woken_before_its_time():
    async def main():
        clock = Clock(fast=True, start=0.0)
        bell = Bell(clock)
        times = []

        async def wait():
            await clock.wait(bell, 60)
            times.append(clock.now())

        clock.spawn(wait())
        clock.call_later(5, bell.ring)
        await clock.until(lambda: bool(times))
        assert times == [5.0]

    run(main())
