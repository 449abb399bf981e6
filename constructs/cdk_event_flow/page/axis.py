"""A time axis on which milliseconds of work and minutes of waiting can both be seen: long gaps are drawn short, and said so."""

from itertools import pairwise
from typing import Any

LONG_GAP = 1.0  # seconds in which nothing happens; of these, those are drawn short that are longer than
TIMES_THE_WORK = 2.0  # this many times all the rest
TICK = 0.12  # the part of the axis that the words of a tick take
SHORT = 0.06  # the part of the axis that such a gap gets


class Axis:
    """`mark` and `busy` tell what is to be seen; then `place` gives places from 0.0 to 1.0."""

    def __init__(self, began: float) -> None:
        self._began = began
        self._busy: list[tuple[float, float]] = [(began, began)]
        self._pieces: list[tuple[float, float, float, float, bool]] | None = None

    def mark(self, at: float) -> None:
        """Something happened at this moment."""
        self.busy(at, at)

    def busy(self, began: float, ended: float) -> None:
        """Something went on between these moments, epoch seconds."""
        self._busy.append((began, max(began, ended)))
        self._pieces = None

    def place(self, at: float) -> float:
        """Where a moment stands."""
        for began, ended, left, width, _ in self._laid():
            if at <= ended:
                inside = (at - began) / (ended - began) if ended > began else 0.0
                return min(1.0, max(0.0, left + inside * width))
        return 1.0

    def as_json(self) -> dict[str, Any]:
        """The whole length in seconds, ticks, and the gaps that are drawn short."""
        pieces = self._laid()
        gaps = [{"from": left, "to": left + width, "seconds": ended - began} for began, ended, left, width, short in pieces if short]
        return {"seconds": pieces[-1][1] - self._began, "gaps": gaps, "ticks": self._ticks(pieces)}

    def _ticks(self, pieces: list[tuple[float, float, float, float, bool]]) -> list[dict[str, float]]:
        """Where each piece begins and ends, none too near to another."""
        moments = sorted({each for began, ended, *_ in pieces for each in (began, ended)})
        ticks: list[dict[str, float]] = []
        for moment in moments[:-1]:
            place = self.place(moment)
            if (not ticks or place - ticks[-1]["at"] > TICK) and place < 1.0 - 2 * TICK:
                ticks.append({"at": place, "seconds": moment - self._began})
        return [*ticks, {"at": 1.0, "seconds": moments[-1] - self._began}]

    def _laid(self) -> list[tuple[float, float, float, float, bool]]:
        """Pieces of time: began, ended, left, width, and whether it is drawn short."""
        if self._pieces is not None:
            return self._pieces
        spans = self._merged()
        gaps = [(one[1], other[0]) for one, other in pairwise(spans)]
        work = sum(ended - began for began, ended in spans)
        work += sum(ended - began for began, ended in gaps if ended - began <= LONG_GAP)
        short = {gap for gap in gaps if gap[1] - gap[0] > max(LONG_GAP, TIMES_THE_WORK * work)}
        length = sum(ended - began for began, ended in [*spans, *gaps] if (began, ended) not in short) or 0.001
        room = 1.0 - min(0.6, SHORT * len(short))
        each_short = (1.0 - room) / len(short) if short else 0.0
        pieces, left = [], 0.0
        for number, (began, ended) in enumerate(spans):
            for piece in [(began, ended), *gaps[number : number + 1]]:
                width = each_short if piece in short else (piece[1] - piece[0]) / length * room
                pieces.append((*piece, left, width, piece in short))
                left += width
        self._pieces = pieces
        return pieces

    def _merged(self) -> list[tuple[float, float]]:
        merged: list[tuple[float, float]] = []
        for began, ended in sorted(self._busy):
            if merged and began <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], ended))
            else:
                merged.append((began, ended))
        return merged
