"""Tumbling windows of a stream: records of one window share a state, which the function hands on.

https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html
"""

import json
from collections.abc import Sequence
from typing import Any

from cdk_event_flow.local.ids import iso_seconds
from cdk_event_flow.local.invocation import Invocation
from cdk_event_flow.local.streams.record import Record

STATE_BYTES = 1_048_576


class Tumbling:
    """The open window of one lane. `held` are the records that it has processed; they are over when the window is."""

    def __init__(self, seconds: int, shard: str, source_arn: str) -> None:
        self._seconds = seconds
        self._shard = shard
        self._source_arn = source_arn
        self._start: float | None = None
        self._state: dict[str, Any] = {}
        self.held: list[Record] = []

    @property
    def end(self) -> float | None:
        """When the open window ends, epoch seconds; None where none is open."""
        return None if self._start is None else self._start + self._seconds

    def together(self, one: Record, other: Record) -> bool:
        """Whether both are of the same window."""
        return self._of(one) == self._of(other)

    def ends_before(self, waiting: Sequence[Record], now: float) -> bool:
        """Whether the open window is over before the next record."""
        if self._start is None:
            return False
        return self._of(waiting[0]) != self._start if waiting else now >= self._start + self._seconds

    def event(self, records: Sequence[Record], *, final: bool) -> dict[str, Any]:
        """What stands beside the records."""
        if self._start is None and records:
            self._start = self._of(records[0])
        start = self._start or 0.0
        return {
            "window": {"start": iso_seconds(start), "end": iso_seconds(start + self._seconds)},
            "state": self._state,
            "shardId": self._shard,
            "eventSourceARN": self._source_arn,
            "isFinalInvokeForWindow": final,
            "isWindowTerminatedEarly": False,
        }

    def accepts(self, answer: Invocation) -> bool:
        """Take the state of an answer; False where there is none that can be read, which is a failure of the batch."""
        try:
            given = json.loads(answer.payload) if answer.payload.strip() else None
        except ValueError:
            return False
        state = given.get("state", {}) if isinstance(given, dict) else {}
        if not isinstance(state, dict) or len(json.dumps(state).encode()) > STATE_BYTES:
            return False
        self._state = state
        return True

    def close(self) -> list[Record]:
        """The window is over; returns the records that it held."""
        held, self.held = self.held, []
        self._start, self._state = None, {}
        return held

    def _of(self, record: Record) -> float:
        return record.arrived // self._seconds * self._seconds
