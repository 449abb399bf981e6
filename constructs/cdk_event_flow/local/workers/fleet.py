"""A fleet of the run: processes in place of containers, scaled as the template says on the run's clock."""

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cdk_event_flow.flow.workers import Scales, Workers
from cdk_event_flow.local.environments.variables import credentials
from cdk_event_flow.local.faults import Faults
from cdk_event_flow.local.functions import LogWatcher
from cdk_event_flow.local.hub import Hub
from cdk_event_flow.local.invocation import Fault, Invocation, LogLine
from cdk_event_flow.local.logbook import Logbook
from cdk_event_flow.local.messages import Message, Place
from cdk_event_flow.local.queues import LocalQueue
from cdk_event_flow.local.trace import Attempt
from cdk_event_flow.local.workers.process import Image, WorkerProcess
from cdk_event_flow.local.workers.scaling import MINUTE, Scaler

ALONE = Scales(least=1, most=1)
MOST_FAILURES = 5  # starts in a row that came to nothing, after which no more are tried
LOOK_EVERY = 0.02  # seconds, while new code starts
RESTART = 1.0  # seconds of the run before a worker that ended is replaced; it doubles while they do not start


@dataclass(frozen=True, slots=True)
class Minute:
    """How it stood at a minute's end: `at` in seconds of the run's clock, and how many workers there should be from then on."""

    at: float
    visible: int
    hidden: int
    running: int
    wanted: int


