"""The index of one path."""

import ipaddress
from collections.abc import Callable
from typing import Any

from cdk_event_flow.match.index.ranges import Ranges
from cdk_event_flow.match.index.slots import Slots, union
from cdk_event_flow.match.index.texts import Affixes, Alike, Networks, OneByOne
from cdk_event_flow.match.index.wildcards import Wildcards
from cdk_event_flow.match.operators.anything_but import AnythingBut
from cdk_event_flow.match.operators.base import Leaf, comparable, is_number
from cdk_event_flow.match.operators.cidr import Cidr
from cdk_event_flow.match.operators.equals_ignore_case import EqualsIgnoreCase
from cdk_event_flow.match.operators.exact import Exact, spelt_many_ways
from cdk_event_flow.match.operators.exists import Exists
from cdk_event_flow.match.operators.numeric import Numeric
from cdk_event_flow.match.operators.prefix import Prefix
from cdk_event_flow.match.operators.suffix import Suffix
from cdk_event_flow.match.operators.wildcard import Wildcard

REMEMBERED_BITS = 2 << 23  # of answers, for each path: two megabytes
LONGEST_REMEMBERED = 256  # characters


class PathIndex:
    """Add the leaves of every alternative, then `freeze`; `mask(value)` are those that a value lets through."""

    def __init__(self) -> None:
        self.strings = Slots()
        self.numbers = Slots()
        self.constants: dict[bool | None, list[int]] = {True: [], False: [], None: []}
        self.ranges = Ranges()
        self.prefixes = Affixes(end=False, ignore_case=False)
        self.suffixes = Affixes(end=True, ignore_case=False)
        self.alike_prefixes = Affixes(end=False, ignore_case=True)
        self.alike_suffixes = Affixes(end=True, ignore_case=True)
        self.alike = Alike()
        self.networks = Networks()
        self.wildcards = Wildcards()
        self.one_by_one = OneByOne()
        self.there: list[int] = []
        self.absent: list[int] = []
        # The nth `anything-but` of an alternative stands in the nth: who, and what is excluded.
        self.exclusions: list[tuple[list[int], PathIndex]] = []
        self.known: dict[str, int] = {}  # answers for strings seen lately
        self._room = 0
        self._texts: tuple[Callable[[str], int], ...] = ()
        self._excluded: tuple[tuple[int, PathIndex], ...] = ()
        self._always = 0
        self._constants: dict[bool | None, int] = {}

    def add(self, leaves: tuple[Leaf, ...], who: int) -> None:
        """The alternatives `who` pass what one of the leaves passes."""
        excluding = 0
        for leaf in leaves:
            if isinstance(leaf, AnythingBut):
                if excluding == len(self.exclusions):
                    self.exclusions.append(([], PathIndex()))
                excepted, excluded = self.exclusions[excluding]
                excepted.append(who)
                excluded.add(leaf.excluded, who)
                excluding += 1
            else:
                self._add(leaf, who)

    def _add(self, leaf: Leaf, who: int) -> None:
        match leaf:
            case Exact():
                self._add_literal(leaf.literal, who)
            case Numeric():
                self.ranges.add(leaf.terms, who)
            case Exists(there):
                (self.there if there else self.absent).append(who)
            case Prefix(text, False):
                self.prefixes.add(text, who)
            case Suffix(text, False):
                self.suffixes.add(text, who)
            case Prefix(text, True) if text.isascii():
                self.alike_prefixes.add(text, who)
            case Suffix(text, True) if text.isascii():
                self.alike_suffixes.add(text, who)
            case EqualsIgnoreCase(text) if text.isascii():
                self.alike.add(text, who)
            case Cidr(network):
                self.networks.add(network, who)
            case Wildcard():
                self.wildcards.add(leaf, who)
            case _:
                self.one_by_one.add(leaf, who)

    def _add_literal(self, literal: Any, who: int) -> None:
        if isinstance(literal, str):
            self.strings.add(literal, who)
            if (address := spelt_many_ways(literal)) is not None:
                self.networks.add(ipaddress.ip_network(address), who)
        elif is_number(literal):
            self.numbers.add(comparable(literal), who)
        else:
            self.constants[literal].append(who)

    def freeze(self, always: int = 0) -> None:
        """`always` are the alternatives that do not ask for this path."""
        self._always = always | union(self.there)
        self._room = max(64, REMEMBERED_BITS // max(1, always.bit_length()))
        self.strings.always = self.numbers.always = self._always
        self._constants = {constant: self._always | union(who) for constant, who in self.constants.items()}
        kinds = (
            self.prefixes,
            self.suffixes,
            self.alike_prefixes,
            self.alike_suffixes,
            self.alike,
            self.networks,
            self.wildcards,
            self.one_by_one,
        )
        for kind in kinds:
            kind.freeze()
        self._texts = tuple(kind.mask for kind in kinds if kind)
        self.ranges.freeze()
        for _, excluded in self.exclusions:
            excluded.freeze()
        self._excluded = tuple((union(who), excluded) for who, excluded in self.exclusions)

    def mask(self, value: Any) -> int:
        """The alternatives that the value lets through, and those that do not ask."""
        if isinstance(value, str):
            return self._text(value)
        if value is None or value is True or value is False:
            found = self._constants[value]
        elif isinstance(value, int | float):
            number = comparable(value)
            found = self.numbers[number]
            if self.ranges:
                found |= self.ranges.mask(number)
        else:
            found = self._always
        return self._but_for(found, value)

    def _text(self, value: str) -> int:
        if value in self.known:
            return self.known[value]
        found = self.strings[value]
        for texts in self._texts:
            found |= texts(value)
        found = self._but_for(found, value)
        if len(self.known) >= self._room:
            self.known.clear()
        if len(value) <= LONGEST_REMEMBERED:
            self.known[value] = found
        return found

    def _but_for(self, found: int, value: Any) -> int:
        for who, excluded in self._excluded:
            found |= who & ~excluded.mask(value)
        return found
