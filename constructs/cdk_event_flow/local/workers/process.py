"""One worker: a process with the runner and the handler, which asks the run's SQS as a container asks AWS's."""

import asyncio
import contextlib
import json
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cdk_event_flow.local.clock import Bell, Clock
from cdk_event_flow.local.messages import Message
from cdk_event_flow.local.trace import Attempt

_LAUNCH = Path(__file__).with_name("launch.py")
_LAUNCHER = Path(__file__).parent.parent / "environments" / "launcher.py"
_LONGEST_LINE = 1024 * 1024
_FIRST_GUESS = 0.05  # seconds that a batch takes, before one has told


@dataclass(frozen=True, kw_only=True, slots=True)
class Image:
    """What a worker's container would have: an interpreter, the folders it imports from, and the first of them to stand in."""

    interpreter: Path
    folders: Sequence[Path]
    pycache: Path


class WorkerProcess:
    """`key` is the access key by which the run knows who asks. `held` are the messages it received and has not answered for.
    `usual` is how long a batch takes it, in seconds.

    The clock is held but while it waits for a message: to a fast clock its work takes no time, unless `pace` is given: then so
    many seconds as it really took, times `pace`.
    """

    def __init__(
        self,
        name: str,
        key: str,
        *,
        clock: Clock,
        pace: float,
        wrote: Callable[["WorkerProcess", str], None],
        ended: Callable[["WorkerProcess"], None],
    ) -> None:
        self.name = name
        self.key = key
        self.pid = 0
        self.returncode: int | None = None
        self.stopping = False
        self.killed = False
        self.held: dict[str, tuple[Message, Attempt | None]] = {}
        self.asked = False
        self.error: tuple[str, str] = ("", "")
        self._clock = clock
        self._pace = pace
        self._wrote = wrote
        self._ended = ended
        self._holding = False
        self.usual = _FIRST_GUESS
        self._since = 0.0
        self._bell: Bell | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._life = -1
        self._reader: asyncio.Task[None] | None = None

    @property
    def alive(self) -> bool:
        """It was started and has not ended."""
        return self.returncode is None

    @property
    def working(self) -> bool:
        """It holds messages."""
        return bool(self.held)

    def start(self, image: Image, variables: Mapping[str, str]) -> None:
        """Start it. The clock stands still until it asks for the first time, or has ended."""
        self._hold()
        self._reader = asyncio.get_running_loop().create_task(self._run(image, variables))

    async def _run(self, image: Image, variables: Mapping[str, str]) -> None:
        life, self._life = os.pipe()
        script = [str(_LAUNCH), str(_LAUNCHER), str(life), str(image.pycache), *map(str, image.folders)]
        try:
            self._process = await asyncio.create_subprocess_exec(
                image.interpreter, "-I", "-S", "-X", "utf8", *script,
                stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
                pass_fds=(life,), env=dict(variables), cwd=image.folders[0], start_new_session=True, limit=_LONGEST_LINE,
            )  # fmt: skip
        finally:
            os.close(life)
        self.pid = self._process.pid
        if self.killed:
            self._signal(signal.SIGKILL)
        elif self.stopping:
            self._signal(signal.SIGTERM)
        if self._process.stdout is not None:
            await self._read(self._process.stdout)
        self.returncode = await self._process.wait()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)  # what the handler started
        os.close(self._life)
        self.ring()
        self._ended(self)
        self._let_go()

    async def _read(self, stream: asyncio.StreamReader) -> None:
        while True:
            try:
                line = await stream.readline()
            except ValueError:  # longer than the limit; what was read of it is gone
                continue
            if not line:
                return
            text = line.decode("utf-8", "replace").rstrip("\n")
            self._note_error(text)
            self._wrote(self, text)

    def _note_error(self, text: str) -> None:
        if '"errorType"' in text:
            with contextlib.suppress(ValueError, AttributeError):
                record = json.loads(text)
                self.error = (str(record.get("errorType", "")), str(record.get("errorMessage", "")))

    def stop(self) -> None:
        """SIGTERM; a poll that it waits in is answered, so that it hears of it."""
        self.stopping = True
        self._signal(signal.SIGTERM)
        self.ring()

    def kill(self) -> None:
        """SIGKILL, as when the machine under it is gone. No time passes before it is."""
        self.killed = True
        if self.alive:
            self._hold()
        self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        if self.pid and self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, number) if number == signal.SIGKILL else os.kill(self.pid, number)

    async def close(self) -> None:
        """Nothing is left of it."""
        self.kill()
        if self._reader is not None:
            await self._reader

    @contextmanager
    def answered(self) -> Iterator[None]:
        """It has asked and is answered, by somebody who holds the clock meanwhile."""
        self.asked = True
        self._let_go()
        try:
            yield
        finally:
            if self.alive:
                self._hold()

    async def has_worked(self) -> None:
        """It is done with what it held: on a fast clock, let the time pass that it took."""
        took, self._since = (time.monotonic() - self._since if self._since else 0.0), 0.0
        self.usual = 0.8 * self.usual + 0.2 * took if took else self.usual
        if self._clock.fast and took and self._pace:
            await self._clock.sleep(took * self._pace)

    def began(self) -> None:
        """It was given messages."""
        self.error = ("", "")
        self._since = time.monotonic()

    async def until_rung(self, bell: Bell, seconds: float) -> None:
        """Wait for a message, or to be told to stop. An idle worker does not move a fast clock."""
        self._bell = bell
        really = asyncio.get_running_loop().call_later(seconds, bell.ring)
        try:
            await self._clock.wait(bell, seconds)
        finally:
            really.cancel()
            self._bell = None

    def ring(self) -> None:
        """Wake it from a poll."""
        if self._bell is not None:
            self._bell.ring()

    def _hold(self) -> None:
        if not self._holding:
            self._holding = True
            self._clock.hold()

    def _let_go(self) -> None:
        if self._holding:
            self._holding = False
            self._clock.release()
