"""The local run: a flow, its functions, its tables, and one endpoint for every AWS SDK, in one process."""

import socket
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

from cdk_event_flow.errors import EventError, Problem, RunError, TemplateError
from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.entries import entry_of
from cdk_event_flow.flow.model import Bus, Function, Table
from cdk_event_flow.local.alarms import Alarms
from cdk_event_flow.local.clock import Clock
from cdk_event_flow.local.doors import Door, Doors
from cdk_event_flow.local.endpoint import Endpoint, bind
from cdk_event_flow.local.engine import Engine
from cdk_event_flow.local.faults import FaultRule, Faults
from cdk_event_flow.local.functions import LogWatcher
from cdk_event_flow.local.gaps import gaps
from cdk_event_flow.local.invocation import Invoker
from cdk_event_flow.local.keeper import Forgetful, Keeper
from cdk_event_flow.local.messages import Message
from cdk_event_flow.local.post import Parcel
from cdk_event_flow.local.queues import LocalQueue
from cdk_event_flow.local.services.moto_ import Moto
from cdk_event_flow.local.services.moto_data import MotoData
from cdk_event_flow.local.state import Store, restore
from cdk_event_flow.local.trace import Delivery, State, Trace
from cdk_event_flow.local.workers.fleets import Fleets, codes_of
from cdk_event_flow.local.workers.service import SqsForWorkers


