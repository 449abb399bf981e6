"""The order in which a queue hands its messages out."""

from collections import OrderedDict, deque
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
    """First visible, first out."""

    def __init__(self) -> None:
        self._visible: OrderedDict[str, Message] = OrderedDict()

    def __len__(self) -> int:
        return len(self._visible)

    def add(self, message: Message) -> None:
        """See Shelf."""
        if message.place is Place.VISIBLE:
            self._visible[message.id] = message

    def back(self, message: Message) -> None:
        """See Shelf."""
        message.place = Place.VISIBLE
        self._visible[message.id] = message

    def take(self, maximum: int) -> list[Message]:
        """See Shelf."""
        taken: list[Message] = []
        while self._visible and len(taken) < maximum:
            message = self._visible.popitem(last=False)[1]
            message.place = Place.IN_FLIGHT
            taken.append(message)
        return taken

    def discard(self, message: Message) -> None:
        """See Shelf."""
        self._visible.pop(message.id, None)


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
