"""One sequence of batches of a shard: the next begins when the one before it is over."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cdk_event_flow.local.invocation import Invocation
from cdk_event_flow.local.streams.record import Record
from cdk_event_flow.local.streams.tumbling import Tumbling

if TYPE_CHECKING:
    from cdk_event_flow.local.streams.reader import Reader

PAYLOAD_BYTES = 6 * 1024 * 1024
LONGEST_WAIT = 60.0  # AWS backs off exponentially and does not say how far


@dataclass(kw_only=True, slots=True)
class Batch:
    """Records that travel together. `tries` made so far; `final` ends a tumbling window and may have no records."""

    records: list[Record]
    tries: int = 0
    throttles: int = 0
    final: bool = False


class Lane:
    """The records of a shard, or of those of its keys that this lane has."""

    def __init__(self, reader: Reader, shard: str) -> None:
        self._reader = reader
        self._clock = reader.hub.clock
        self._waiting: deque[Record] = deque()
        self._batches: deque[Batch] = deque()
        self._gathered_at = 0.0
        self._running = False
        self._planned = False
        seconds = reader.mapping.tumbling
        self._tumbling = Tumbling(seconds, shard, reader.mapping.source_arn) if seconds else None

    def add(self, record: Record) -> None:
        """A record, after all that came before it."""
        if not self._waiting:
            self._gathered_at = self._clock.now()
        self._waiting.append(record)
        self._wake()

    def _wake(self) -> None:
        # Not at once: what is put in the same moment travels in the same batch.
        if not self._planned:
            self._planned = True
            self._clock.call_soon(self._go_on)

    def _go_on(self) -> None:
        self._planned = False
        if self._running:
            return
        batch = self._batches.popleft() if self._batches else self._gather()
        if batch is not None:
            self._running = True
            self._clock.spawn(self._run(batch))

    def _gather(self) -> Batch | None:
        """The next batch, when it is full or its window is over."""
        if self._tumbling and self._tumbling.ends_before(self._waiting, self._clock.now()):
            return Batch(records=[], final=True)
        records: list[Record] = []
        size = 0
        for record in self._waiting:
            size += record.size
            of_another = self._tumbling is not None and bool(records) and not self._tumbling.together(records[0], record)
            if len(records) == self._reader.mapping.batch_size or (records and size > PAYLOAD_BYTES) or of_another:
                break
            records.append(record)
        if not records:
            self._wake_at_end()
            return None
        full = len(records) == self._reader.mapping.batch_size or len(records) < len(self._waiting)
        launch_at = self._gathered_at + self._reader.mapping.window
        if not full and self._clock.now() < launch_at:
            self._clock.call_at(launch_at, self._wake)
            return None
        for _ in records:
            self._waiting.popleft()
        self._gathered_at = self._clock.now()
        return Batch(records=records)

    def _wake_at_end(self) -> None:
        if self._tumbling and self._tumbling.end is not None:
            self._clock.call_at(self._tumbling.end, self._wake)

    async def _run(self, batch: Batch) -> None:
        try:
            await self._process(batch)
        finally:
            self._running = False
            self._wake()

    async def _process(self, batch: Batch) -> None:
        reader = self._reader
        old = [record for record in batch.records if reader.too_old(record)]
        if old:
            batch.records = [record for record in batch.records if record not in old]
            reader.discard(old, "RecordAgeExceeded", batch.tries, None)
            if not batch.records:
                return
        more: Mapping[str, Any] = self._tumbling.event(batch.records, final=batch.final) if self._tumbling else {}
        deliveries = [record.delivery for record in batch.records]
        if batch.final and self._tumbling:
            deliveries = [record.delivery for record in self._tumbling.held]
        answer, attempts = await reader.caller.call(reader.arn, reader.payload(batch.records, more), deliveries)
        failed = reader.failed(batch, answer)
        if self._tumbling and failed is None and not self._tumbling.accepts(answer):
            failed = 0
        if failed is None:
            if reader.caller.comes_again(reader.arn, deliveries):
                self._batches.appendleft(batch)
            else:
                self._done(batch)
            return
        if not answer.fault:
            reader.tell_failed(failed, attempts)
        reader.done(batch.records[:failed])
        batch.records = batch.records[failed:]
        await self._again(batch, answer)

    def _done(self, batch: Batch) -> None:
        if self._tumbling is None:
            self._reader.done(batch.records)
        elif batch.final:
            self._reader.done(self._tumbling.close())
        else:
            self._tumbling.held += batch.records  # open until their window is over

    async def _again(self, batch: Batch, answer: Invocation) -> None:
        """Try a batch again that failed, in halves where the reader says so, or give it up."""
        reader = self._reader
        mapping = reader.mapping
        throttles = batch.throttles + 1 if reader.throttled(answer) else 0
        if throttles:
            batch.throttles = throttles  # the quota of retries counts calls of the function
        elif mapping.bisect and len(batch.records) > 1:
            middle = len(batch.records) // 2
            self._batches.appendleft(Batch(records=batch.records[middle:], tries=batch.tries))
            self._batches.appendleft(Batch(records=batch.records[:middle], tries=batch.tries))
            return
        else:
            batch.tries += 1
            if mapping.retries is not None and batch.tries > mapping.retries:
                given_up = self._tumbling.close() if batch.final and self._tumbling else batch.records
                reader.discard(given_up, "RetryAttemptsExhausted", batch.tries, answer)
                return
        self._batches.appendleft(batch)
        await self._clock.sleep(min(2.0 ** min((throttles or batch.tries) - 1, 6), LONGEST_WAIT))
