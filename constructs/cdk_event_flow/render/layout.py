"""Layered layout, left to right, of boxes whose sizes are known: deterministic, by the standard library, in pixels.

Each connected part is laid out by itself; the parts then stand on shelves, the largest first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cdk_event_flow.render.part import Line, Part, Point, Size
from cdk_event_flow.render.routes import Route

PART_GAP = 40
SHELF = 1000  # parts stand beside each other up to this width, or the widest part's


@dataclass(frozen=True, slots=True)
class Layout:
    """`corners` are the boxes' upper left ones; `routes` are in the edges' order; `parts` number the connected parts."""

    corners: list[Point]
    routes: list[Route]
    parts: list[int]
    width: float
    height: float


def lay_out(sizes: Sequence[Size], edges: Sequence[Line], *, margin: float = 0) -> Layout:
    """Places for boxes of these (width, height), and routes for the edges between them (by index).

    `margin` is left free on all four sides. The time is near linear in boxes and edges, but for the swaps of `ordering`,
    which take the product of the degrees of neighbouring boxes.
    """
    members = _members(len(sizes), edges)
    part_of = {vertex: number for number, vertices in enumerate(members) for vertex in vertices}
    inside: list[list[int]] = [[] for _ in members]
    for index, edge in enumerate(edges):
        inside[part_of[edge.start]].append(index)
    parts = []
    for vertices, own in zip(members, inside, strict=True):
        local = {vertex: at for at, vertex in enumerate(vertices)}
        between = [Line(local[edge.start], local[edge.end], edge.span, edge.weak) for edge in map(edges.__getitem__, own)]
        parts.append(Part([sizes[vertex] for vertex in vertices], between))
    corners: dict[int, Point] = {}
    routes: dict[int, Route] = {}
    places, width, height = _shelves(parts, margin)
    for vertices, own, part, (left, top) in zip(members, inside, parts, places, strict=True):
        corners |= {vertex: (left + x, top + y) for vertex, (x, y) in zip(vertices, part.corners, strict=True)}
        routes |= dict(zip(own, part.routes(left, top), strict=True))
    return Layout(
        corners=[corners[vertex] for vertex in range(len(sizes))],
        routes=[routes[index] for index in range(len(edges))],
        parts=[part_of[vertex] for vertex in range(len(sizes))],
        width=width,
        height=height,
    )


def _members(count: int, edges: Sequence[Line]) -> list[list[int]]:
    """The connected parts, the largest first, each in the order given."""
    beside: list[list[int]] = [[] for _ in range(count)]
    for edge in edges:
        beside[edge.start].append(edge.end)
        beside[edge.end].append(edge.start)
    parts: list[list[int]] = []
    seen = [False] * count
    for first in range(count):
        if seen[first]:
            continue
        seen[first], part = True, [first]
        for vertex in part:
            for other in beside[vertex]:
                if not seen[other]:
                    seen[other] = True
                    part.append(other)
        parts.append(sorted(part))
    return sorted(parts, key=lambda part: (-len(part), part[0]))


def _shelves(parts: Sequence[Part], margin: float) -> tuple[list[Point], float, float]:
    """The upper left corner of each part, and the size of all."""
    most = max([SHELF, *(part.width for part in parts)])
    places: list[Point] = []
    x = y = shelf = width = 0.0
    for part in parts:
        if x and x + part.width > most:
            x, y, shelf = 0.0, y + shelf + PART_GAP, 0.0
        places.append((margin + x, margin + y))
        width, shelf = max(width, x + part.width), max(shelf, part.height)
        x += part.width + PART_GAP
    return places, width + 2 * margin, y + shelf + 2 * margin
