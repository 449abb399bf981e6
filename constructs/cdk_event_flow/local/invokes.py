"""Asynchronous invokes: Lambda's own queue, its retries, and where an event goes when they are used up.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

import json
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cdk_event_flow.flow.model import AsyncConfig
from cdk_event_flow.flow.payloads.services import destination_event, invocation_record
from cdk_event_flow.local.ends import lay_down
from cdk_event_flow.local.functions import Functions
from cdk_event_flow.local.hub import Hub
from cdk_event_flow.local.ids import iso_milliseconds, iso_seconds
from cdk_event_flow.local.invocation import Fault, Invocation
from cdk_event_flow.local.keeper import Kind
from cdk_event_flow.local.post import Parcel
from cdk_event_flow.local.trace import Delivery, State

# Lambda drains this queue at its own pace; a laptop's pace is this many at once for each function.
PARALLEL = 10
_RETRY_WAITS = (60.0, 120.0)
_LONGEST_THROTTLE_WAIT = 300.0


@dataclass(kw_only=True, slots=True, eq=False)
class Job:
    """An event on its way through Lambda's queue. `due` (epoch seconds) is set while it waits for a retry."""

    arn: str
    payload: str
    header: str
    delivery: Delivery
    accepted: float
    errors: int = 0
    throttles: int = 0
    calls: int = 0
    due: float | None = None


