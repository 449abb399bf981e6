"""The local runs of a session of tests: one after the other, on a thread of their own, each with a state of its own.

What takes time is done once: the code of the functions, and execution environments, which are kept warm from test to test.
"""

import asyncio
import random
import tempfile
import threading
import time
from collections.abc import Coroutine, Iterable
from concurrent.futures import Future
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import Function
from cdk_event_flow.flow.workers import Workers
from cdk_event_flow.local.endpoint import bind
from cdk_event_flow.local.environments import Environments
from cdk_event_flow.local.environments.environment import Environment
from cdk_event_flow.local.faults import Faults
from cdk_event_flow.local.invocation import Invocation
from cdk_event_flow.local.run import LocalRun
from cdk_event_flow.local.start import make_ready
from cdk_event_flow.local.workers.fleets import codes_of

# How far the time of a test may be ahead of the machine's at its start, seconds. In an environment that is kept, time
# never goes back; one that is further ahead than this is not kept.
_AHEAD = 60.0
T = TypeVar("T")


class LocalRuns:
    """Builds the functions of `flow` at once. `close` leaves nothing behind. Raises what `make_ready` raises."""

    def __init__(self, flow: Flow, *, app: Path, assembly: Path) -> None:
        self._ready = make_ready(flow, app=app, assembly=assembly)
        self.flow = flow
        self._folder = tempfile.TemporaryDirectory(prefix="event-flow-tests-")
        self._listener = bind(0)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="local runs", daemon=True)
        self._thread.start()
        self._run: LocalRun | None = None
        self._open = AsyncExitStack()
        host, port = self._listener.getsockname()
        self.environments = self._ready.environments(
            f"http://{host}:{port}",
            Path(self._folder.name),
            offset=lambda: self._run.clock.offset if self._run else 0.0,
            rng=random.Random(0),
        )

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """What a coroutine gives, which runs on the runs' thread."""
        future: Future[T] = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()  # Ctrl-C, or a test's own time limit
            raise

    def open(self) -> LocalRun:
        """A new run, empty."""
        return self.do(self._open_run())

    def end(self) -> None:
        """End the run, and what cannot be kept for the next one. Raises what went wrong in it unnoticed."""
        self.do(self._end_run())

    def cold(self) -> None:
        """End every environment that waits: the next invokes start new ones."""
        self.do(self._forget([each for each in self.environments.all if not each.busy]))

    def close(self) -> None:
        """End everything."""
        self.do(self.environments.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._listener.close()
        self._folder.cleanup()

    async def _open_run(self) -> LocalRun:
        functions = self._ready.flow.of(Function)

        def invoker(run: LocalRun) -> _Kept:
            self._run = run
            workers = codes_of(self._ready.flow.of(Workers))
            run.faults = self.environments.faults = Faults((), functions, workers=workers, clock=run.clock, seed=0)
            return _Kept(self.environments)

        ahead = max((each.offset for each in self.environments.all), default=0.0)
        made = LocalRun(
            self._ready.flow,
            invoker,
            listener=self._listener,
            fast=True,
            start=time.time() + max(0.0, ahead),
            fleets=self._ready.fleets(Path(self._folder.name)),
        )
        run = await self._open.enter_async_context(made)
        run.notes[:0] = self._ready.notes
        return run

    async def _end_run(self) -> None:
        assert self._run is not None
        clock = self._run.clock
        try:
            await self._open.aclose()
        finally:
            self._run, self.environments.faults = None, None
            await self._forget([each for each in self.environments.all if not _can_be_kept(each)])
            await self.environments.ended()
        if clock.failure:
            raise clock.failure

    async def _forget(self, environments: Iterable[Environment]) -> None:
        await asyncio.gather(*(self.environments.discard(each) for each in environments))


def _can_be_kept(environment: Environment) -> bool:
    """Not what is at work, has files in its /tmp, or has been too far ahead in time."""
    return environment.usable and not environment.busy and environment.offset <= _AHEAD and not any(environment.tmp.iterdir())


class _Kept:
    """Environments as a run is given them that does not end them."""

    def __init__(self, environments: Environments) -> None:
        self._environments = environments

    async def invoke(self, arn: str, payload: bytes, *, trace_id: str | None = None, client_context: str | None = None) -> Invocation:
        """See Invoker."""
        return await self._environments.invoke(arn, payload, trace_id=trace_id, client_context=client_context)
