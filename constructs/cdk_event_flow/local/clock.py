"""The one clock of a run. Everything that waits, waits here.

Real: `now()` is the time of day and timers fire when it comes. Fast: time stands still while anything is busy, and
jumps to the next timer when nothing is, as long as somebody asks for it (`settle`, `advance`, a long poll). Timers due
together fire in the order they were set, so a fast run is the same run every time.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from heapq import heappop, heappush
from typing import Any

from cdk_event_flow.errors import Problem, RunError


class Timer:
    """A callback to come at `at` (epoch seconds), unless cancelled."""

    __slots__ = ("at", "callback")

    def __init__(self, at: float, callback: Callable[[], None]) -> None:
        self.at = at
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        """The callback will not be called. Harmless when it already was."""
        self.callback = None


class Bell:
    """Wakes one coroutine that waits for it. The clock is held from the ringing on, so time cannot pass in between."""

    def __init__(self, clock: "Clock") -> None:
        self._clock = clock
        self.future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.rung = False

    def ring(self) -> None:
        """Wake the waiter; harmless when it is awake."""
        if not self.rung and not self.future.done():
            self.rung = True
            self._clock.hold()
            self.future.set_result(None)


class Clock:
    """Time for one run, on the asyncio loop that runs when the first timer is set.

    `start` (epoch seconds) is the time it begins at; default: the time of day.
    """

    def __init__(self, *, fast: bool = False, start: float | None = None) -> None:
        self.fast = fast
        self._shifted = fast or start is not None
        self._closed = False
        self._now = time.time() if start is None else start
        self._began = time.monotonic()
        self._timers: list[tuple[float, int, Timer]] = []
        self._count = 0
        self._soon: deque[Callable[[], None]] = deque()
        self._busy = 0
        self._wanted = 0
        self._step_planned = False
        self._wake: asyncio.TimerHandle | None = None
        self._waiters: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self.failure: BaseException | None = None  # what a callback raised while nobody waited to be told

    def now(self) -> float:
        """Epoch seconds on this clock."""
        return self._now if self.fast else self._now + time.monotonic() - self._began

    @property
    def offset(self) -> float:
        """Seconds by which this clock is ahead of the machine's: what a handler's own clock must be shifted by."""
        return self.now() - time.time() if self._shifted else 0.0

    def call_at(self, at: float, callback: Callable[[], None]) -> Timer:
        """Call back at `at` (epoch seconds); a time that has passed means as soon as possible."""
        timer = Timer(at, callback)
        self._count += 1
        heappush(self._timers, (at, self._count, timer))
        if not self._step_planned:
            self._plan()
        return timer

    def call_later(self, delay: float, callback: Callable[[], None]) -> Timer:
        """Call back `delay` seconds from now."""
        return self.call_at(self.now() + delay, callback)

    def call_soon(self, callback: Callable[[], None]) -> None:
        """Call back before time moves on, after what is already waiting to run."""
        self._soon.append(callback)
        self._plan()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine; the clock is busy until it ends. What it raises comes out of `until`."""
        if self._closed:
            work.close()
            return
        self._busy += 1
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._fail(error)
        self.release()

    def hold(self) -> None:
        """Somebody is at work: a fast clock stands still until as many `release` were called."""
        self._busy += 1

    def release(self) -> None:
        """The counterpart of `hold`."""
        self._busy -= 1
        self._plan()

    @contextmanager
    def work(self) -> Iterator[None]:
        """`hold`, and `release` at the end."""
        self.hold()
        try:
            yield
        finally:
            self.release()

    @contextmanager
    def wanted(self) -> Iterator[None]:
        """Somebody waits for time to pass: while this lasts, a fast clock jumps whenever nothing is busy."""
        self._wanted += 1
        self._plan()
        try:
            yield
        finally:
            self._wanted -= 1

    async def sleep(self, delay: float) -> None:
        """Wait `delay` seconds of this clock. Only for code that holds the clock (`spawn`, `work`): it lets go."""
        await self.wait(Bell(self), delay)

    async def wait(self, bell: "Bell", delay: float) -> None:
        """Wait until `bell` rings, at most `delay` seconds. The caller holds the clock; it lets go meanwhile."""
        timer = self.call_later(delay, bell.ring)
        self.release()
        try:
            await bell.future
        except asyncio.CancelledError:
            if not bell.rung:
                self.hold()
            raise
        finally:
            timer.cancel()

    async def advance(self, seconds: float) -> None:
        """Let `seconds` pass with everything that is due in them; at once on a fast clock."""
        arrived = False

        def arrive() -> None:
            nonlocal arrived
            arrived = True

        self.call_later(seconds, arrive)
        await self.until(lambda: arrived)

    async def until(self, reached: Callable[[], bool]) -> None:
        """Wait until nothing runs and `reached()` holds; a fast clock jumps meanwhile.

        Raises what a callback or a spawned coroutine raised, and RunError (EF-RUN-STUCK) when it can never hold.
        """
        with self.wanted():
            await self._reach(reached)

    async def quiet(self) -> None:
        """Wait until nothing runs; a fast clock does not jump for it. Raises what `until` raises."""
        await self._reach(lambda: True)

    async def _reach(self, reached: Callable[[], bool]) -> None:
        if self.failure:
            failure, self.failure = self.failure, None
            raise failure
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiter = (reached, future)
        self._waiters.append(waiter)
        self._plan()
        try:
            await future
        finally:
            self._waiters.remove(waiter)
            if future.done() and not future.cancelled():
                self.release()

    async def close(self) -> None:
        """Stop for good: nothing is called back any more, spawned coroutines are cancelled and awaited."""
        self._closed = True
        if self._wake:
            self._wake.cancel()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _plan(self) -> None:
        if not self._step_planned:
            self._step_planned = True
            asyncio.get_running_loop().call_soon(self._step)

    def _step(self) -> None:
        self._step_planned = False
        if self._closed:
            return
        try:
            self._run_due()
        except Exception as error:
            self._fail(error)
        if self._busy == 0 and not self._soon:
            self._tell_waiters()
        if self._soon:
            self._plan()
        elif not self.fast:
            self._sleep_until_next()
        elif self._busy == 0 and self._wanted:
            self._jump()

    def _run_due(self) -> None:
        soon, timers = self._soon, self._timers
        for _ in range(len(soon)):
            soon.popleft()()
        now = self.now()
        while timers and (timers[0][0] <= now or timers[0][2].callback is None):
            callback = heappop(timers)[2].callback
            if callback is not None:
                callback()

    def _jump(self) -> None:
        if self._timers:
            self._now = max(self._now, self._timers[0][0])
            self._plan()
            return
        stuck = Problem(
            code="EF-RUN-STUCK",
            given="something is still pending but nothing is running and no timer is set",
            allowed="every accepted event ends somewhere",
            fix="report this with the trace: it is a defect of the local run",
        )
        self._fail(RunError("clock", stuck))

    def _sleep_until_next(self) -> None:
        if self._wake:
            self._wake.cancel()
            self._wake = None
        if self._timers:
            delay = max(0.0, self._timers[0][0] - self.now())
            self._wake = asyncio.get_running_loop().call_later(delay, self._step)

    def _tell_waiters(self) -> None:
        for reached, future in self._waiters:
            if not future.done() and reached():
                # Held until the waiter runs again: time must not pass in between.
                self.hold()
                future.set_result(None)

    def _fail(self, error: BaseException) -> None:
        """Tell every waiter; without one, the next waiter."""
        told = False
        for _, future in self._waiters:
            if not future.done():
                told = True
                self.hold()
                future.set_exception(error)
        if not told:
            self.failure = self.failure or error
