"""All wildcards of a path at once: one automaton, whose states are made when a value first leads to them.

Every beginning of every pattern is a bit; reading a character shifts the bits along (the shift-and method), and the set of
bits alive is a state of the automaton.
"""

from cdk_event_flow.match.index.slots import bits, union
from cdk_event_flow.match.operators.wildcard import Wildcard

FEW = 4  # fewer than this are matched one by one
LONG = 1_024  # so are longer values, and those
MOST_STATES = 4_096  # then the automaton is forgotten and grown again


class _State:
    __slots__ = ("alive", "next", "passes")

    def __init__(self, alive: int) -> None:
        self.alive = alive
        self.next: dict[str, _State] = {}
        self.passes: int | None = None


class Wildcards:
    """Alternatives by wildcard. Add all, then `freeze`."""

    def __init__(self) -> None:
        self._added: dict[Wildcard, list[int]] = {}
        self._sets: list[tuple[Wildcard, int]] = []
        self._reads: dict[str, int] = {}  # character → beginnings that end in it
        self._stars = 0  # beginnings that end in a star
        self._start = 0
        self._ends: list[tuple[int, int]] = []  # bit of a whole pattern, its alternatives
        self._states: dict[int, _State] = {}

    def __bool__(self) -> bool:
        return bool(self._added)

    def add(self, wildcard: Wildcard, who: int) -> None:
        """Put a set of alternatives under a wildcard."""
        self._added.setdefault(wildcard, []).append(who)

    def freeze(self) -> None:
        """Lay the patterns one after another."""
        self._sets = [(wildcard, union(added)) for wildcard, added in self._added.items()]
        if len(self._sets) < FEW:
            return
        reads: dict[str, list[int]] = {}
        stars, start, at = [], [], 0
        for wildcard, who in self._sets:
            start.append(at)
            for number, piece in enumerate(wildcard.pieces):
                if number:
                    at += 1
                    stars.append(at)
                for character in piece:
                    at += 1
                    reads.setdefault(character, []).append(at)
            self._ends.append((1 << at, who))
            at += 1
        self._reads = {character: bits(where) for character, where in reads.items()}
        self._stars = bits(stars)
        self._start = bits(start)
        self._start |= (self._start << 1) & self._stars

    def mask(self, value: str) -> int:
        """The alternatives with a wildcard that fits the value."""
        found = 0
        if not self._start or len(value) > LONG:
            for wildcard, who in self._sets:
                if wildcard.matches(value):
                    found |= who
            return found
        state = self._states.get(self._start) or self._state(self._start)
        for character in value:
            state = state.next.get(character) or self._step(state, character)
        if state.passes is None:
            for bit, who in self._ends:
                if state.alive & bit:
                    found |= who
            state.passes = found
        return state.passes

    def _step(self, state: _State, character: str) -> _State:
        alive = ((state.alive << 1) & self._reads.get(character, 0)) | (state.alive & self._stars)
        alive |= (alive << 1) & self._stars
        following = self._states.get(alive) or self._state(alive)
        if len(state.next) < MOST_STATES:
            state.next[character] = following
        return following

    def _state(self, alive: int) -> _State:
        if len(self._states) >= MOST_STATES:
            self._states.clear()
        state = self._states[alive] = _State(alive)
        return state
