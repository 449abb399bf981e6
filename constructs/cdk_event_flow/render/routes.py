"""The lines of edges, as SVG path data that a page draws as it is. Every route ends at the left side of its target."""

from collections.abc import Sequence
from dataclasses import dataclass

CORNER = 8
ROUND = 1.623  # the length of a quadratic curve around a square corner, in its radius

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Column:
    """The left and right edge of a layer, in pixels."""

    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Route:
    """`path` is SVG path data; `end` the point where the arrow's tip is; `back` is set where the edge runs right to left.

    `length` in pixels is known of those that run back: they share their last piece with others, and their dashes must meet.
    """

    path: str
    end: Point
    back: bool = False
    length: float = 0


def through(start: Point, bends: Sequence[tuple[Column, float]], end: Point, first: Column) -> Route:
    """From a box in the column `first` to one further right: level through columns, a curve in each channel between them.

    `bends` are the columns passed, each with the height to pass it at.
    """
    x, y = first.right, start[1]
    path = [f"M{_n(start[0])} {_n(start[1])}H{_n(x)}"]
    for left, right, height in [*((column.left, column.right, at) for column, at in bends), (end[0], end[0], end[1])]:
        middle = (x + left) / 2
        path.append(
            f"C{_n(middle)} {_n(y)} {_n(middle)} {_n(height)} {_n(left)} {_n(height)}"
            if abs(height - y) > 0.5
            else f"L{_n(left)} {_n(height)}"
        )
        if right > left:
            path.append(f"H{_n(right)}")
        x, y = right, height
    return Route("".join(path), end)


def returning(start: Point, out: float, lane: float, into: float, end: Point) -> Route:
    """From a box to one further left (or itself), around below: right to `out`, down to `lane`, left to `into`, up, right."""
    corners = [(out, start[1]), (out, lane), (into, lane), (into, end[1])]
    path, at, length = [f"M{_n(start[0])} {_n(start[1])}"], start, 0.0
    for before, corner, after in zip([start, *corners], corners, [*corners[1:], end], strict=False):
        (x1, y1), (x2, y2) = _short_of(corner, before), _short_of(corner, after)
        path.append(f"L{_n(x1)} {_n(y1)}Q{_n(corner[0])} {_n(corner[1])} {_n(x2)} {_n(y2)}")
        bend = max(abs(corner[0] - x1), abs(corner[1] - y1)) * ROUND
        length += abs(x1 - at[0]) + abs(y1 - at[1]) + bend
        at = (x2, y2)
    path.append(f"L{_n(end[0])} {_n(end[1])}")
    return Route("".join(path), end, back=True, length=length + abs(end[0] - at[0]))


def _short_of(corner: Point, other: Point) -> Point:
    """The point `CORNER` (or half the way) before a corner, on the level or upright line to `other`."""
    dx, dy = other[0] - corner[0], other[1] - corner[1]
    length = max(abs(dx), abs(dy))
    part = min(CORNER, length / 2) / length if length else 0
    return corner[0] + dx * part, corner[1] + dy * part


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