class LocalRun:
    """`async with LocalRun(flow, factory) as run:` runs the flow until the block ends.

        `factory(run)` makes the Invoker; it finds `run.endpoint_url`, `run.clock`, `run.region` and `run.account` set. An
        invoker that is an async context manager is entered and left with the run. `port` 0 takes any free port; a `listener` that
    outlives the run, of `endpoint.bind`, gives several runs one address. `fast`
        lets time jump when nothing is busy; `start` (epoch seconds) is where a fast clock begins; with the same `seed` and
    `start` a run gives the same identifiers and times. `state` is a folder that keeps what was accepted, so that the next
    run goes on with it (default: it ends with the process); `reset` empties it. `faults` are put in on purpose: the
    invoker finds them as `run.faults`. `allowed` are hosts that requests of API destinations and topics go to besides this
    machine. `on_event(what, delivery)` follows the
    trace, `on_log(function, invocation)` the functions' log lines. `fleets(run)` makes the fleets of
    workers. Raises RunError (EF-RUN-PORT, EF-RUN-STATE, EF-RUN-TABLE, EF-RUN-STREAM, EF-RUN-BUCKET), ScheduleError (EF-SCHEDULE).
    """

    def __init__(
        self,
        flow: Flow,
        factory: Callable[["LocalRun"], Invoker],
        *,
        port: int = 0,
        listener: socket.socket | None = None,
        fast: bool = False,
        seed: int = 0,
        start: float | None = None,
        state: Path | None = None,
        reset: bool = False,
        faults: Sequence[FaultRule] = (),
        allowed: Sequence[str] = (),
        on_event: Callable[[str, Delivery], None] | None = None,
        on_log: LogWatcher | None = None,
        fleets: Callable[["LocalRun"], Fleets] | None = None,
    ) -> None:
        self.flow = flow
        self._make_fleets = fleets
        self.fleets: Fleets | None = None
        self._nodes = list(flow.nodes.values())
        self._factory = factory
        self._port = port
        self._listener = listener
        self._fast = fast
        self._seed = seed
        self._start = start
        self._state = state
        self._reset = reset
        self._fault_rules = faults
        self._allowed = allowed
        self._on_event = on_event
        self._on_log = on_log
        self._stack = AsyncExitStack()
        self.clock: Clock
        self.keep: Keeper
        self.faults: Faults | None = None
        self.notes: list[str] = []
        self.endpoint_url = ""
        self.doors: list[Door] = []
        self.engine: Engine
        self.invoker: Invoker
        self.region, self.account = flow.region, flow.account

    async def __aenter__(self) -> "LocalRun":
        async with AsyncExitStack() as stack:
            listener = self._listener.dup() if self._listener else bind(self._port)
            stack.callback(listener.close)
            self.endpoint_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            self.keep = self._open_state(stack)
            if self._fault_rules:
                self.faults = Faults(
                    self._fault_rules,
                    [node for node in self._nodes if isinstance(node, Function)],
                    workers=codes_of(self._nodes),
                    clock=self.clock,
                    seed=self._seed,
                    generation=self.keep.generation,
                )
            moto = Moto(account=self.account, region=self.region, keep=self.keep)
            stack.callback(moto.close)
            moto.reset()
            await self._create_tables(moto)
            data = MotoData(moto, account=self.account, region=self.region)
            await data.create(self._nodes)
            self.notes.extend(await moto.restore())
            invoker = self.invoker = self._factory(self)
            self.engine = Engine(
                self._nodes,
                invoker,
                region=self.region,
                account=self.account,
                clock=self.clock,
                seed=self._seed,
                keep=self.keep,
                faults=self.faults,
                storage=data,
                allowed=self._allowed,
                on_event=self._on_event,
                on_log=self._on_log,
            )
            endpoint = Endpoint(listener, self.engine, moto, data, unknown=self._note_unknown)
            self.fleets = self._make_fleets(self) if self._make_fleets else None
            if self.fleets:
                endpoint.answer_by(SqsForWorkers(self.engine, self.endpoint_url, self.fleets))
            stack.push_async_callback(endpoint.close)
            if isinstance(invoker, AbstractAsyncContextManager):
                await stack.enter_async_context(invoker)
            self.notes.extend(getattr(invoker, "notes", ()))
            stack.push_async_callback(self.clock.close)
            self.notes.extend(gap.said for gap in gaps(self.engine))
            self.engine.start()
            self.alarms = Alarms(self.engine)
            if isinstance(self.keep, Store):
                self.notes.extend(restore(self.engine, self.keep).notes(self.engine.hub.post.name))
            await endpoint.start()
            doors = Doors(self.engine, bind=bind, port=self._port)
            stack.push_async_callback(doors.close)
            await doors.start()
            self.doors = doors.open
            if self.fleets:
                stack.push_async_callback(self.fleets.close)
                self.fleets.start()
            self._stack = stack.pop_all()
        return self

    def _open_state(self, stack: AsyncExitStack) -> Keeper:
        """The run's memory, and the clock that goes on from where it stopped."""
        if self._state is None:
            self.clock = Clock(fast=self._fast, start=self._start)
            return Forgetful()
        store = Store(self._state, reset=self._reset, told=self.notes.append)
        stack.callback(store.close)
        start = self._start
        if store.stopped_at is not None and store.stopped_at > (time.time() if start is None else start):
            start = store.stopped_at
        self.clock = Clock(fast=self._fast, start=start)
        store.start(self.clock.now)
        return store

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        await self._stack.aclose()

    @property
    def trace(self) -> Trace:
        """What became of everything that was accepted."""
        return self.engine.hub.trace

    async def put_events(
        self, events: Iterable[Mapping[str, Any]], *, bus: str | None = None, origin: str = "put_events"
    ) -> list[Delivery]:
        """Put events (PutEvents entries, or events as rules see them) on `bus` (name, path or ARN); `origin` names them in reports.

        Without `bus` an event goes to its own `EventBusName`, else to the flow's only bus of its own, else to the
        default bus. Sources of AWS's services (`aws.s3`) are let in. Raises EventError for what EventBridge refuses.
        """
        roots, on = [], bus and self._bus(bus)
        for event in events:
            entry = entry_of(event)
            entry["EventBusName"] = on or entry.get("EventBusName") or self._usual_bus()
            result, root = self.engine.put_entry(entry, origin=origin, trusted=True)
            if root is None:
                problem = Problem(
                    code="EF-EVENT-REFUSED",
                    given=f"the event was refused: {result['ErrorMessage']}",
                    allowed=f"EventBridge answers {result['ErrorCode']}",
                    fix="correct the event",
                )
                raise EventError(origin, problem)
            roots.append(root)
        self.keep.flush()
        return roots

    def _bus(self, named: str) -> str:
        """The name of a bus that is named as people do; what is no bus of the flow is left to PutEvents to refuse."""
        try:
            return self.flow.find(named, Bus).name
        except TemplateError:
            return named

    def _usual_bus(self) -> str:
        own = [bus.name for bus in self.engine.buses if bus.name != "default"]
        return own[0] if len(own) == 1 else "default"

    async def send(self, name: str, body: str, *, attributes: Mapping[str, Mapping[str, Any]] | None = None) -> Delivery:
        """Send `body` to a queue, topic, stream or function (asynchronously), by name, path or ARN.

        A table takes an item or a record of its stream, a bucket `{"key": "in/a.csv"}` with the `event` where it is not a put:
        those who are told hear of it, and no item or object is kept.

        Raises RunError (EF-RUN-NAME) for an unknown name, EventError for what a table or bucket cannot take.
        """
        receiver = self.engine.queue(name) or self.engine.topic(name) or self.engine.sources.find(name)
        hub = self.engine.hub
        arn = receiver.node.arn if receiver else self.engine.functions.resolve(name)
        if arn is None:
            raise self._unknown_name(name, "queue, topic, stream, table, bucket or function")
        kind, shown = hub.post.kind_and_name(arn)
        root = hub.trace.begin(kind, arn, shown, body, origin="send")
        try:
            hub.post.deliver(arn, Parcel(body=body, attributes=attributes or {}), root)
        except EventError as refused:
            hub.trace.end(root, State.DROPPED, str(refused))
            raise
        self.keep.flush()
        return root

    async def settle(self) -> None:
        """Wait until nothing is pending, except messages in queues that nothing here consumes."""
        await self.clock.until(lambda: self.trace.settled)

    async def advance(self, seconds: float) -> None:
        """Let `seconds` pass; at once when fast."""
        await self.clock.advance(seconds)

    def received(self, name: str) -> list[str]:
        """The payloads, in order of arrival, that reached a queue, topic, function or endpoint (name, path or ARN).

        What a function received from a queue counts once for each message, however often it was tried.
        """
        arns = {node.arn for node in self._nodes if name in (node.name, node.path, node.logical_id, node.arn)}
        arns |= {arn for arn in self.engine.functions.arns() if self.engine.functions.function(arn).arn in arns}
        arns = arns or {name}
        found = []
        for root in self.trace.roots:
            for delivery in root.walk():
                if delivery.node in arns or any(attempt.function in arns for attempt in delivery.attempts):
                    found.append(delivery)
        return [delivery.payload for delivery in sorted(found, key=lambda d: d.id)]

    def dead_letters(self, name: str) -> list[Message]:
        """The messages in a queue (name, path or ARN); `Message.origin` tells what failed and why. Raises RunError."""
        return list(self._queue(name))

    def _queue(self, name: str) -> LocalQueue:
        queue = self.engine.queue(name)
        if queue is None:
            raise self._unknown_name(name, "queue")
        return queue

    def _unknown_name(self, name: str, kinds: str) -> RunError:
        known = ", ".join(queue.name for queue in self.engine.queues) or "(none)"
        problem = Problem(
            code="EF-RUN-NAME",
            given=f"there is no {kinds} named {name}",
            allowed=f"the queues are {known}",
            fix="use a name, a construct path or an ARN of the template",
        )
        return RunError(name, problem)

    async def _create_tables(self, moto: Moto) -> None:
        for node in self._nodes:
            if isinstance(node, Table) and (error := await moto.create_table(node)):
                problem = Problem(
                    code="EF-RUN-TABLE",
                    given=f"the table could not be created: {error}",
                    allowed="the local tables take what CreateTable takes",
                    fix="correct the table's properties",
                )
                raise RunError(node.path, problem)

    def _note_unknown(self, operation: str) -> None:
        self.notes.append(f"a client asked for {operation}, which this run does not answer")
