"""Whether one value can pass several lists of leaves and none of some others; the value is the proof."""

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, islice, pairwise, product
from typing import Any, Final

from cdk_event_flow.match.analysis.globs import Glob, Row, Truth, row, shortest
from cdk_event_flow.match.operators.anything_but import AnythingBut
from cdk_event_flow.match.operators.base import Leaf, comparable, is_number
from cdk_event_flow.match.operators.cidr import Address, Cidr
from cdk_event_flow.match.operators.exact import Exact, spelt_many_ways
from cdk_event_flow.match.operators.exists import Exists, wants_absence
from cdk_event_flow.match.operators.numeric import Numeric

Leaves = tuple[Leaf, ...]
MOST_GUESSES = 64


@dataclass(frozen=True, slots=True)
class Unknown:
    """Neither shown nor excluded; `reason` says why. All are equal to `UNKNOWN`, whatever their reason."""

    reason: str = field(compare=False)


UNKNOWN: Final = Unknown("")


class _Absent:
    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()  # the field is not there
NOTHING: Final = object()  # no value passes


@lru_cache(maxsize=65_536)
def find(all_of: tuple[Leaves, ...], none_of: Leaves = ()) -> Any:
    """A scalar that passes a leaf of each of `all_of` and no leaf of `none_of`; ABSENT, NOTHING or an Unknown."""
    if not any(map(wants_absence, none_of)) and all(any(map(wants_absence, leaves)) for leaves in all_of):
        return ABSENT
    atoms = list(dict.fromkeys(_atoms([leaf for leaves in (*all_of, none_of) for leaf in leaves])))
    finite = _finite(all_of)
    guesses = finite if finite is not None else _few(atoms, all_of)
    for guess in guesses:
        if _passes(guess, all_of, none_of):
            return guess
    mixed = any(row(atom) is not None and not isinstance(atom, Exact) for atom in atoms)
    if not mixed:
        return NOTHING
    if finite is None:
        text = _by_automaton(atoms, all_of, none_of)
        if isinstance(text, str) and _passes(text, all_of, none_of):
            return text
        if text is not False:
            return Unknown("too many cases to decide")
    if any(isinstance(atom, Cidr) or _address(atom) for atom in atoms):
        return Unknown("addresses can be written in several ways")
    return NOTHING


def _passes(value: Any, all_of: Iterable[Leaves], none_of: Leaves) -> bool:
    return all(any(leaf.matches(value) for leaf in leaves) for leaves in all_of) and not any(leaf.matches(value) for leaf in none_of)


def _atoms(leaves: Iterable[Leaf]) -> Iterator[Leaf]:
    for leaf in leaves:
        if isinstance(leaf, AnythingBut):
            yield from leaf.excluded
        else:
            yield leaf


def _finite(all_of: Sequence[Leaves]) -> list[Any] | None:
    """All values that one of the lists lets through, if it is a list of literals."""
    for leaves in all_of:
        literals = [leaf.literal for leaf in leaves if isinstance(leaf, Exact)]
        if len(literals) == len(leaves):
            return [value for literal in literals for value in _spellings(literal)]
    return None


def _few(atoms: Sequence[Leaf], all_of: Sequence[Leaves]) -> Iterator[Any]:
    """Values worth trying. Of all that is no operator on strings, they are enough to decide."""
    yield _fresh(atoms)
    yield from _glued(all_of)
    for atom in atoms:
        if isinstance(atom, Exact):
            yield from _spellings(atom.literal)
    yield from _numbers(atoms)
    yield from (True, False, None)
    yield from _addresses(atoms)


def _spellings(literal: Any) -> list[Any]:
    address = spelt_many_ways(literal) if isinstance(literal, str) else None
    if address is None:
        return [literal]
    return [literal, address.compressed, address.exploded, address.compressed.upper()]


