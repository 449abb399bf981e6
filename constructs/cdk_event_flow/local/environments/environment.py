"""One execution environment: a process group of its own, from its start to the moment nothing is left of it."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import struct
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cdk_event_flow.flow.model import Function
from cdk_event_flow.local.environments.debugging import Debugging
from cdk_event_flow.local.environments.extensions import Extensions
from cdk_event_flow.local.environments.logs import LogReader, stamp
from cdk_event_flow.local.environments.programs import Kind, kind_of
from cdk_event_flow.local.environments.runtime_api import Answer, Event, RuntimeApi
from cdk_event_flow.local.invocation import Fault, LogLine

_LAUNCHER = Path(__file__).with_name("launcher.py")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_MB = 1024 * 1024
# https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html, "environment variables"
_NOT_FOR_EXTENSIONS = frozenset(
    {
        *("_HANDLER", "AWS_EXECUTION_ENV", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "LAMBDA_TASK_ROOT"),
        *("LAMBDA_RUNTIME_DIR", "AWS_XRAY_CONTEXT_MISSING", "AWS_XRAY_DAEMON_ADDRESS", "PYTHONPATH", "NODE_PATH"),
    }
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A function's code, ready to run: its folder as in `/var/task`, and the Python that starts its process.

    `program` is what the process becomes, where that is not AWS's client for Python; `layers` are folders as in `/opt`,
    the one that wins first.
    """

    task_root: Path
    interpreter: Path
    program: tuple[Path, ...] = ()
    layers: tuple[Path, ...] = ()

    @property
    def roots(self) -> tuple[Path, ...]:
        """Where the function's own files are."""
        return self.task_root, *self.layers


@dataclass(frozen=True, kw_only=True, slots=True)
class Launch:
    """What a process is started with. `folder` is the environment's own and is removed with it."""

    function: Function
    version: str
    prepared: Prepared
    runtime: Path
    pycache: Path
    folder: Path
    variables: Callable[[str], Mapping[str, str]]  # given the address of the Runtime API
    offset: Callable[[], float]
    debugging: Debugging | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Live:
    """A running environment, for those who watch it or kill it. `memory` in MB, the last sample."""

    pid: int
    environment: str
    function: Function
    version: str
    busy: bool
    memory: int


