"""Layered layout, left to right, of boxes whose sizes are known. Deterministic; the standard library only.

Each connected part is laid out by itself (cycles opened, layers, few crossings, places, routes), then the parts are
put on shelves, the largest first. All numbers are pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from cdk_event_flow.render.layers import Edge, backward, layers_of
from cdk_event_flow.render.ordering import ordered
from cdk_event_flow.render.places import places
from cdk_event_flow.render.routes import Column, Route, returning, through

ROW_GAP, BEND_GAP = 16, 12
CHANNEL, MOST_CHANNEL = 44, 110
PART_GAP = 44
SHELF = 1100  # parts stand beside each other up to this width, or the widest part's

Size = tuple[float, float]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Layout:
    """`corners` are the boxes' upper left ones; `routes` are in the edges' order; `parts` number the connected parts."""

    corners: list[Point]
    routes: list[Route]
    parts: list[int]
    width: float
    height: float


def lay_out(sizes: Sequence[Size], edges: Sequence[Edge], weak: Sequence[bool]) -> Layout:
    """Places for boxes of these (width, height), and routes for the edges between them (by index).

    `weak` marks the edges that are turned first where there is a cycle.
    """
    part_of = _parts(len(sizes), edges)
    members: dict[int, list[int]] = {}
    for vertex, part in enumerate(part_of):
        members.setdefault(part, []).append(vertex)
    inside: dict[int, list[int]] = {part: [] for part in members}
    for index, (start, _) in enumerate(edges):
        inside[part_of[start]].append(index)

    corners: list[Point] = [(0, 0)] * len(sizes)
    routes: list[Route] = [Route("", False)] * len(edges)
    shelves = _Shelves(max(SHELF, 0))
    done = []
    for part in sorted(members, key=lambda part: (-len(members[part]), part)):
        local = {vertex: at for at, vertex in enumerate(members[part])}
        laid = _Part(
            [sizes[vertex] for vertex in members[part]],
            [(local[edges[index][0]], local[edges[index][1]]) for index in inside[part]],
            [weak[index] for index in inside[part]],
        )
        done.append((part, laid))
    shelves.widest = max([SHELF, *(laid.width for _, laid in done)])
    for part, laid in done:
        left, top = shelves.put(laid.width, laid.height)
        for vertex, (x, y) in zip(members[part], laid.corners, strict=True):
            corners[vertex] = (x + left, y + top)
        for index, route in zip(inside[part], laid.routes(left, top), strict=True):
            routes[index] = route
    numbers = {part: number for number, (part, _) in enumerate(done)}
    return Layout(corners, routes, [numbers[part] for part in part_of], shelves.right, shelves.bottom)
