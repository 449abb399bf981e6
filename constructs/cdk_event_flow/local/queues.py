"""SQS queues: standard and FIFO, with visibility, delay, receive counts, redrive, retention and long polls.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/
"""

import hashlib
from collections.abc import Callable, Iterator

from cdk_event_flow.flow.model import Queue
from cdk_event_flow.local.clock import Bell
from cdk_event_flow.local.duplicates import Duplicates
from cdk_event_flow.local.hub import Hub
from cdk_event_flow.local.keeper import Kind
from cdk_event_flow.local.messages import Message, Place, size_in_bytes
from cdk_event_flow.local.post import Parcel, RefusedError
from cdk_event_flow.local.shelves import FifoShelf, Shelf, StandardShelf
from cdk_event_flow.local.trace import Delivery, State

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
MESSAGE_BYTES = 1_048_576
# So that the sequence numbers of a queue go on growing in the next process, whatever is left of its messages.
SEQUENCES_A_GENERATION = 10**9


class LocalQueue:
    """One queue of the run.

    `consumed` says that an event source mapping polls it: then its messages are pending until they end, else they rest.
    `available` is called when a message becomes visible; whoever listens receives for himself.
    """

    kind = "queue"

    def __init__(self, node: Queue, *, hub: Hub) -> None:
        self.node = node
        self.name = node.name
        self.consumed = False
        self.available: list[Callable[[], None]] = []
        self._clock = hub.clock
        self._ids = hub.ids
        self._trace = hub.trace
        self._post = hub.post
        self._keep = hub.keep
        self._sequence = hub.keep.generation * SEQUENCES_A_GENERATION
        self._messages: dict[str, Message] = {}
        self._shelf: Shelf = FifoShelf() if node.fifo else StandardShelf()
        self.duplicates = Duplicates(hub=hub)
        self._sweep_planned = False

    def __iter__(self) -> Iterator[Message]:
        return iter(list(self._messages.values()))

    def __bool__(self) -> bool:
        """An empty queue is a queue."""
        return True

    def __len__(self) -> int:
        return len(self._messages)

    def count(self, place: Place) -> int:
        """How many messages are visible, in flight or delayed."""
        return sum(1 for message in self._messages.values() if message.place is place)

    def take(self, parcel: Parcel, delivery: Delivery) -> None:
        """Receive a delivery from another service."""
        self.send(parcel, delivery)

    def check(self, parcel: Parcel) -> None:
        """Raise RefusedError if SendMessage would refuse."""
        if size_in_bytes(parcel.body, parcel.attributes) > MESSAGE_BYTES:
            raise RefusedError(
                "InvalidParameterValue",
                f"One or more parameters are invalid. Reason: Message must be shorter than {MESSAGE_BYTES} bytes.",
                retry=False,
            )
        if self.node.fifo:
            self._deduplication_id(parcel)

    def send(self, parcel: Parcel, delivery: Delivery, *, delay: int | None = None) -> Message:
        """Accept a message; `delay` in seconds overrides the queue's. Raises RefusedError as SendMessage refuses.

        A duplicate within five minutes (FIFO) ends as dropped, and the first message is given back.
        """
        self.check(parcel)
        deduplication_id = self._deduplication_id(parcel) if self.node.fifo else parcel.deduplication_id
        now = self._clock.now()
        known = self.duplicates.earlier(deduplication_id) if self.node.fifo and deduplication_id else None
        if known:
            self._trace.end(delivery, State.DROPPED, f"duplicate of message {known.message_id} within 5 minutes")
            return Message(id=known.message_id, queue=self.node.arn, body=parcel.body, sent_at=now, sequence=known.sequence)
        self._sequence += 1
        message = Message(
            id=self._ids.uuid(),
            queue=self.node.arn,
            body=parcel.body,
            sent_at=now,
            sequence=self._sequence,
            attributes=parcel.attributes,
            group_id=parcel.group_id,
            deduplication_id=deduplication_id,
            trace_header=parcel.trace_header,
            delivery=delivery,
        )
        if self.node.fifo and deduplication_id:
            self.duplicates.remember(self.node.arn, deduplication_id, message.id, message.sequence)
        wait = self.node.delay if delay is None else delay
        self._put(message, wait)
        return message

    def _deduplication_id(self, parcel: Parcel) -> str:
        if not parcel.group_id:
            raise RefusedError("MissingParameter", "The request must contain the parameter MessageGroupId.", retry=False)
        if parcel.deduplication_id:
            return parcel.deduplication_id
        if self.node.content_deduplication:
            return hashlib.sha256(parcel.body.encode()).hexdigest()
        raise RefusedError(
            "InvalidParameterValue",
            "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
            retry=False,
        )

    def keep(self, parcel: Parcel, origin: Delivery) -> None:
        """Accept a message that nothing here consumes, as the end of `origin`: a dead letter, a destination's record.

        Raises RefusedError as `send`.
        """
        self.check(parcel)
        self._sequence += 1
        message = Message(
            id=self._ids.uuid(),
            queue=self.node.arn,
            body=parcel.body,
            sent_at=self._clock.now(),
            sequence=self._sequence,
            attributes=parcel.attributes,
            group_id=parcel.group_id,
            deduplication_id=self._deduplication_id(parcel) if self.node.fifo else None,
            trace_header=parcel.trace_header,
            origin=origin,
        )
        self._put(message, self.node.delay)

    def put_moved(self, message: Message, origin: Delivery | None, source_arn: str) -> None:
        """Take a message over from a queue whose dead-letter queue this is; a standard queue keeps its sent time."""
        self._sequence += 1
        delivery = None
        if self.consumed and origin is not None:
            delivery = self._trace.child(origin, self.kind, self.node.arn, self.name, message.body, via="redrive")
        moved = Message(
            id=message.id,
            queue=self.node.arn,
            body=message.body,
            sent_at=self._clock.now() if self.node.fifo else message.sent_at,
            sequence=self._sequence,
            attributes=message.attributes,
            group_id=message.group_id,
            deduplication_id=message.deduplication_id,
            trace_header=message.trace_header,
            source_arn=source_arn,
            delivery=delivery,
            origin=origin,
        )
        self._put(moved, 0)

    def resume(self, message: Message) -> None:
        """Take back a message that an earlier process held: hidden until its time, if it was."""
        delivery, origin = message.delivery, message.origin
        if delivery is None and origin is not None and self.consumed:
            message.delivery = self._trace.child(origin, self.kind, self.node.arn, self.name, message.body, via="redrive")
        self._shelve(message)
        if message.place is not Place.VISIBLE:
            self._hide_until(message, message.visible_at)

    def _put(self, message: Message, wait: float) -> None:
        if wait > 0:
            message.place = Place.DELAYED
        self._shelve(message)
        if wait > 0:
            self._hide_until(message, self._clock.now() + wait)

    def _shelve(self, message: Message) -> None:
        self._messages[message.id] = message
        self._keep.put(Kind.MESSAGE, message.id, message)
        if not self.consumed and message.delivery:
            self._trace.rest(message.delivery)
        if not self._sweep_planned:
            self._plan_sweep(message.sent_at)
        self._shelf.add(message)
        if message.place is Place.VISIBLE:
            self._announce()

    def _announce(self) -> None:
        for listener in list(self.available):
            listener()

    def _hide_until(self, message: Message, at: float) -> None:
        message.held += 1
        held = message.held
        message.visible_at = at
        self._keep.put(Kind.MESSAGE, message.id, message)

        def appear() -> None:
            if message.held == held:
                self._appear(message)

        self._clock.call_at(message.visible_at, appear)

    def _appear(self, message: Message) -> None:
        if message.place in (Place.IN_FLIGHT, Place.DELAYED):
            message.held += 1
            self._shelf.back(message)
            self._keep.put(Kind.MESSAGE, message.id, message)
            self._announce()

    def receive(self, maximum: int = 1, *, visibility: int | None = None) -> list[Message]:
        """Up to `maximum` visible messages, now in flight for `visibility` seconds (default: the queue's).

        A message that was received `max_receives` times already moves to the dead-letter queue instead.
        """
        hidden = self.node.visibility if visibility is None else visibility
        now = self._clock.now()
        received: list[Message] = []
        while len(received) < maximum:
            batch = self._shelf.take(maximum - len(received))
            if not batch:
                break
            for message in batch:
                if message.sent_at + self.node.retention <= now:
                    self._expire(message)
                elif not self._dead_letter(message):
                    received.append(message)
        for message in received:
            message.receives += 1
            message.first_received = message.first_received or now
            message.receipt = f"{message.id}#{self._ids.hex(16)}"
            if message.delivery:
                message.delivery.receives = message.receives
            self._hide_until(message, now + hidden)
        return received

    async def receive_within(self, maximum: int, wait: float, *, visibility: int | None = None) -> list[Message]:
        """As `receive`, waiting up to `wait` seconds for the first message. The caller holds the clock."""
        until = self._clock.now() + wait
        while not (received := self.receive(maximum, visibility=visibility)):
            left = until - self._clock.now()
            if left <= 0:
                break
            bell = Bell(self._clock)
            self.available.append(bell.ring)
            try:
                with self._clock.wanted():
                    await self._clock.wait(bell, left)
            finally:
                self.available.remove(bell.ring)
        return received

    def _dead_letter(self, message: Message) -> bool:
        """Move a message that had its receives; False when it may be received (again)."""
        limit, arn = self.node.max_receives, self.node.dead_letter_arn
        if limit is None or arn is None or message.receives < limit:
            return False
        return self._to_dead_letters(message, arn)

    def give_up(self, message: Message, reason: str) -> None:
        """The message is not to come again: it is a dead letter at once, or dropped where there is no dead-letter queue."""
        arn = self.node.dead_letter_arn
        if arn is None or not self._to_dead_letters(message, arn):
            self.remove(message, State.DROPPED, reason)

    def _to_dead_letters(self, message: Message, arn: str) -> bool:
        target = self._post.find(arn)
        if not isinstance(target, LocalQueue):
            return False
        self._forget(message)
        origin = message.delivery or message.origin
        if message.delivery:
            error = message.delivery.last_error or "never deleted"
            self._trace.end(message.delivery, State.DEAD_LETTERED, error, where=arn)
        target.put_moved(message, origin, self.node.arn)
        return True

    def find(self, receipt: str) -> Message | None:
        """The message of a receipt handle, while it is in the queue. A FIFO queue wants the newest handle."""
        message = self._messages.get(receipt.partition("#")[0])
        if message is None or (self.node.fifo and message.receipt != receipt):
            return None
        return message

    def remove(self, message: Message, state: State = State.PROCESSED, reason: str = "") -> None:
        """The message ends here. Harmless when it is gone already."""
        if message.place is Place.GONE:
            return
        self._forget(message)
        if message.delivery and state is State.PROCESSED and message.delivery.children:
            self._trace.forward(message.delivery)  # a pipe handed it on
        elif message.delivery:
            self._trace.end(message.delivery, state, reason)
        if self.node.fifo and self._shelf:
            self._announce()

    def withdraw(self, message: Message) -> None:
        """Take the message out without an end: somebody else carries on with its delivery."""
        self._forget(message)

    def change_visibility(self, message: Message, seconds: int) -> None:
        """ChangeMessageVisibility for a message in flight, from 0 s to 12 h from now."""
        if message.place is Place.IN_FLIGHT:
            if seconds == 0:
                self._appear(message)
            else:
                self._hide_until(message, self._clock.now() + seconds)

    def purge(self) -> None:
        """PurgeQueue."""
        for message in self:
            self.remove(message, State.DROPPED, "purged")

    def _forget(self, message: Message) -> None:
        message.held += 1
        del self._messages[message.id]
        self._keep.drop(Kind.MESSAGE, message.id)
        self._shelf.discard(message)
        message.place = Place.GONE

    def _expire(self, message: Message) -> None:
        error = message.delivery.last_error if message.delivery else ""
        reason = f"retention of {self.node.retention} s is over" + (f" after {error}" if error else "")
        self.remove(message, State.DROPPED, reason)

    def _plan_sweep(self, oldest: float) -> None:
        self._sweep_planned = True
        self._clock.call_at(oldest + self.node.retention, self._sweep)

    def _sweep(self) -> None:
        now = self._clock.now()
        for message in self:
            if message.sent_at + self.node.retention <= now:
                self._expire(message)
        self._sweep_planned = False
        if self._messages:
            self._plan_sweep(min(message.sent_at for message in self._messages.values()))
