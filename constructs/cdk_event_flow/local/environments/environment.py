"""One execution environment: a process group of its own, from its start to the moment nothing is left of it."""

import asyncio
import contextlib
import os
import shutil
import signal
import struct
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cdk_event_flow.flow.model import Function
from cdk_event_flow.local.environments.logs import LogReader
from cdk_event_flow.local.environments.programs import Kind, kind_of
from cdk_event_flow.local.environments.runtime_api import Answer, Event, RuntimeApi
from cdk_event_flow.local.invocation import Fault, LogLine

_LAUNCHER = Path(__file__).with_name("launcher.py")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_MB = 1024 * 1024


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

    def __init__(self, name: str, launch: Launch) -> None:
        self.name = name
        self.launch = launch
        self.pid = 0
        self.busy = True
        self.log: list[LogLine] = []
        self.peak = 0  # bytes, of the invoke in hand
        self.returncode: int | None = None
        self.offset = 0.0  # of the run's clock, when it was last handed an event
        self._api = RuntimeApi(self._wake)
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
            command += ["python", clock, launch.runtime, launch.pycache, launch.function.handler, *prepared.roots]
        try:
            self._process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                pass_fds=(life,),
                env=dict(launch.variables(address)),
                cwd=prepared.task_root,
                start_new_session=True,
            )
        finally:
            os.close(out)
            os.close(life)
        self.pid = self._process.pid
        asyncio.get_running_loop().add_reader(self._pipe, self._read)
        self._reaper = asyncio.create_task(self._reap(self._process))
        async with asyncio.timeout(limit):
            while not self._api.waiting and self.returncode is None:
                await self._pause()
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
        if resident > self.launch.function.memory * _MB:
            self._over_memory = True
            self.kill()

    def kill(self) -> None:
        """SIGKILL to the whole process group: Lambda sends nothing before it where no extension is registered."""
        if self.pid:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)

    async def ended(self) -> None:
        """Wait for the end of the process, if it was started."""
        if self._reaper is not None:
            await asyncio.shield(self._reaper)

    async def close(self) -> None:
        """Kill what is left, wait for its end and remove the folder."""
        self.kill()
        await self.ended()
        if self._pipe >= 0:
            asyncio.get_running_loop().remove_reader(self._pipe)
        self._api.close()
        for fd in self._fds:
            os.close(fd)
        self._fds.clear()
        self._pipe = -1
        shutil.rmtree(self.launch.folder, ignore_errors=True)

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
        self.kill()  # what the handler started and left behind
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


def _signal(number: int) -> str:
    # The words of the Go program that Lambda's platform is.
    words = {signal.SIGKILL: "killed", signal.SIGTERM: "terminated", signal.SIGSEGV: "segmentation fault"}
    words |= {signal.SIGABRT: "aborted", signal.SIGINT: "interrupt", signal.SIGHUP: "hangup"}
    return words.get(signal.Signals(number), f"signal {number}")
