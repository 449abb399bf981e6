"""The order in which a queue hands its messages out."""

from collections import Counter, OrderedDict, deque
from typing import Protocol

from cdk_event_flow.local.messages import Message, Place


class Shelf(Protocol):
    """Messages of one queue; keeps `Message.place`."""

    def add(self, message: Message) -> None:
        """A new message, visible unless it is delayed."""
        ...

    def back(self, message: Message) -> None:
        """A message in flight, or delayed, is visible (again)."""
        ...

    def take(self, maximum: int) -> list[Message]:
        """Up to `maximum` visible messages, now in flight."""
        ...

    def discard(self, message: Message) -> None:
        """The message is gone."""
        ...

    def __len__(self) -> int: ...


class StandardShelf:
    """First visible, first out; where messages have groups, a group that has many in flight waits for the others.

    A message without a group stands for itself.
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html
    """

    def __init__(self) -> None:
        self._groups: dict[str | None, OrderedDict[str, tuple[int, Message]]] = {}
        self._in_flight: Counter[str] = Counter()
        self._count = 0

    def __len__(self) -> int:
        return sum(len(group) for group in self._groups.values())

    def add(self, message: Message) -> None:
        """See Shelf."""
        if message.place is Place.VISIBLE:
            self._count += 1
            self._groups.setdefault(message.group_id, OrderedDict())[message.id] = (self._count, message)
        elif message.place is Place.IN_FLIGHT and message.group_id is not None:
            self._in_flight[message.group_id] += 1

    def back(self, message: Message) -> None:
        """See Shelf."""
        self._landed(message)
        message.place = Place.VISIBLE
        self.add(message)

    def take(self, maximum: int) -> list[Message]:
        """See Shelf."""
        taken: list[Message] = []
        while self._groups and len(taken) < maximum:
            group = next(iter(self._groups)) if len(self._groups) == 1 else min(self._groups, key=self._turn)
            waiting = self._groups[group]
            _, message = waiting.popitem(last=False)[1]
            if not waiting:
                del self._groups[group]
            message.place = Place.IN_FLIGHT
            if message.group_id is not None:
                self._in_flight[message.group_id] += 1
            taken.append(message)
        return taken

    def discard(self, message: Message) -> None:
        """See Shelf."""
        self._landed(message)
        waiting = self._groups.get(message.group_id)
        if waiting is not None:
            waiting.pop(message.id, None)
            if not waiting:
                del self._groups[message.group_id]

    def _turn(self, group: str | None) -> tuple[int, int]:
        """Who has least in flight, and among those who waits longest."""
        return (0 if group is None else self._in_flight[group], next(iter(self._groups[group].values()))[0])

    def _landed(self, message: Message) -> None:
        if message.place is Place.IN_FLIGHT and message.group_id is not None:
            self._in_flight[message.group_id] -= 1
            if self._in_flight[message.group_id] <= 0:
                del self._in_flight[message.group_id]


class FifoShelf:
    """In order within a message group; a group with a message in flight gives no other."""

    def __init__(self) -> None:
        self._groups: dict[str, deque[Message]] = {}

    def __len__(self) -> int:
        return sum(len(group) for group in self._groups.values())

    def add(self, message: Message) -> None:
        """See Shelf."""
        self._groups.setdefault(message.group_id or "", deque()).append(message)

    def back(self, message: Message) -> None:
        """See Shelf."""
        message.place = Place.VISIBLE

    def take(self, maximum: int) -> list[Message]:
        """See Shelf. As many as possible from the group whose first message is the oldest, then from the next."""
        taken: list[Message] = []
        free = (g for g in self._groups.values() if not any(m.place is Place.IN_FLIGHT for m in g))
        for group in sorted(free, key=lambda g: g[0].sequence):
            for message in group:
                if len(taken) == maximum or message.place is not Place.VISIBLE:
                    break
                taken.append(message)
        for message in taken:
            message.place = Place.IN_FLIGHT
        return taken

    def discard(self, message: Message) -> None:
        """See Shelf."""
        group = self._groups[message.group_id or ""]
        group.remove(message)
        if not group:
            del self._groups[message.group_id or ""]
