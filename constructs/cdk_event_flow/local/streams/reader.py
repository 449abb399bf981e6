"""One mapping or pipe that reads a stream: filters, lanes, and what becomes of batches.

Records of a shard with the same key stay in order, and a batch that fails keeps those behind it waiting.
https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html
https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
"""

import base64
import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from cdk_event_flow.flow.model import EventSourceMapping
from cdk_event_flow.flow.payload import as_text
from cdk_event_flow.local.callers import Caller
from cdk_event_flow.local.ends import lay_down, processed
from cdk_event_flow.local.hub import Hub
from cdk_event_flow.local.invocation import Fault, Invocation
from cdk_event_flow.local.keeper import Kind
from cdk_event_flow.local.post import Parcel
from cdk_event_flow.local.records import failed_records
from cdk_event_flow.local.streams.discarded import metadata
from cdk_event_flow.local.streams.lane import Batch, Lane
from cdk_event_flow.local.streams.record import Record
from cdk_event_flow.local.trace import Attempt, Delivery, State
from cdk_event_flow.match import FilterCriteria
from cdk_event_flow.match.criteria import Source


class Reader:
    """Reads one stream for one function or pipe, which `caller` calls.

    Where a pipe reads, `mapping` is the pipe as one. `retention` in seconds; `shape` makes of a record what the reader sees of
    it. It is shown as of `kind`, `via` the mapping.
    """

    def __init__(
        self,
        mapping: EventSourceMapping,
        caller: Caller,
        *,
        hub: Hub,
        via: str,
        kind: str,
        retention: float,
        shape: Callable[[dict[str, Any]], dict[str, Any]] = dict,
    ) -> None:
        self.mapping = mapping
        self.caller = caller
        self.hub = hub
        self._via = via
        self._kind = kind
        self._shape = shape
        self._max_age = retention if mapping.max_age is None else min(retention, mapping.max_age)
        self._since = mapping.since if mapping.position == "AT_TIMESTAMP" else 0.0
        source: Source = "dynamodb" if ":dynamodb:" in mapping.source_arn else "kinesis"
        self._filters = FilterCriteria(list(mapping.filters), source) if mapping.filters else None
        self._lanes: dict[tuple[str, int], Lane] = {}
        self._count = 0

    @property
    def arn(self) -> str:
        """What is called with the records."""
        return self.mapping.function_arn

    def offer(self, record: dict[str, Any], delivery: Delivery, *, shard: str, sequence: str, key: str) -> None:
        """A record came; it is taken as a child of `delivery`, and left out where a filter or the starting position says so."""
        mapping, trace = self.mapping, self.hub.trace
        if not mapping.enabled:
            return
        text = _readable(record)
        shown = self._shape({**record, "eventSourceARN": mapping.source_arn})
        child = trace.child(delivery, self._kind, self.arn, self.caller.name(self.arn), text, via=self._via)
        now = self.hub.clock.now()
        if now < self._since:
            trace.end(child, State.DROPPED, "it came before the starting position")
        elif self._filters and not self._filters.matches(shown):
            trace.end(child, State.DROPPED, f"no filter of {self.caller.name(self.arn)} matches")
        else:
            self._count += 1
            self.resume(
                Record(
                    number=self._count,
                    reader=mapping.arn,
                    shard=shard,
                    sequence=sequence,
                    key=key,
                    shown=shown,
                    arrived=now,
                    size=len(as_text(shown).encode()),
                    delivery=child,
                )
            )

    def resume(self, record: Record) -> None:
        """Take a record, perhaps one that an earlier process held: it is tried as if for the first time."""
        self._count = max(self._count, record.number)
        self.hub.keep.put(Kind.RECORD, record.id, record)
        number = int(hashlib.md5(record.key.encode(), usedforsecurity=False).hexdigest(), 16) % max(1, self.mapping.parallel)
        lane = self._lanes.get((record.shard, number))
        if lane is None:
            lane = self._lanes[record.shard, number] = Lane(self, record.shard)
        lane.add(record)

    def payload(self, records: list[Record], more: Mapping[str, Any]) -> str:
        """What the function is called with."""
        return as_text({"Records": [record.shown for record in records], **more})

    def too_old(self, record: Record) -> bool:
        """Whether it is discarded for its age."""
        return self.hub.clock.now() - record.arrived > self._max_age

    def failed(self, batch: Batch, answer: Invocation) -> int | None:
        """From which record of the batch on it has failed; None where it has not."""
        if answer.fault:
            return 0
        if not self.mapping.partial_failures:
            return None
        named = "sequence" if self._kind == "function" else "eventID"
        ids = [record.sequence if named == "sequence" else str(record.shown[named]) for record in batch.records]
        bad = failed_records(answer.payload, ids)
        return next((n for n, one in enumerate(ids) if one in bad), None)

    def tell_failed(self, since: int, attempts: list[Attempt]) -> None:
        """The handler gave these records back."""
        for attempt in attempts[since:]:
            attempt.failed = True
            attempt.error_type = attempt.error_type or "BatchItemFailure"
            attempt.error_message = attempt.error_message or "the handler returned this record as failed, or one before it"

    def done(self, records: list[Record]) -> None:
        """These are over, and all is well."""
        for record in records:
            self._forget(record)
            processed(self.hub.trace, record.delivery)

    def discard(self, records: list[Record], condition: str, tries: int, answer: Invocation | None) -> None:
        """These are given up; a failure destination gets one document of them."""
        if not records:
            return
        mapping, trace = self.mapping, self.hub.trace
        for record in records:
            self._forget(record)
            error = record.delivery.last_error or condition
            if mapping.on_failure:
                trace.end(record.delivery, State.DESTINATION, error, where=mapping.on_failure)
            else:
                trace.end(record.delivery, State.DROPPED, f"{condition} after {error} (no failure destination)")
        if mapping.on_failure:
            parcel = self._document(records, condition, tries, answer, mapping.on_failure)
            lay_down(self.hub, mapping.on_failure, parcel, records[0].delivery, via="on failure")

    def _document(self, records: list[Record], condition: str, tries: int, answer: Invocation | None, arn: str) -> Parcel:
        hub = self.hub
        made = metadata(records, self.mapping, condition=condition, tries=tries, answer=answer, ids=hub.ids, now=hub.clock.now())
        if ":s3:" not in arn:
            return Parcel(body=as_text(made.document))
        return Parcel(body=as_text({**made.document, "payload": self.payload(records, {})}), key=made.key)

    def _forget(self, record: Record) -> None:
        self.hub.keep.drop(Kind.RECORD, record.id)

    def throttled(self, answer: Invocation) -> bool:
        """Whether the function was not called at all."""
        return answer.fault is Fault.THROTTLED


def _readable(record: Mapping[str, Any]) -> str:
    """What a record carries, as people read it."""
    if "kinesis" not in record:
        return as_text(record)
    data = base64.b64decode(record["kinesis"]["data"])
    try:
        return data.decode()
    except UnicodeDecodeError:
        return str(record["kinesis"]["data"])
