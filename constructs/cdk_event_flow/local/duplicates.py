"""Deduplication of FIFO queues and topics: what was accepted counts as known for five minutes.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-messagededuplicationid-property.html
"""

from dataclasses import dataclass

from cdk_event_flow.local.hub import Hub
from cdk_event_flow.local.keeper import Kind

SECONDS = 300.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """A message that `receiver` (an ARN) took under the deduplication id `key`, known until `until` (epoch seconds)."""

    receiver: str
    key: str
    message_id: str
    sequence: int
    until: float


class Duplicates:
    """What one FIFO queue or topic took in the last five minutes, by deduplication id."""

    def __init__(self, *, hub: Hub) -> None:
        self._clock = hub.clock
        self._keep = hub.keep
        self._known: dict[str, Known] = {}

    def earlier(self, key: str) -> Known | None:
        """The message that was taken under this id less than five minutes ago."""
        known = self._known.get(key)
        return known if known and known.until > self._clock.now() else None

    def remember(self, receiver: str, key: str, message_id: str, sequence: int = 0) -> None:
        """A message was taken under this id now."""
        now = self._clock.now()
        while self._known and (oldest := next(iter(self._known.values()))).until <= now:
            del self._known[oldest.key]
            self._keep.drop(Kind.DUPLICATE, f"{receiver} {oldest.key}")
        self._known.pop(key, None)
        self.resume(Known(receiver=receiver, key=key, message_id=message_id, sequence=sequence, until=now + SECONDS))

    def resume(self, known: Known) -> None:
        """Go on knowing a message."""
        self._known[known.key] = known
        self._keep.put(Kind.DUPLICATE, f"{known.receiver} {known.key}", known)
