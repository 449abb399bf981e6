"""The languages of operators on strings, as automata that are walked together.

Literal, prefix, suffix, wildcard and their kin without case are all the same thing: a row of pieces, some of them stars.
A state of one automaton is the set of places in the row that have been reached, as the bits of a number.
"""

from collections import deque
from collections.abc import Callable, Sequence

from cdk_event_flow.match.operators.base import Leaf
from cdk_event_flow.match.operators.equals_ignore_case import EqualsIgnoreCase
from cdk_event_flow.match.operators.exact import Exact
from cdk_event_flow.match.operators.prefix import Prefix
from cdk_event_flow.match.operators.suffix import Suffix
from cdk_event_flow.match.operators.wildcard import Wildcard

MOST_STEPS = 100_000  # of single automata in one walk; beyond, the answer is "too many cases"
Truth = bool | None
Row = list[set[str] | None]  # the forms of each character; None is a star


class Glob:
    """The automaton of one row."""

    def __init__(self, row: Row) -> None:
        self.moves: list[dict[str, int]] = [{}]
        self.stars = 0
        for forms in row:
            at = len(self.moves) - 1
            if forms is None:
                self.stars |= 1 << at
                continue
            ends: list[tuple[int, str]] = []
            for form in forms:
                here = at
                for character in form[:-1]:
                    self.moves.append({})
                    self._join(here, character, len(self.moves) - 1)
                    here = len(self.moves) - 1
                ends.append((here, form[-1]))
            self.moves.append({})
            for here, character in ends:
                self._join(here, character, len(self.moves) - 1)
        self.end = 1 << (len(self.moves) - 1)

    def _join(self, here: int, character: str, there: int) -> None:
        self.moves[here][character] = self.moves[here].get(character, 0) | 1 << there

    def step(self, state: int, character: str) -> int:
        """The places reached after one more character."""
        following = state & self.stars
        while state:
            at = state.bit_length() - 1
            following |= self.moves[at].get(character, 0)
            state ^= 1 << at
        return following

    def truth(self, state: int) -> Truth:
        """False when no text that begins so is accepted, True when all are, else None."""
        if not state:
            return False
        return True if state & self.end & self.stars else None

    def characters(self) -> set[str]:
        """Those that this automaton tells apart."""
        return {character for moves in self.moves for character in moves}


def row(leaf: Leaf) -> Row | None:
    """The row of an operator on strings, or None when it is no such operator."""
    match leaf:
        case Exact(literal) if isinstance(literal, str):
            return _plain(literal)
        case Prefix(text, ignore_case):
            return [*(_any_case(text) if ignore_case else _plain(text)), None]
        case Suffix(text, ignore_case):
            return [None, *(_any_case(text) if ignore_case else _plain(text))]
        case EqualsIgnoreCase(text):
            return _any_case(text)
        case Wildcard():
            made: Row = _plain(leaf.pieces[0])
            for piece in leaf.pieces[1:]:
                made += [None, *_plain(piece)]
            return made
    return None


def _plain(text: str) -> Row:
    return [{character} for character in text]


def _any_case(text: str) -> Row:
    return [{character.lower(), character.upper()} for character in text]


def shortest(globs: Sequence[Glob], decide: Callable[[Sequence[Truth]], bool], fresh: str) -> str | bool:
    """The shortest text for which `decide` is true of what the globs say of it; False is none, True is not known.

    It is asked of beginnings too, and false when no text that begins so will do.
    `fresh` stands for all characters that no glob tells apart.
    """
    alphabet = [*sorted(set().union(*(glob.characters() for glob in globs))), fresh]
    start = (1,) * len(globs)
    came_from: dict[tuple[int, ...], tuple[tuple[int, ...], str] | None] = {start: None}
    todo = deque([start])
    steps = 0
    while todo:
        state = todo.popleft()
        steps += len(alphabet) * len(globs)
        if steps > MOST_STEPS:
            return True
        if decide([bool(places & glob.end) for glob, places in zip(globs, state, strict=True)]):
            return _spelt(came_from, state)
        for character in alphabet:
            following = tuple(glob.step(places, character) for glob, places in zip(globs, state, strict=True))
            if following in came_from:
                continue
            if not decide([glob.truth(places) for glob, places in zip(globs, following, strict=True)]):
                continue
            came_from[following] = (state, character)
            todo.append(following)
    return False


def _spelt(came_from: dict[tuple[int, ...], tuple[tuple[int, ...], str] | None], state: tuple[int, ...]) -> str:
    text = []
    while (step := came_from[state]) is not None:
        state, character = step
        text.append(character)
    return "".join(reversed(text))
