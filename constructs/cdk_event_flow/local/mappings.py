"""Mappings and pipes that poll SQS queues: poll, filter, batch, invoke, and delete what was processed.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

from typing import Any

from cdk_event_flow.flow.attributes import in_record
from cdk_event_flow.flow.model import EventSourceMapping
from cdk_event_flow.flow.payload import as_text, sqs_lambda_event, sqs_record
from cdk_event_flow.local.callers import Caller
from cdk_event_flow.local.functions import error_of_record
from cdk_event_flow.local.hub import Hub
from cdk_event_flow.local.invocation import Fault, Invocation
from cdk_event_flow.local.lineage import merged
from cdk_event_flow.local.messages import Message, md5_of_body
from cdk_event_flow.local.queues import LocalQueue
from cdk_event_flow.local.records import failed_records
from cdk_event_flow.local.trace import Attempt, State
from cdk_event_flow.match import FilterCriteria

FIRST_POLLERS = 5
MORE_POLLERS_A_MINUTE = 300
MOST_POLLERS = 1_250
PAYLOAD_BYTES = 6 * 1024 * 1024
# What a record adds to its body in the event: names, ids, attributes.
_RECORD_BYTES = 1_024


class LocalMapping:
    """One mapping, from the first message to the last; `caller` takes the batches. `sender` is the account id shown as SenderId."""

    def __init__(
        self,
        node: EventSourceMapping,
        queue: LocalQueue,
        caller: Caller,
        *,
        hub: Hub,
        region: str,
        sender: str,
    ) -> None:
        self.node = node
        self._queue = queue
        self._caller = caller
        self._clock = hub.clock
        self._region = region
        self._sender = sender
        self._filters = FilterCriteria(list(node.filters), source="sqs") if node.filters else None
        self._gathered: list[tuple[Message, dict[str, Any]]] = []
        self._gathered_bytes = 0
        self._launch_at = 0.0
        self._running = 0
        self._backlog_since: float | None = None
        self._poll_planned = False

    def start(self) -> None:
        """Poll from now on, if the mapping is enabled."""
        if self.node.enabled:
            self._queue.consumed = True
            self._queue.available.append(self._wake)

    def _wake(self) -> None:
        # Not at once: what is sent in the same moment travels in the same batch.
        if not self._poll_planned:
            self._poll_planned = True
            self._clock.call_soon(self._poll)

    def _pollers(self) -> int:
        """How many batches may be out at once."""
        since = self._clock.now() if self._backlog_since is None else self._backlog_since
        minutes = int((self._clock.now() - since) // 60)
        scaled = min(FIRST_POLLERS + MORE_POLLERS_A_MINUTE * minutes, MOST_POLLERS)
        return min(scaled, self.node.max_concurrency or scaled)

    def _poll(self) -> None:
        self._poll_planned = False
        while self._running < self._pollers():
            received = self._queue.receive(self.node.batch_size - len(self._gathered))
            for message in received:
                self._gather(message)
            full = len(self._gathered) >= self.node.batch_size
            if full or (self._gathered and not received and self._clock.now() >= self._launch_at):
                self._launch()
            elif not received:
                self._backlog_since = self._backlog_since if self._running else None
                return
        self._backlog_since = self._backlog_since or self._clock.now()

    def _gather(self, message: Message) -> None:
        record = self._record(message)
        if self._filters and not self._filters.matches(record):
            self._queue.remove(message, State.DROPPED, f"no filter of {self._caller.name(self._arn)} matches")
            return
        size = len(message.body.encode()) + _RECORD_BYTES
        if self._gathered and self._gathered_bytes + size > PAYLOAD_BYTES:
            self._launch()
        if not self._gathered:
            self._launch_at = self._clock.now() + self.node.window
            if self.node.window:
                self._clock.call_at(self._launch_at, self._wake)
        self._gathered.append((message, record))
        self._gathered_bytes += size

    @property
    def _arn(self) -> str:
        return self.node.function_arn

    def _record(self, message: Message) -> dict[str, Any]:
        record = sqs_record(message.body, self._queue.node.arn, id=message.id, receives=message.receives)
        return {
            **record,
            "receiptHandle": message.receipt,
            "attributes": message.system_attributes(self._queue.node.fifo, self._sender),
            "messageAttributes": in_record(message.attributes),
            "md5OfBody": md5_of_body(message.body),
            "awsRegion": self._region,
        }

    def _launch(self) -> None:
        batch, self._gathered, self._gathered_bytes = self._gathered, [], 0
        self._running += 1
        self._clock.spawn(self._run(batch))

    async def _run(self, batch: list[tuple[Message, dict[str, Any]]]) -> None:
        messages = [message for message, _ in batch]
        event = as_text(sqs_lambda_event([record for _, record in batch]))
        try:
            answer, attempts = await self._call(messages, event)
            self._settle(messages, answer, attempts)
        finally:
            self._running -= 1
            self._wake()

    async def _call(self, messages: list[Message], event: str) -> tuple[Invocation, list[Attempt]]:
        """Invoke; when throttled, again with growing waits until the messages become visible anyway."""
        until = min(message.visible_at for message in messages)
        deliveries = [message.delivery for message in messages if message.delivery]
        headers = [message.trace_header for message in messages]
        header = headers[0] if len(headers) == 1 else merged(headers)
        wait = 1.0
        while True:
            answer, attempts = await self._caller.call(self._arn, event, deliveries, trace_header=header)
            if answer.fault is not Fault.THROTTLED or self._clock.now() + wait >= until:
                return answer, attempts
            await self._clock.sleep(wait)
            wait = min(wait * 2, 60.0)

    def _settle(self, messages: list[Message], answer: Invocation, attempts: list[Attempt]) -> None:
        """Delete what was processed. What was not, becomes visible when its visibility timeout ends."""
        deliveries = [message.delivery for message in messages if message.delivery]
        if answer.fault is Fault.RECURSION:
            for message in messages:
                self._queue.give_up(message, answer.error_message)
            return
        if answer.fault or (not self._queue.node.fifo and self._caller.comes_again(self._arn, deliveries)):
            return
        ids = [message.id for message in messages]
        failed = failed_records(answer.payload, ids) if self.node.partial_failures else frozenset()
        by_delivery = {id(m.delivery): a for m, a in zip((m for m in messages if m.delivery), attempts, strict=True)}
        for message in messages:
            if message.id not in failed:
                self._queue.remove(message)
            elif attempt := by_delivery.get(id(message.delivery)):
                attempt.failed = True
                kind, text = error_of_record(answer, message.id, alone=len(failed) == 1)
                attempt.error_type = kind or attempt.error_type or "BatchItemFailure"
                attempt.error_message = text or attempt.error_message or "the handler returned this record as failed"
