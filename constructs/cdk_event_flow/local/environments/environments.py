"""All execution environments of a local run: which one takes an invoke, when there is a new one, when none is left."""

import asyncio
import contextlib
import random
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Self

from cdk_event_flow.flow.model import Alias, Function, Version
from cdk_event_flow.local.environments.asks import Ask, unsupported
from cdk_event_flow.local.environments.debugging import FOREVER, Debugging
from cdk_event_flow.local.environments.environment import Environment, Launch, Live, Prepared
from cdk_event_flow.local.environments.logs import Report, end_lines, stamp, start_line, telemetry
from cdk_event_flow.local.environments.programs import Kind, kind_of
from cdk_event_flow.local.environments.published import Key, Published
from cdk_event_flow.local.environments.runtime_api import Answer
from cdk_event_flow.local.environments.runtime_folder import make_runtime_folder
from cdk_event_flow.local.environments.variables import Place, credentials, variables
from cdk_event_flow.local.environments.xray import Subsegments
from cdk_event_flow.local.faults import Faults
from cdk_event_flow.local.invocation import Fault, Invocation, LogLine, timeout_message

# How long a function's code may take to load, seconds, before the load is done again inside the first invoke.
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
INIT_LIMIT = 10.0
WATCH_EVERY = 0.02  # seconds between two samples of the memory
# A laptop's share of a provisioned concurrency, for each version: each environment is a process of tens of MB.
MOST_PROVISIONED = 5


