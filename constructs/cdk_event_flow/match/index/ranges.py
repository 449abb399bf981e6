"""Numeric ranges: the sorted thresholds cut the line into slots, and a sweep over them knows who is open in each."""

from bisect import bisect_left, bisect_right

EVERY = 16  # changes between two stored sets: one lookup replays fewer than this
REMEMBERED = 4_096

Terms = tuple[tuple[str, float], ...]


class Ranges:
    """Alternatives by range. Add all, then `freeze`."""

    def __init__(self) -> None:
        self._added: dict[int, list[Terms]] = {}
        self._thresholds: list[float] = []
        self._changes: list[int] = []  # the slot of each change
        self._who: list[int] = []
        self._stored: list[int] = []
        self._found: dict[int, int] = {}

    def __bool__(self) -> bool:
        return bool(self._added)

    def add(self, terms: Terms, who: int) -> None:
        """Let the set of alternatives through within the terms."""
        self._added.setdefault(who, []).append(terms)

    def freeze(self) -> None:
        """Sweep once over all thresholds."""
        cuts = {threshold for ranges in self._added.values() for terms in ranges for _, threshold in terms}
        self._thresholds = sorted(cuts)
        number = {threshold: at for at, threshold in enumerate(self._thresholds)}
        changes: list[tuple[int, int]] = []
        for who, ranges in self._added.items():
            spans = sorted(self._span(terms, number) for terms in ranges)
            for start, end in _joined(spans):
                changes += [(start, who), (end, who)]
        changes.sort(key=lambda change: change[0])
        self._changes = [slot for slot, _ in changes]
        self._who = [who for _, who in changes]
        running = 0
        for at, who in enumerate(self._who):
            if at % EVERY == 0:
                self._stored.append(running)
            running ^= who
        self._stored.append(running)

    def _span(self, terms: Terms, number: dict[float, int]) -> tuple[int, int]:
        """Slot 2n is what lies below threshold n, 2n + 1 the threshold itself."""
        start, end = 0, 2 * len(number) + 1
        for operator, threshold in terms:
            at = 2 * number[threshold] + 1
            match operator:
                case ">":
                    start = at + 1
                case ">=":
                    start = at
                case "<":
                    end = at
                case "<=":
                    end = at + 1
                case _:
                    start, end = at, at + 1
        return start, end

    def mask(self, value: float) -> int:
        """The alternatives with a range around the value."""
        if value != value:  # noqa: PLR0124 - NaN, of an event that came as a dict; isnan overflows on huge integers
            return 0
        thresholds = self._thresholds
        at = bisect_left(thresholds, value)
        slot = 2 * at + 1 if at < len(thresholds) and thresholds[at] == value else 2 * at
        done = bisect_right(self._changes, slot)
        found = self._found.get(done)
        if found is None:
            found = self._stored[done // EVERY]
            for who in self._who[done // EVERY * EVERY : done]:
                found ^= who
            if len(self._found) >= REMEMBERED:
                self._found.clear()
            self._found[done] = found
        return found


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
