"""What strings are matched by: their beginnings and ends by length, their form without case, the network they lie in."""

from collections.abc import Callable

from cdk_event_flow.match.index.slots import Slots, union
from cdk_event_flow.match.operators.base import Leaf
from cdk_event_flow.match.operators.cidr import Network, address


class Affixes:
    """Beginnings, or ends, by length. Without case only ASCII stands here, where lower() says it all."""

    def __init__(self, *, end: bool, ignore_case: bool) -> None:
        self._end = end
        self._ignore_case = ignore_case
        self._by_length: dict[int, Slots] = {}
        self._sorted: list[tuple[int, Slots]] = []

    def __bool__(self) -> bool:
        return bool(self._by_length)

    def add(self, text: str, who: int) -> None:
        """Put a set of alternatives under a beginning or an end."""
        key = text.lower() if self._ignore_case else text
        self._by_length.setdefault(len(text), Slots()).add(key, who)

    def freeze(self) -> None:
        """Shorter ones first."""
        self._sorted = sorted(self._by_length.items(), key=lambda each: each[0])

    def mask(self, value: str) -> int:
        """The alternatives whose text the value begins, or ends, with."""
        found, length = 0, len(value)
        for size, slots in self._sorted:
            if size > length:
                break
            part = value[length - size :] if self._end else value[:size]
            if self._ignore_case:
                if part.isascii():
                    found |= slots[part.lower()]
            else:
                found |= slots[part]
        return found


class Alike:
    """Whole ASCII texts without case."""

    def __init__(self) -> None:
        self._slots = Slots()

    def __bool__(self) -> bool:
        return bool(self._slots.added)

    def add(self, text: str, who: int) -> None:
        """Put a set of alternatives under a text."""
        self._slots.add(text.lower(), who)

    def freeze(self) -> None:
        """Nothing is left to do."""

    def mask(self, value: str) -> int:
        """The alternatives whose text this is in some case."""
        return self._slots[value.lower()] if value.isascii() else 0


class Networks:
    """Networks by version and length of mask; single addresses that can be spelt many ways are the longest."""

    def __init__(self) -> None:
        self._slots: dict[tuple[int, int], Slots] = {}

    def __bool__(self) -> bool:
        return bool(self._slots)

    def add(self, network: Network, who: int) -> None:
        """Put a set of alternatives under a network."""
        shift = network.max_prefixlen - network.prefixlen
        slots = self._slots.setdefault((network.version, shift), Slots())
        slots.add(int(network.network_address) >> shift, who)

    def freeze(self) -> None:
        """Nothing is left to do."""

    def mask(self, value: str) -> int:
        """The alternatives with a network that the value is an address of."""
        parsed = address(value)
        if parsed is None:
            return 0
        found, number = 0, int(parsed)
        for (version, shift), slots in self._slots.items():
            if version == parsed.version:
                found |= slots[number >> shift]
        return found


class OneByOne:
    """The few texts that need the operator itself: without case and beyond ASCII."""

    def __init__(self) -> None:
        self._added: dict[Leaf, list[int]] = {}
        self._sets: list[tuple[Callable[[object], bool], int]] = []

    def __bool__(self) -> bool:
        return bool(self._added)

    def add(self, leaf: Leaf, who: int) -> None:
        """Put a set of alternatives under an operator."""
        self._added.setdefault(leaf, []).append(who)

    def freeze(self) -> None:
        """Sets, once and for all."""
        self._sets = [(leaf.matches, union(added)) for leaf, added in self._added.items()]

    def mask(self, value: str) -> int:
        """The alternatives whose operator passes the value."""
        found = 0
        for matches, who in self._sets:
            if matches(value):
                found |= who
        return found
