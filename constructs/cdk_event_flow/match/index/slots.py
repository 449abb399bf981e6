"""Keys to sets of alternatives; a set is a number with a bit for each, joined when it is first asked for."""

from collections.abc import Hashable, Iterable
from functools import reduce
from operator import or_


def bits(numbers: Iterable[int]) -> int:
    """The number that has these bits."""
    found = list(numbers)
    if len(found) < 16:
        mask = 0
        for each in found:
            mask |= 1 << each
        return mask
    buffer = bytearray((max(found) >> 3) + 1)
    for each in found:
        buffer[each >> 3] |= 1 << (each & 7)
    return int.from_bytes(buffer, "little")


def union(sets: Iterable[int]) -> int:
    """All of the sets."""
    return reduce(or_, sets, 0)


class Slots(dict[Hashable, int]):
    """`slots[key]` is `always` and the sets added under the key. Unknown keys are not remembered."""

    __slots__ = ("added", "always")

    def __init__(self) -> None:
        self.always = 0
        self.added: dict[Hashable, list[int]] = {}

    def add(self, key: Hashable, who: int) -> None:
        """Put a set of alternatives under a key."""
        if key in self.added:
            self.added[key].append(who)
        else:
            self.added[key] = [who]

    def __missing__(self, key: Hashable) -> int:
        added = self.added.get(key)
        if added is None:
            return self.always
        mask = self[key] = self.always | union(added)
        return mask