class AsyncInvokes:
    """The asynchronous invokes of one function, version or alias: what the post delivers to `arn`."""

    kind = "function"

    def __init__(
        self,
        arn: str,
        functions: Functions,
        configs: Iterable[AsyncConfig],
        *,
        hub: Hub,
    ) -> None:
        function = functions.function(arn)
        qualifier = arn.removeprefix(function.arn).lstrip(":") or "$LATEST"
        self.name = function.name
        self._arn = arn
        self._dead_letter_arn = function.dead_letter_arn
        self._config = next(
            (c for c in configs if c.function_arn == function.arn and c.qualifier == qualifier),
            AsyncConfig(logical_id="", arn="", name="", path="", function_arn=function.arn),
        )
        self._functions = functions
        self._hub = hub
        self._clock = hub.clock
        self._ids = hub.ids
        self._trace = hub.trace
        self._keep = hub.keep
        self._waiting: deque[Job] = deque()
        self._running = 0

    def take(self, parcel: Parcel, delivery: Delivery) -> None:
        """Queue an event for the function."""
        now = self._clock.now()
        self._enqueue(Job(arn=self._arn, payload=parcel.body, header=parcel.trace_header, delivery=delivery, accepted=now))

    def resume(self, job: Job) -> None:
        """Go on with an event that an earlier process held; what was running runs again."""
        if job.due is None:
            self._enqueue(job)
        else:
            self._enqueue_at(job, job.due)

    def _enqueue(self, job: Job) -> None:
        job.due = None
        self._keep.put(Kind.INVOKE, job.delivery.id, job)
        self._waiting.append(job)
        self._dispatch()

    def _enqueue_at(self, job: Job, due: float) -> None:
        job.due = due
        self._keep.put(Kind.INVOKE, job.delivery.id, job)
        self._clock.call_at(due, lambda: self._enqueue(job))

    def _dispatch(self) -> None:
        while self._waiting and self._running < PARALLEL:
            self._running += 1
            self._clock.spawn(self._run(self._waiting.popleft()))

    async def _run(self, job: Job) -> None:
        try:
            if self._clock.now() - job.accepted > self._config.max_age:
                self._give_up(job, "EventAgeExceeded", None)
                return
            answer, _ = await self._functions.call(self._arn, job.payload, [job.delivery], trace_header=job.header)
            if answer.fault is None and self._functions.comes_again(self._arn, [job.delivery]):
                self._enqueue(job)
            else:
                self._settle(job, answer)
        finally:
            self._running -= 1
            self._dispatch()

    def _settle(self, job: Job, answer: Invocation) -> None:
        if answer.fault is None:
            job.calls += 1
            if self._config.on_success:
                self._to_destination(job, self._config.on_success, "Success", answer)
            self._end(job, State.PROCESSED)
            return
        if answer.fault is Fault.RECURSION:
            self._give_up(job, "RecursiveInvocationDropped", answer)
            return
        if answer.fault is Fault.THROTTLED:
            wait = min(2.0**job.throttles, _LONGEST_THROTTLE_WAIT)
            job.throttles += 1
        else:
            job.calls += 1
            if job.errors >= self._config.retries:
                self._give_up(job, "RetriesExhausted", answer)
                return
            wait = _RETRY_WAITS[job.errors]
            job.errors += 1
        if self._clock.now() + wait > job.accepted + self._config.max_age:
            self._give_up(job, "EventAgeExceeded", answer)
        else:
            self._enqueue_at(job, self._clock.now() + wait)

    def _give_up(self, job: Job, condition: str, answer: Invocation | None) -> None:
        """On-failure destination and dead-letter queue, as far as there are any; else the event is dropped."""
        error = job.delivery.last_error or "throttled"
        if self._config.on_failure:
            self._to_destination(job, self._config.on_failure, condition, answer)
        if self._dead_letter_arn:
            self._to_dead_letters(job, self._dead_letter_arn, answer)
            self._end(job, State.DEAD_LETTERED, error, where=self._dead_letter_arn)
        elif self._config.on_failure:
            self._end(job, State.DESTINATION, error, where=self._config.on_failure)
        else:
            self._end(job, State.DROPPED, f"{condition} after {error} (no failure destination)")

    def _end(self, job: Job, state: State, reason: str = "", *, where: str = "") -> None:
        self._keep.drop(Kind.INVOKE, job.delivery.id)
        self._trace.end(job.delivery, state, reason, where=where)

    def _to_dead_letters(self, job: Job, arn: str, answer: Invocation | None) -> None:
        attributes = {
            "RequestID": {"DataType": "String", "StringValue": answer.request_id if answer else self._ids.uuid()},
            "ErrorCode": {"DataType": "Number", "StringValue": "200"},
            "ErrorMessage": {"DataType": "String", "StringValue": answer.error_message[:1024] if answer else ""},
        }
        lay_down(self._hub, arn, Parcel(body=job.payload, attributes=attributes), job.delivery, via="dead letter")

    def _to_destination(self, job: Job, arn: str, condition: str, answer: Invocation | None) -> None:
        given = self._record(job, condition, answer)
        if ":event-bus/" in arn:
            given = destination_event(given, arn, id=self._ids.uuid(), time=iso_seconds(self._clock.now()))
        via = "on success" if condition == "Success" else "on failure"
        parcel = Parcel(body=json.dumps(given), trace_header=job.header, key=self._key() if ":s3:" in arn else "")
        lay_down(self._hub, arn, parcel, job.delivery, via=via)

    def _key(self) -> str:
        """The key of the object that a record becomes.

        https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
        """
        now = datetime.fromtimestamp(self._clock.now(), UTC)
        return f"aws/lambda/async/{self.name}/{now:%Y/%m/%d/%Y-%m-%dT%H.%M.%S}-{self._ids.uuid()}"

    def _record(self, job: Job, condition: str, answer: Invocation | None) -> dict[str, Any]:
        answered: dict[str, Any] = {}
        if answer and answer.fault not in (Fault.THROTTLED, Fault.RECURSION):
            error = {"functionError": "Unhandled"} if answer.fault else {}
            answered = {
                "responseContext": {"statusCode": 200, "executedVersion": answer.version, **error},
                "responsePayload": _json_or_text(answer.payload.decode(errors="replace")),
            }
        return invocation_record(
            self._arn,
            _json_or_text(job.payload),
            condition=condition,
            count=job.calls,
            answer=answered,
            id=answer.request_id if answer else self._ids.uuid(),
            time=iso_milliseconds(self._clock.now()),
        )


def _json_or_text(text: str) -> Any:
    try:
        return json.loads(text) if text.strip() else None
    except ValueError:
        return text
