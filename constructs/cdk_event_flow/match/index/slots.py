"""Keys to sets of alternatives; a set is a number with a bit for each, made when it is first asked for."""

from collections.abc import Hashable, Iterable


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


class Slots(dict[Hashable, int]):
    """`slots[key]` is `always` and the alternatives added under the key. Unknown keys are not remembered."""

    __slots__ = ("added", "always")

    def __init__(self) -> None:
        super().__init__()
        self.always = 0
        self.added: dict[Hashable, list[int]] = {}

    def add(self, key: Hashable, alternative: int) -> None:
        """Put an alternative under a key."""
        if key in self.added:
            self.added[key].append(alternative)
        else:
            self.added[key] = [alternative]

    def __missing__(self, key: Hashable) -> int:
        added = self.added.get(key)
        if added is None:
            return self.always
        mask = self[key] = self.always | bits(added)
        return mask
