"""What a run looks like on the terminal: its steps on standard error, its events and their accounting on standard output."""

import asyncio
import gc
import signal
import sys
import time
import webbrowser
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from cdk_event_flow.cli.app import read_flow
from cdk_event_flow.cli.console import err, out
from cdk_event_flow.cli.runs import announced
from cdk_event_flow.cli.samples import saved_samples
from cdk_event_flow.errors import EventFlowError
from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.event_files import events_in
from cdk_event_flow.local.invocation import Invocation
from cdk_event_flow.local.report import Report
from cdk_event_flow.local.run import LocalRun
from cdk_event_flow.local.start import start
from cdk_event_flow.local.trace import Delivery, root_of
from cdk_event_flow.page.server import serve

_BETWEEN_SETTLING = 0.05  # seconds
_ALLOCATIONS = 50_000  # between two collections of garbage
Event = tuple[str, dict[str, Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class PageOptions:
    """How the page is served: at which port (0 for any, None for the usual one), and whether the browser is told to open it."""

    port: int | None
    open: bool


class Running:
    """One run. `bus` takes the events; `began` is where the seconds of its steps count from."""

    def __init__(self, *, bus: str | None, logs: bool, as_json: bool, began: float) -> None:
        self._bus = bus
        self._logs = logs
        self._as_json = as_json
        self._began = began
        self._steps, self._out = err(), out()
        self._run: LocalRun
        self._report: Report
        self._is_open = False
        self._shown: set[int] = set()

    def step(self, text: str) -> None:
        """Say what begins now, with the seconds since the start."""
        self._steps.print(f"[dim]{time.monotonic() - self._began:5.1f} s[/dim]  {text}")

    async def once(self, events: list[Event], *, flow: Flow, **options: Any) -> bool:
        """Send, wait until everything is accounted for, print the result. Returns whether it is balanced."""
        async with start(flow, say=self.step, on_log=self._log, **options) as run:
            self._opened(run)
            self._say_notes()
            self.step(f"sending {len(events)} event{'' if len(events) == 1 else 's'}")
            await self._send(events)
            await run.settle()
            self.step("everything is accounted for")
            self._say_notes()
            self._result()
            return self._report.balanced

    async def until_interrupted(
        self, events: list[Event], *, from_stdin: bool, template: Path, page: PageOptions | None, flow: Flow, **options: Any
    ) -> bool:
        """Run until Ctrl-C; each event is printed when it has ended. Returns whether the events are balanced.

        `template` is where the flow was read; other commands find the run meanwhile. `page` is served beside it, if any.
        """
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, stopped.set)
        async with start(flow, say=self.step, reload=True, on_log=self._log, on_event=self._follow, **options) as run:
            self._opened(run)
            self._say_notes()
            self.step(f"ready: AWS_ENDPOINT_URL={run.endpoint_url} reaches it from any AWS SDK or CLI; Ctrl-C ends it")
            await self._send(events)
            beside = [loop.create_task(self._send_lines())] if from_stdin else []
            if options["fast"]:
                beside.append(loop.create_task(self._keep_settling()))
            with announced(run.endpoint_url, template):
                async with self._page(run, flow, page):
                    await stopped.wait()
            for task in beside:
                task.cancel()
            for delivery in run.trace.roots:
                self._show(delivery)
            self._say_notes()
            if self._as_json:
                click.echo(self._report.as_json())
            else:
                self._report.print_accounting(self._out)
            if state := options.get("state"):
                self.step(f"kept in {state}: the next run with it goes on here")
                return True
            return self._report.balanced

    @asynccontextmanager
    async def _page(self, run: LocalRun, flow: Flow, options: PageOptions | None) -> AsyncIterator[None]:
        if options is None:
            yield
            return
        async with serve(run, flow, saved=saved_samples(Path.cwd()), read=read_flow, port=options.port) as page:
            self.step(f"page:  {page.url}")
            if options.open:
                await asyncio.to_thread(webbrowser.open, page.url)
            yield

    def _opened(self, run: LocalRun) -> None:
        self._run = run
        injected = run.faults.injected if run.faults else None
        self._report = Report(run.trace, run.engine.hub.post, injected=injected)
        self._is_open = True
        # What a run remembers stays to its end: collecting garbage would look through all of it again and again.
        gc.collect()
        gc.freeze()
        gc.set_threshold(_ALLOCATIONS, 50, 100)
        for door in run.doors:
            self.step(f"{door.path}: {door.url}")

    async def _send(self, events: Iterable[Event]) -> None:
        for name, event in events:
            await self._run.put_events([event], bus=self._bus, origin=name)

    async def _send_lines(self) -> None:
        number = 0
        while line := await asyncio.to_thread(sys.stdin.readline):
            number += 1
            try:
                await self._send(events_in(f"line {number}", line))
            except EventFlowError as error:
                self.step(str(error))

    async def _keep_settling(self) -> None:
        """A fast clock moves only while somebody waits for the end."""
        while True:
            await self._run.settle()
            await asyncio.sleep(_BETWEEN_SETTLING)

    def _result(self) -> None:
        if self._as_json:
            click.echo(self._report.as_json())
        else:
            self._report.print(self._out)

    def _say_notes(self) -> None:
        for note in self._run.notes:
            self.step(f"note: {note}")
        self._run.notes.clear()

    def _log(self, function: str, invocation: Invocation) -> None:
        if self._logs:
            for line in invocation.log:
                self._steps.print(f"{function}  {line.text}", style="dim", markup=False)

    def _follow(self, what: str, delivery: Delivery) -> None:
        # What ends while a kept state is restored is shown at the end.
        if self._is_open and what in ("ended", "resting", "forwarded"):
            root = root_of(delivery)
            if self._run.trace.is_over(root):
                self._show(root)

    def _show(self, root: Delivery) -> None:
        if not self._as_json and root.id not in self._shown:
            self._shown.add(root.id)
            self._report.print_tree(self._out, len(self._shown), root)