class LocalFleet:
    """`variables(key)` gives a worker's environment; `note` is told once what keeps workers from starting.

    `minutes` is how it was scaled; `started` and `killed` count processes.
    """

    def __init__(
        self,
        node: Workers,
        queue: LocalQueue,
        image: Image,
        *,
        hub: Hub,
        faults: Faults | None = None,
        logbook: Logbook,
        variables: Callable[[str, Mapping[str, str]], Mapping[str, str]],
        pace: float,
        rng: random.Random,
        note: Callable[[str], None],
        on_log: LogWatcher | None = None,
    ) -> None:
        self.node = node
        self.queue = queue
        self.name = hub.post.name(node.arn)
        self.workers: dict[str, WorkerProcess] = {}
        self.minutes: list[Minute] = []
        self.started = self.killed = 0
        self._image = image
        self._hub = hub
        self._faults = faults
        self._logbook = logbook
        self._variables = variables
        self._pace = pace
        self._rng = rng
        self._note = note
        self._on_log = on_log
        self._scaler = Scaler(node.scales or ALONE)
        self._failures = 0
        self._closed = False
        queue.consumed = True

    @property
    def running(self) -> list[WorkerProcess]:
        """The workers that receive."""
        return [worker for worker in self.workers.values() if worker.alive and not worker.stopping]

    def start(self) -> None:
        """The least that there should be, and a look every minute."""
        self._adjust()
        self._hub.clock.call_later(MINUTE, self._minute)

    async def close(self) -> None:
        """End all processes."""
        self._closed = True
        for worker in list(self.workers.values()):
            await worker.close()

    async def renew(self, image: Image) -> str:
        """Let workers of another image take over; those there are end what they do. The first of the new is started before.

        Where it ends without having asked for a message, the others stay, and what is wrong is returned; else "".
        """
        before, self._image = self._image, image
        old = self.running
        first = self._start_one()
        while first.alive and not first.asked:
            await asyncio.sleep(LOOK_EVERY)
        if not first.asked:
            self._image = before
            return ": ".join(filter(None, first.error)) or f"a worker with it ended with {first.returncode}"
        self._failures = 0
        for worker in old:
            worker.stop()
        self._adjust()
        return ""

    def _minute(self) -> None:
        visible, hidden, running = self.queue.count(Place.VISIBLE), self.queue.count(Place.IN_FLIGHT), len(self.running)
        wanted = self._scaler.minute(visible, hidden, running)
        self.minutes.append(Minute(self._hub.clock.now(), visible, hidden, running, wanted))
        self._failures = 0 if self._failures < MOST_FAILURES else self._failures
        self._adjust()
        if not self._closed:
            self._hub.clock.call_later(MINUTE, self._minute)

    def _adjust(self) -> None:
        running = self.running
        for _ in range(self._scaler.wanted - len(running)):
            if not self._closed and self._failures < MOST_FAILURES:
                self._start_one()
        spare = [worker for worker in running if worker.asked and not self._protected(worker)]
        self._rng.shuffle(spare)
        for worker in spare[: max(0, len(running) - self._scaler.wanted)]:
            worker.stop()

    def _protected(self, worker: WorkerProcess) -> bool:
        return worker.working and self.node.environment.get("WORKER_PROTECT") == "true"

    def _start_one(self) -> WorkerProcess:
        self.started += 1
        secrets = credentials(self.node.arn.split(":")[4], self._rng)
        key = secrets["AWS_ACCESS_KEY_ID"]
        worker = WorkerProcess(
            f"{self.name}/{self.started}", key, clock=self._hub.clock, pace=self._pace, wrote=self._wrote, ended=self._ended
        )
        self.workers[key] = worker
        worker.start(self._image, self._variables(worker.name, secrets))
        return worker

    def _ended(self, worker: WorkerProcess) -> None:
        """What it held comes again when it is visible; another one takes its place, as ECS keeps the number."""
        del self.workers[worker.key]
        self.killed += worker.killed
        why = "the worker was killed" if worker.killed else f"the worker ended with {worker.returncode}"
        self.give_up(worker, Fault.CRASH, "Worker", why)
        if self._closed:
            return
        if not worker.asked and not worker.killed and not worker.stopping:
            self._failures += 1
            if self._failures == MOST_FAILURES:
                self._note(f"{self.node.path}: its workers do not start: {': '.join(filter(None, worker.error)) or why}")
        elif worker.asked:
            self._failures = 0
        self._hub.clock.call_later(RESTART * 2**self._failures, self._adjust)

    def received(self, worker: WorkerProcess, messages: list[Message]) -> None:
        """A worker was given these messages."""
        now = self._hub.clock.now()
        for message in messages:
            attempt = None
            if message.delivery:
                attempt = Attempt(
                    at=now, function=self.node.arn, environment=worker.name, receives=message.receives, batch=len(messages)
                )
                self._hub.trace.attempt(message.delivery, attempt)
            worker.held[message.id] = (message, attempt)
        worker.began()
        moment = self._faults.moment_to_kill(self.node) if self._faults else None
        if moment is not None:
            asyncio.get_running_loop().call_later(moment * worker.usual, self._strike, worker, list(worker.held))

    def _strike(self, worker: WorkerProcess, batch: list[str]) -> None:
        """Kill it, if it is at this batch still."""
        if self._faults and worker.alive and list(worker.held) == batch:
            self._faults.injected["kill"] += 1
            for _, attempt in worker.held.values():
                if attempt:
                    attempt.injected = ("kill",)
            worker.kill()

    def deleting(self, worker: WorkerProcess, ids: list[str]) -> None:
        """It is about to delete these: they are done."""
        for id in ids:
            message, attempt = worker.held.pop(id, (None, None))
            if message and attempt:
                self._end(message, attempt)
                self.queue.remove(message)

    def give_up(self, worker: WorkerProcess, fault: Fault | None, kind: str, why: str) -> None:
        """It has not deleted what it holds still."""
        for message, attempt in worker.held.values():
            if attempt and message.delivery:
                attempt.fault, attempt.failed, attempt.error_type, attempt.error_message = fault, True, kind, why
                self._end(message, attempt)
        worker.held.clear()

    def _end(self, message: Message, attempt: Attempt) -> None:
        attempt.ended = True
        attempt.duration_ms = round((self._hub.clock.now() - attempt.at) * 1000, 1)
        if message.delivery and message.delivery.open:
            self._hub.trace.answered(message.delivery, attempt)

    def _wrote(self, worker: WorkerProcess, text: str) -> None:
        line = Invocation(
            request_id="",
            function_arn=self.node.arn,
            version="",
            payload=b"",
            environment=worker.name,
            log=(LogLine(at=self._hub.clock.now(), text=text),),
        )
        self._logbook.write(self.node.log_group, line, self._hub.clock.now())
        if self._on_log:
            self._on_log(self.name, line)