def _fresh(atoms: Iterable[Leaf]) -> str:
    """A character that no operator tells from others it does not name."""
    named = {character for atom in atoms for forms in row(atom) or () if forms for form in forms for character in form}
    return next(each for each in map(chr, chain(b"xyzabcdefghijklmnopqrstuvw", range(0x100, 0xD800))) if each not in named)


def _glued(all_of: Sequence[Leaves]) -> Iterator[str]:
    """Beginnings, middles and ends of one operator of each list, put together: nearly always passes them all."""
    rows = [[made for leaf in leaves if (made := row(leaf)) is not None] for leaves in all_of]
    for chosen in islice(product(*[each for each in rows if each]), MOST_GUESSES):
        starts, middles, ends = [""], [], [""]
        for made in chosen:
            first, *rest = _pieces(made)
            starts.append(first)
            middles += rest[:-1]
            ends += rest[-1:]
        start, end = max(starts, key=len), max(ends, key=len)
        yield start if start.endswith(end) and not middles else start + "".join(middles) + end


def _pieces(made: Row) -> list[str]:
    found = [""]
    for forms in made:
        if forms is None:
            found.append("")
        else:
            found[-1] += min(forms)
    return found


def _numbers(atoms: Iterable[Leaf]) -> Iterator[float]:
    """Each threshold, what lies between two, and beyond the last."""
    cuts: set[float] = set()
    for atom in atoms:
        if isinstance(atom, Numeric):
            cuts.update(threshold for _, threshold in atom.terms)
        elif isinstance(atom, Exact) and is_number(atom.literal):
            cuts.add(comparable(atom.literal))
    ordered = sorted(int(cut) if cut == cut // 1 and abs(cut) < 2**53 else cut for cut in cuts)
    yield from ordered
    for low, high in pairwise(ordered):
        yield low + 1 if low + 1 < high else low / 2 + high / 2
    if ordered:
        yield from (min(ordered[0] - 1, ordered[0] * 2), max(ordered[-1] + 1, ordered[-1] * 2))
    else:
        yield 0


def _address(atom: Leaf) -> Address | None:
    return spelt_many_ways(atom.literal) if isinstance(atom, Exact) and isinstance(atom.literal, str) else None


def _addresses(atoms: Iterable[Leaf]) -> Iterator[str]:
    """The ends of each network and what comes after them: addresses that are alike begin at one of these."""
    for atom in atoms:
        if isinstance(atom, Cidr):
            edges = [atom.network.network_address, atom.network.broadcast_address]
        elif isinstance(atom, Exact) and isinstance(atom.literal, str):
            try:
                edges = [ipaddress.ip_address(atom.literal)]
            except ValueError:
                continue
        else:
            continue
        for edge in edges:
            for near in (int(edge), int(edge) + 1):
                if near < 1 << edge.max_prefixlen:
                    yield str(type(edge)(near))


def _by_automaton(atoms: Sequence[Leaf], all_of: Sequence[Leaves], none_of: Leaves) -> str | bool:
    rows = {atom: made for atom in atoms if (made := row(atom)) is not None}
    number = {atom: at for at, atom in enumerate(rows)}

    def one(leaf: Leaf, said: Sequence[Truth]) -> Truth:
        match leaf:
            case AnythingBut(excluded):
                inner = _any_of(one(each, said) for each in excluded)
                return None if inner is None else not inner
            case Exists(there):
                return there
            case _:
                return said[number[leaf]] if leaf in number else False

    def decide(said: Sequence[Truth]) -> bool:
        excluded = _any_of(one(leaf, said) for leaf in none_of)
        return not excluded and False not in [_any_of(one(leaf, said) for leaf in leaves) for leaves in all_of]

    return shortest([Glob(made) for made in rows.values()], decide, _fresh(atoms))


def _any_of(truths: Iterable[Truth]) -> Truth:
    found: Truth = False
    for truth in truths:
        if truth:
            return True
        if truth is None:
            found = None
    return found