class Environment:
    """A process that runs one function, one event at a time."""

    def __init__(self, name: str, launch: Launch, *, provisioned: bool = False) -> None:
        self.name = name
        self.provisioned = provisioned
        self.launch = launch
        self.pid = 0
        self.busy = True
        self.log: list[LogLine] = []
        self.peak = 0  # bytes, of the invoke in hand
        self.returncode: int | None = None
        self.offset = 0.0  # of the run's clock, when it was last handed an event
        self._programs = [
            program
            for layer in launch.prepared.layers
            if (layer / "extensions").is_dir()
            for program in sorted((layer / "extensions").iterdir())
            if program.is_file()
        ]
        function = launch.function
        about = {"functionName": function.name, "functionVersion": launch.version, "handler": function.handler}
        self.extensions = Extensions(self._wake, names=[program.name for program in self._programs], about=about)
        self._helpers: list[asyncio.subprocess.Process] = []
        self._api = RuntimeApi(self._wake, self.extensions)
        self._wakeup = asyncio.Event()
        self._reader = LogReader()
        self._over_memory = False
        self._process: asyncio.subprocess.Process | None = None
        self._reaper: asyncio.Task[None] | None = None
        self._fds: list[int] = []
        self._pipe = -1
        self._clock = -1

    @property
    def usable(self) -> bool:
        """Whether the process lives and waits for an event."""
        return self.pid != 0 and self.returncode is None and not self._over_memory and self._api.waiting

    @property
    def tmp(self) -> Path:
        """What is `/tmp` for the function."""
        return self.launch.folder / "tmp"

    async def start(self, limit: float) -> Answer | None:
        """Start the process and wait until it asks for its first event, at most `limit` seconds.

        None when it did; otherwise what is wrong, with nothing left of it. Raises TimeoutError at the limit.
        """
        launch = self.launch
        self.tmp.mkdir(parents=True)
        clock = launch.folder / "clock"
        self._clock = self._keep(os.open(clock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        self._set_clock()
        address = await self._api.listen()
        self._pipe, out = os.pipe()
        life, held = os.pipe()
        self._keep(self._pipe)
        self._keep(held)
        os.set_blocking(self._pipe, False)
        prepared = launch.prepared
        command: list[str | Path] = [prepared.interpreter, "-I", "-S", "-X", "utf8", _LAUNCHER, str(life)]
        if prepared.program:
            kind = kind_of(launch.function.runtime)
            command += ["node" if kind is Kind.NODE else "custom", *prepared.program]
        else:
            debug = launch.debugging
            kind_or_debug = f"debug:{debug.port}:{debug.packages}" if debug else "python"
            command += [kind_or_debug, clock, launch.runtime, launch.pycache, launch.function.handler, *prepared.roots]
        try:
            variables = dict(launch.variables(address))
            for program in self._programs:
                self._helpers.append(await self._start_extension(program, life, out, variables))
            self._process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                pass_fds=(life,),
                env=variables,
                cwd=prepared.task_root,
                start_new_session=True,
            )
        finally:
            os.close(out)
            os.close(life)
        self.pid = self._process.pid
        if launch.debugging:
            launch.debugging.waiting(prepared.task_root, launch.debugging.port)
        asyncio.get_running_loop().add_reader(self._pipe, self._read)
        self._reaper = asyncio.create_task(self._reap(self._process))
        async with asyncio.timeout(limit):
            while not self._api.waiting and self.returncode is None and not self._failed_extension():
                await self._pause()
        if failed := self._failed_extension():
            return Answer.failed(Fault.INIT, failed, f"RequestId: {self.name} Error: an extension ended the initialization")
        if self.returncode is None:
            return None
        if self._api.init_error is not None:
            return self._api.init_error
        return self._ended("", Fault.INIT)

    async def run(self, event: Event, limit: float) -> Answer:
        """Hand `event` to the waiting runtime and wait until it has finished it. Raises TimeoutError after `limit`.

        Finished means that it asks for the next one, as in Lambda, so that nothing of one event runs into another.
        """
        self._set_clock()
        self._api.give(event)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit):
                while not self._api.waiting and self.returncode is None:
                    await self._pause()
        if self._api.answer is not None:
            if not self._api.waiting:
                self.kill()
            return self._api.answer
        if self.returncode is None:
            raise TimeoutError
        return self._ended(event.request_id, Fault.CRASH)

    async def cut(self, request_id: str) -> Answer:
        """Kill the process if it lives, and answer as for a process that was killed during that event."""
        self.kill()
        await self.ended()
        return self._ended(request_id, Fault.CRASH)

    def take_log(self) -> tuple[LogLine, ...]:
        """The records since the last call, with all that is in the pipe now."""
        self._read()
        self.log += self._reader.rest(self._now())
        lines, self.log = tuple(self.log), []
        return lines

    def watch(self) -> None:
        """Sample the memory and kill the process over the function's limit. A read takes about 10 microseconds.

        Counts the resident set of the process itself, not of processes that the handler starts.
        """
        if self.pid == 0 or self.returncode is not None:
            return
        try:
            with open(f"/proc/{self.pid}/statm", "rb") as statm:  # noqa: PTH123 - 50 times a second for each environment
                resident = int(statm.read().split()[1]) * _PAGE
        except (OSError, IndexError):
            return
        self.peak = max(self.peak, resident)
        if resident > self.launch.function.memory * _MB and not self.launch.debugging:
            self._over_memory = True
            self.kill()

    def kill(self) -> None:
        """SIGKILL to the whole process group: Lambda sends nothing before it where no extension is registered."""
        for pid in (self.pid, *(helper.pid for helper in self._helpers)):
            _kill_group(pid)

    async def ended(self) -> None:
        """Wait for the end of the process, if it was started."""
        if self._reaper is not None:
            await asyncio.shield(self._reaper)

    async def close(self, *, reason: str = "spindown") -> None:
        """Shut down, kill what is left, wait for its end and remove the folder."""
        await self._shut_down(reason)
        self.kill()
        await self.ended()
        await asyncio.gather(*(helper.wait() for helper in self._helpers))
        if self._pipe >= 0:
            asyncio.get_running_loop().remove_reader(self._pipe)
        self._api.close()
        for fd in self._fds:
            os.close(fd)
        self._fds.clear()
        self._pipe = -1
        shutil.rmtree(self.launch.folder, ignore_errors=True)

    async def _start_extension(self, program: Path, life: int, out: int, variables: Mapping[str, str]) -> asyncio.subprocess.Process:
        """An external extension: a program of its own, with the variables that extensions get."""
        process = await asyncio.create_subprocess_exec(
            *(self.launch.prepared.interpreter, "-I", "-S", "-X", "utf8", _LAUNCHER, str(life), "custom", program),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            pass_fds=(life,),
            env={name: value for name, value in variables.items() if name not in _NOT_FOR_EXTENSIONS},
            cwd=self.launch.prepared.task_root,
            start_new_session=True,
        )
        task = asyncio.ensure_future(process.wait())
        task.add_done_callback(lambda _: self._wake())
        return process

    def _failed_extension(self) -> str:
        """The type of the error for which an extension ended the initialization, or empty."""
        if self.extensions.failed:
            return self.extensions.failed
        return "Extension.Crash" if any(helper.returncode is not None for helper in self._helpers) else ""

    async def _shut_down(self, reason: str) -> None:
        """Tell extensions, and give them their time: 300 ms of the 2 s are the runtime's, 500 ms where all are internal.

        Without extensions nothing is told: the process is killed.
        """
        registered = self.extensions.all
        if not registered or self.pid == 0:
            return
        external = any(each.external for each in registered)
        deadline = int((self._now() + (2.0 if external else 0.5)) * 1000)
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(self.pid, signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.3 if external else 0.5):
                    await self.ended()
        self.extensions.give({"eventType": "SHUTDOWN", "shutdownReason": reason, "deadlineMs": deadline})
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1.7):
                await asyncio.gather(*(helper.wait() for helper in self._helpers))

    async def tell(self, lines: Sequence[LogLine], platform: Sequence[Mapping[str, Any]]) -> None:
        """Post telemetry to those extensions that subscribed to it. What does not arrive within a second is lost."""
        for listener in self.extensions.listeners:
            records = [each for each in platform if "platform" in listener.types]
            if "function" in listener.types:
                records += [{"time": stamp(line.at), "type": "function", "record": line.text} for line in lines]
            if records:
                with contextlib.suppress(OSError, TimeoutError):
                    async with asyncio.timeout(1):
                        await _post(listener.port, listener.path, json.dumps(records).encode())

    def _keep(self, fd: int) -> int:
        self._fds.append(fd)
        return fd

    def _now(self) -> float:
        return time.time() + self.launch.offset()

    def _set_clock(self) -> None:
        self.offset = self.launch.offset()
        os.pwrite(self._clock, struct.pack("d", self.offset), 0)

    def _wake(self) -> None:
        self._wakeup.set()

    async def _pause(self) -> None:
        self._wakeup.clear()
        await self._wakeup.wait()

    async def _reap(self, process: asyncio.subprocess.Process) -> None:
        self.returncode = await process.wait()
        _kill_group(self.pid)  # what the handler started and left behind
        self._wake()

    def _read(self) -> None:
        if self._pipe < 0:
            return
        while True:
            try:
                data = os.read(self._pipe, 65536)
            except BlockingIOError:
                return
            if not data:
                asyncio.get_running_loop().remove_reader(self._pipe)
                return
            self.log += self._reader.feed(data, self._now())

    def _ended(self, request_id: str, fault: Fault) -> Answer:
        code = self.returncode or 0
        status = f"signal: {_signal(-code)}" if code < 0 else f"exit status {code}"
        reason = f"Runtime exited with error: {status}" if code else "Runtime exited without providing a reason"
        prefix = f"RequestId: {request_id} " if request_id else ""
        if self._over_memory:
            fault = Fault.MEMORY
        return Answer.failed(fault, "Runtime.ExitError", f"{prefix}Error: {reason}")


def _kill_group(pid: int) -> None:
    if pid:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)


async def _post(port: int, path: str, body: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\nConnection: close\r\n"
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()
        await reader.read(1024)
    finally:
        writer.close()


def _signal(number: int) -> str:
    # The words of the Go program that Lambda's platform is.
    words = {signal.SIGKILL: "killed", signal.SIGTERM: "terminated", signal.SIGSEGV: "segmentation fault"}
    words |= {signal.SIGABRT: "aborted", signal.SIGINT: "interrupt", signal.SIGHUP: "hangup"}
    return words.get(signal.Signals(number), f"signal {number}")
