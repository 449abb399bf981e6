"""Receive, hide, handle, delete: until told to stop."""

import json
import os
import signal
import sys
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any

from .context import Context
from .held import Held, Say
from .logs import request
from .protection import Protection
from .records import event_of, failed_in
from .settings import Settings

MOST_FAILURES = 10  # receives in a row that failed, after which the worker ends and ECS starts another
LONGEST_PAUSE = 30.0

STOPPED = 0
FAILED = 1
OUT_OF_TIME = 124  # as of timeout(1)
GAVE_BACK = 143  # as of a process that a SIGTERM ended

Handler = Callable[[Any, Any], Any]


def say(what: str, *, level: str = "INFO", **more: object) -> None:
    """One line of JSON on standard output, which goes to the worker's log group."""
    record = {"timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"), "level": level, "worker": what, **more}
    sys.stdout.write(json.dumps(record, default=str) + "\n")
    sys.stdout.flush()


class Worker:
    """One batch at a time, as an execution environment of Lambda: a handler written for it needs no lock.

    `leave(code)` ends the process at once; it is called where a handler does not end by itself.
    """

    def __init__(
        self,
        settings: Settings,
        sqs: Any,
        handler: Handler,
        *,
        environment: Mapping[str, str] = os.environ,
        say: Say = say,
        leave: Callable[[int], Any] = os._exit,
    ) -> None:
        self._settings = settings
        self._sqs = sqs
        self._handler = handler
        self._say = say
        self._leave = leave
        agent = environment.get("ECS_AGENT_URI", "") if settings.protect else ""
        self._protection = Protection(agent, settings.timeout, say) if agent else nullcontext()
        self._stopping = threading.Event()
        self._held: Held | None = None
        self._told, self._tell = os.pipe()
        threading.Thread(target=self._stop, name="stop", daemon=True).start()

    def listen(self) -> None:
        """Stop on SIGTERM, which ECS sends, and on SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop())

    def stop(self) -> None:
        """Receive no more, end what is held, or give it back when the time for that is over. Told twice is told once.

        Only writes to a pipe: a signal comes wherever the main thread is, perhaps with a lock in its hands.
        """
        os.write(self._tell, b"!")

    def _stop(self) -> None:
        os.read(self._told, 1)
        self._stopping.set()
        time.sleep(self._settings.stop)
        held = self._held
        self._say("stopped-in-work" if held else "stopped", level="WARN" if held else "INFO")
        if held:
            held.give_back()
        self._leave(GAVE_BACK)

    def run(self) -> int:
        """Work until stopped; the code to exit with."""
        self._say("started", handler=self._settings.handler, queue=self._settings.queue_arn)
        failures = 0
        while not self._stopping.is_set():
            try:
                messages = self._receive()
            except Exception as error:
                failures += 1
                self._say("receive-failed", level="ERROR", error=f"{type(error).__name__}: {error}", failures=failures)
                if failures == MOST_FAILURES:
                    return FAILED
                self._stopping.wait(min(LONGEST_PAUSE, 2.0 ** (failures - 1)))
                continue
            failures = 0
            if messages:
                self._work(messages)
        self._say("stopped")
        return STOPPED

    def _receive(self) -> Sequence[Mapping[str, Any]]:
        # The worker says itself how long messages are hidden: it is the one that hides them again.
        answer = self._sqs.receive_message(
            QueueUrl=self._settings.queue_url,
            MaxNumberOfMessages=self._settings.batch,
            WaitTimeSeconds=self._settings.wait,
            VisibilityTimeout=self._settings.visibility,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        return answer.get("Messages") or []

    def _work(self, messages: Sequence[Mapping[str, Any]]) -> None:
        ids = [str(message["MessageId"]) for message in messages]
        request_id = request["id"] = str(uuid.uuid4())
        watch = threading.Timer(self._settings.timeout, self._out_of_time, (request_id,))
        watch.daemon = True
        held = self._held = Held(self._sqs, self._settings, messages, self._say)
        began = time.monotonic()
        with held, self._protection:
            watch.start()
            failed = self._handle(messages, ids, request_id)
            watch.cancel()
        held.delete([id for id in ids if id not in failed])
        self._held = None
        took = round((time.monotonic() - began) * 1000, 1)
        self._say(
            "batch", level="WARN" if failed else "INFO", request_id=request_id, messages=len(ids), failed=sorted(failed), ms=took
        )

    def _handle(self, messages: Sequence[Mapping[str, Any]], ids: Sequence[str], request_id: str) -> frozenset[str]:
        """The ids of what failed: what the handler gives back, or all where it raises or answers what is no JSON."""
        try:
            answer = self._handler(event_of(messages, self._settings.queue_arn), Context(self._settings, request_id))
            return failed_in(answer, ids)
        except BaseException as error:  # a handler that exits fails its batch, as in Lambda
            self._say(
                "handler-failed",
                level="ERROR",
                request_id=request_id,
                errorType=type(error).__name__,
                errorMessage=str(error),
                stackTrace=traceback.format_exception(error),
            )
            return frozenset(ids)

    def _out_of_time(self, request_id: str) -> None:
        """A handler cannot be stopped from outside: the process ends, and what it held comes again when it is visible."""
        self._say("timed-out", level="ERROR", request_id=request_id, seconds=self._settings.timeout)
        self._leave(OUT_OF_TIME)