class Environments:
    """Runs functions in environments. Use on one event loop; `close` leaves nothing behind.

    `prepare` is asked once for each function. `endpoint` becomes AWS_ENDPOINT_URL; `folder` is a work folder of its
    own, and `kept` (default: the same) one for what may outlive the run: bytecode and links to the runtime's packages.
    `offset` is how far the run's clock is ahead of the real one, in seconds; `rng` makes ids, credentials and the
    choice between an alias's versions; `init_limit` in seconds; `faults` are put in on purpose;
    `debugging` lets one function wait for a debugger, without faults and limits of time.
    """

    def __init__(
        self,
        *,
        functions: Iterable[Function],
        versions: Iterable[Version] = (),
        aliases: Iterable[Alias] = (),
        prepare: Callable[[Function], Awaitable[Prepared]],
        endpoint: str,
        region: str,
        account: str,
        folder: Path,
        kept: Path | None = None,
        offset: Callable[[], float] = lambda: 0.0,
        rng: random.Random,
        init_limit: float = INIT_LIMIT,
        faults: Faults | None = None,
        debugging: Debugging | None = None,
    ) -> None:
        self._published = Published(functions, versions, aliases, rng=rng)
        self._prepare = prepare
        self._prepared: dict[str, asyncio.Future[Prepared]] = {}
        self._endpoint = endpoint
        self._region = region
        self._account = account
        self._folder = folder
        self._kept = kept or folder
        self._offset = offset
        self._rng = rng
        self._init_limit = init_limit
        self.faults = faults
        self._debugging = debugging
        self._one_debugged = asyncio.Lock()  # a debugger attaches to one environment
        self._runtime: Path | None = None
        self._xray: tuple[asyncio.DatagramTransport, str] | None = None
        self.subsegments = Subsegments()
        self._opening = asyncio.Lock()
        self._idle: dict[Key, list[Environment]] = {}
        self._all: set[Environment] = set()
        self._running: dict[str, int] = {}  # invokes in hand, by function
        self._watcher: asyncio.Task[None] | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._over = False
        self._provisioned = self._published.provisioned()
        self.notes = [
            f"{path}: {MOST_PROVISIONED} of the {count} provisioned environments of {version} are started here"
            for (arn, version), count in self._provisioned.items()
            if count > MOST_PROVISIONED and (path := self._published.functions[arn].path)
        ]

    @staticmethod
    def supports(function: Function) -> bool:
        """Whether the function's runtime can be run here: Python, Node, or one of its own."""
        return kind_of(function.runtime) is not None

    @property
    def live(self) -> list[Live]:
        """Every environment that has a process now."""
        return [
            Live(
                pid=e.pid,
                environment=e.name,
                function=e.launch.function,
                version=e.launch.version,
                busy=e.busy,
                memory=_mb(e.peak),
            )
            for e in self._all
            if e.pid and e.returncode is None
        ]

    @property
    def all(self) -> tuple[Environment, ...]:
        """Every environment, at work or waiting."""
        return tuple(self._all)

    async def kill(self, environment: str) -> bool:
        """Kill the environment of that name, as a crash of it; False where there is none. Returns when it is dead."""
        for candidate in list(self._all):
            if candidate.name == environment and candidate.pid:
                busy = candidate.busy
                candidate.kill()
                await candidate.ended()
                if not busy:
                    await self.discard(candidate)
                return True
        return False

    async def invoke(self, arn: str, payload: bytes, *, trace_id: str | None = None, client_context: str | None = None) -> Invocation:
        """Run the function, version or alias `arn` once on `payload`. See `Invoker`.

        Raises RunError `EF-RUN-RUNTIME` for a runtime that does not run here, KeyError for an unknown ARN.
        """
        function, version = self._published.choose(arn)
        if not self.supports(function):
            raise unsupported(function)
        ask = Ask(
            function=function,
            version=version,
            arn=arn,
            request_id=str(uuid.UUID(int=self._rng.getrandbits(128), version=4)),
            payload=payload,
            trace_id=trace_id or self._trace_id(function, self._now()),
            client_context=client_context,
        )
        running = self._running.get(function.arn, 0)
        if function.reserved_concurrency is not None and running >= function.reserved_concurrency:
            return ask.throttled()
        self._running[function.arn] = running + 1
        try:
            if self._debugs(function):
                async with self._one_debugged:
                    return await self._invoke(ask)
            if self.faults is None:
                return await self._invoke(ask)
            return await self.faults.around(function, ask.throttled, lambda cut: self._invoke(ask, cut))
        finally:
            self._running[function.arn] -= 1

    def _debugs(self, function: Function) -> bool:
        return self._debugging is not None and self._debugging.function == function.arn

    async def _provision(self, key: Key) -> None:
        """Start as many environments as are provisioned and not there; one that does not start is started by its first invoke."""
        arn, version = key
        function = self._published.functions[arn]
        there = sum(1 for e in self._all if e.provisioned and (e.launch.function.arn, e.launch.version) == key)
        for _ in range(min(self._provisioned[key], MOST_PROVISIONED) - there):
            environment, failure = await self._start(function, version, self._init_limit, provisioned=True)
            if failure is None:
                environment.take_log()
                environment.busy = False
                self._idle.setdefault(key, []).insert(0, environment)
            else:
                environment.provisioned = False
                await self.discard(environment)
                return

    async def __aenter__(self) -> Self:
        if self._provisioned:
            await asyncio.gather(*(self._provision(key) for key in self._provisioned))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def renew(self, function: Function, prepared: Prepared) -> str:
        """Let a function go on with other code: invokes in hand end with the old one, those that follow have the new one.

        The new code is loaded first. Where it cannot be, the old one stays, and what is wrong is returned; else "".
        """
        if self._debugs(function):  # one debugger, one port
            waiting = [each for each in self._all if each.launch.function.arn == function.arn and not each.busy]
            await asyncio.gather(*(self.discard(each) for each in waiting))
        known = self._prepared.get(function.arn)
        if known is not None and known.done() and known.result() == prepared:
            return ""
        of_it = [each for each in self._all if each.launch.function.arn == function.arn]
        version = of_it[-1].launch.version if of_it else self._published.usual_version(function)
        environment, failure = await self._start(function, version, self._init_limit, prepared)
        if failure is not None:
            await self.discard(environment)
            said = f"{failure.error_type}: {failure.error_message}" if failure.error_message else failure.error_type
            return said or "it did not load in time"
        renewed = self._prepared[function.arn] = asyncio.get_running_loop().create_future()
        renewed.set_result(prepared)
        await asyncio.gather(*(self.discard(each) for each in of_it if not each.busy))
        self._to_pool(environment)
        return ""

    async def ended(self) -> None:
        """Wait until nothing is left of the environments that are being ended."""
        await asyncio.gather(*self._closing)

    async def close(self) -> None:
        """Kill every environment and wait until nothing is left of it. Invokes in hand end as crashes."""
        self._over = True
        if self._watcher is not None:
            self._watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watcher
            self._watcher = None
        for task in self._prepared.values():
            task.cancel()
        await asyncio.gather(*(self.discard(e) for e in list(self._all)), *self._closing)
        if self._xray is not None:
            self._xray[0].close()
            self._xray = None

    async def _invoke(self, ask: Ask, cut: float | None = None) -> Invocation:
        """One invoke, whose environment is killed `cut` seconds after it was handed the event."""
        function = ask.function
        environment = self._warm(ask)
        cold = environment is None
        failure: Answer | None = None
        init_ms: float | None = None
        allowance = FOREVER if self._debugs(function) else float(function.timeout)
        begun = time.perf_counter()
        if environment is None:
            environment, failure = await self._start(function, ask.version, self._init_limit)
            init_ms = _ms(begun)
            if failure is not None and failure.fault is Fault.TIMEOUT:
                # The load took too long: once more, now inside the invoke and under the function's timeout.
                await self.discard(environment)
                begun = time.perf_counter()
                environment, failure = await self._start(function, ask.version, allowance)
                allowance = max(0.001, allowance - _ms(begun) / 1000)
                init_ms = None
        if not cold or init_ms is not None:
            begun = time.perf_counter()
        log = [start_line(function, ask.request_id, ask.version, self._now())]
        try:
            answer = failure or await self._handle(environment, ask, allowance, cut)
        except TimeoutError:
            answer = Answer.failed(Fault.TIMEOUT, "Sandbox.Timedout", "")
        except BaseException:
            environment.kill()
            self._discard_later(environment)
            raise
        duration = _ms(begun)
        environment.watch()
        log += environment.take_log()
        now = self._now()
        if answer.fault is Fault.TIMEOUT:
            message = timeout_message(ask.request_id, function.timeout)
            answer = Answer.failed(Fault.TIMEOUT, "Sandbox.Timedout", message)
            log.append(LogLine(at=now, text=f"{stamp(now)} {ask.request_id} {message.partition(' Error: ')[2]}"))
        memory = _mb(environment.peak)
        report = Report(duration_ms=duration, init_ms=init_ms, memory_mb=memory, status=_status(answer.fault))
        if environment.extensions.listeners:
            await environment.tell(log[1:], telemetry(ask.request_id, ask.version, report, log[0].at, now))
        log += end_lines(function, ask.request_id, report, now)
        await self._give_back(ask, environment, answer)
        return Invocation(
            request_id=ask.request_id,
            function_arn=ask.arn,
            version=ask.version,
            payload=answer.payload,
            fault=answer.fault,
            error_type=answer.error_type,
            error_message=answer.error_message,
            environment=environment.name,
            cold=cold,
            init_ms=init_ms or 0.0,
            duration_ms=duration,
            memory_mb=memory,
            log=tuple(log),
        )

    async def _handle(self, environment: Environment, ask: Ask, limit: float, cut: float | None) -> Answer:
        # Other runtimes than Python's read the machine's clock, whatever the run's says.
        clock = self._now() if kind_of(ask.function.runtime) is Kind.PYTHON else time.time()
        event = ask.event(clock + limit)
        if cut is None:
            return await environment.run(event, limit)
        with contextlib.suppress(TimeoutError):
            await environment.run(event, min(cut, limit))
        return await environment.cut(ask.request_id)

    def _warm(self, ask: Ask) -> Environment | None:
        """The most recently used environment that waits, taken from the pool."""
        pool = self._idle.get((ask.function.arn, ask.version), [])
        while pool:
            environment = pool.pop()
            if environment.usable:
                environment.busy, environment.peak = True, 0
                return environment
            self._discard_later(environment)
        return None

    async def _give_back(self, ask: Ask, environment: Environment, answer: Answer) -> None:
        newest = self._prepared.get(ask.function.arn)
        is_current = newest is None or (newest.done() and newest.result() == environment.launch.prepared)
        if is_current and environment.usable and environment in self._all and answer.fault is not Fault.TIMEOUT:
            self._to_pool(environment)
        else:
            await self.discard(environment)

    def _to_pool(self, environment: Environment) -> None:
        environment.busy = False
        key = environment.launch.function.arn, environment.launch.version
        self._idle.setdefault(key, []).append(environment)

    def _replace(self, key: Key) -> None:
        """A provisioned environment that was lost is started again, beside what goes on."""
        task = asyncio.create_task(self._provision(key))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _start(
        self, function: Function, version: str, limit: float, prepared: Prepared | None = None, *, provisioned: bool = False
    ) -> tuple[Environment, Answer | None]:
        """A new environment, with the function's usual code or with what is `prepared`, and what keeps it from starting."""
        prepared = prepared or await self._ready(function)
        debugging = self._debugging if self._debugs(function) else None
        name = f"{self._rng.getrandbits(128):032x}"
        runtime, xray = await self._open()
        stream = f"{time.strftime('%Y/%m/%d', time.gmtime(self._now()))}/[{version}]{name}"
        secrets = credentials(self._account, self._rng)
        folder = self._folder / "environments" / name

        def own(address: str) -> dict[str, str]:
            place = Place(
                runtime_api=address,
                endpoint=self._endpoint,
                xray=xray,
                region=self._region,
                roots=prepared.roots,
                runtime=runtime,
                tmp=folder / "tmp",
                log_stream=stream,
            )
            return variables(function, version, place, secrets, provisioned=provisioned)

        launch = Launch(
            function=function,
            version=version,
            prepared=prepared,
            runtime=runtime,
            pycache=self._kept / "pycache",
            folder=folder,
            variables=own,
            offset=self._offset,
            debugging=debugging,
        )
        environment = Environment(name, launch, provisioned=provisioned)
        self._all.add(environment)
        try:
            return environment, await environment.start(FOREVER if debugging else limit)
        except TimeoutError:
            environment.kill()
            return environment, Answer.failed(Fault.TIMEOUT, "Sandbox.Timedout", "")
        except BaseException:
            self._discard_later(environment)
            raise

    async def _ready(self, function: Function) -> Prepared:
        if (task := self._prepared.get(function.arn)) is None:
            task = self._prepared[function.arn] = asyncio.ensure_future(_await(self._prepare(function)))
        try:
            return await asyncio.shield(task)
        except Exception:
            self._prepared.pop(function.arn, None)  # corrected code gets its chance
            raise

    async def _open(self) -> tuple[Path, str]:
        """What all environments share, made at the first one: the runtime folder, the X-Ray port, the watcher."""
        async with self._opening:
            if self._runtime is None:
                self._runtime = make_runtime_folder(self._kept / "runtime")
            if self._xray is None:
                loop = asyncio.get_running_loop()
                transport, _ = await loop.create_datagram_endpoint(lambda: self.subsegments, local_addr=("127.0.0.1", 0))
                host, port = transport.get_extra_info("sockname")
                self._xray = transport, f"{host}:{port}"
            if self._watcher is None:
                self._watcher = asyncio.create_task(self._watch())
        return self._runtime, self._xray[1]

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(WATCH_EVERY)
            for environment in list(self._all):
                if environment.busy:
                    environment.watch()
                elif not environment.usable:
                    self._discard_later(environment)

    def _trace_id(self, function: Function, now: float) -> str:
        root, parent = self._rng.getrandbits(96), self._rng.getrandbits(64)
        return f"Root=1-{int(now):08x}-{root:024x};Parent={parent:016x};Sampled={int(function.tracing)}"

    def _now(self) -> float:
        return time.time() + self._offset()

    def _discard_later(self, environment: Environment) -> None:
        task = asyncio.create_task(self.discard(environment))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def discard(self, environment: Environment) -> None:
        """End an environment; an invoke in hand ends as a crash."""
        self._all.discard(environment)
        pool = self._idle.get((environment.launch.function.arn, environment.launch.version), [])
        if environment in pool:
            pool.remove(environment)
        reason = "spindown" if environment.usable else "failure"
        await environment.close(reason=reason)
        if environment.provisioned and not self._over:
            self._replace((environment.launch.function.arn, environment.launch.version))


async def _await(prepared: Awaitable[Prepared]) -> Prepared:
    return await prepared


def _ms(since: float) -> float:
    return (time.perf_counter() - since) * 1000


def _mb(size: int) -> int:
    return -(-size // (1024 * 1024))


def _status(fault: Fault | None) -> str:
    if fault is None:
        return "success"
    return "timeout" if fault is Fault.TIMEOUT else "error"
