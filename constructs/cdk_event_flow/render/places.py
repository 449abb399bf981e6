"""Where each vertex of a layer stands: near its neighbours, in its layer's order, never on another."""

from collections.abc import Sequence
from itertools import pairwise

PASSES = 6
# How hard an edge pulls: hardest what should run straight, the inside of a long edge and where one feeds only one.
STRAIGHT, ENDS = 8, 2

Pull = tuple[int, float]  # a neighbour, and how hard it pulls


def places(
    layers: Sequence[Sequence[int]],
    left: Sequence[Sequence[int]],
    right: Sequence[Sequence[int]],
    heights: Sequence[float],
    gaps: Sequence[float],
    bends: Sequence[bool],
) -> list[float]:
    """The middle of each vertex, top to bottom, the topmost edge at 0.

    `heights` and `gaps` (the room kept on either side) in pixels; `bends` marks the inner points of long edges. Each pass
    moves every layer to the least-squares best place for its neighbours that keeps order and room: first seen from one
    side, then from both, at last by what pulls hardest alone, left to right in the end: that straightens chains.
    """
    middle = [0.0] * len(heights)
    offsets = [_offsets(layer, heights, gaps) for layer in layers]
    for layer, own in zip(layers, offsets, strict=True):
        for vertex, offset in zip(layer, own, strict=True):
            middle[vertex] = offset
    from_left = _pulls(left, right, bends)
    from_right = _pulls(right, left, bends)
    both = [[*one, *other] for one, other in zip(from_left, from_right, strict=True)]
    strongest = [[pull for pull in pulls if pull[1] == max(strength for _, strength in pulls)] for pulls in both]
    for number in range(PASSES):
        for forth in (False, True) if number == PASSES - 1 else (True, False):
            near = [one or other for one, other in zip(from_left if forth else from_right, both, strict=True)]
            pulls = strongest if number == PASSES - 1 else both if number >= PASSES - 3 else near
            for at in range(len(layers)) if forth else reversed(range(len(layers))):
                _settle(layers[at], middle, pulls, offsets[at])
    top = min((middle[vertex] - heights[vertex] / 2 for layer in layers for vertex in layer), default=0.0)
    return [each - top for each in middle]


def _pulls(towards: Sequence[Sequence[int]], back: Sequence[Sequence[int]], bends: Sequence[bool]) -> list[list[Pull]]:
    """Of each vertex, its neighbours on one side and how hard they pull: each shares its force among those it pulls.

    `back` are the neighbours on the other side.
    """

    def strength(vertex: int, other: int) -> float:
        if (bends[vertex] and bends[other]) or (len(towards[vertex]) == 1 and len(back[other]) == 1):
            return STRAIGHT
        return (ENDS if bends[vertex] else 1) / len(back[other])

    return [[(other, strength(vertex, other)) for other in others] for vertex, others in enumerate(towards)]


def _settle(layer: Sequence[int], middle: list[float], pulls: Sequence[Sequence[Pull]], offsets: Sequence[float]) -> None:
    """Move one layer to where it is pulled: isotonic regression by pooling adjacent violators."""
    pools: list[tuple[float, float, int]] = []  # the place they share, their weight, how many
    for vertex, offset in zip(layer, offsets, strict=True):
        weight, wanted = 0.0, 0.0
        for other, strength in pulls[vertex]:
            weight += strength
            wanted += middle[other] * strength
        place, weight, count = (wanted / weight if weight else middle[vertex]) - offset, weight or 1.0, 1
        while pools and pools[-1][0] > place:
            above, above_weight, above_count = pools.pop()
            place = (above * above_weight + place * weight) / (above_weight + weight)
            weight, count = above_weight + weight, above_count + count
        pools.append((place, weight, count))
    at = 0
    for place, _, count in pools:
        for index in range(at, at + count):
            middle[layer[index]] = place + offsets[index]
        at += count


def _offsets(layer: Sequence[int], heights: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """How far each vertex is from the first one when all stand as close as they may."""
    offsets = [0.0]
    for above, below in pairwise(layer):
        offsets.append(offsets[-1] + (heights[above] + heights[below]) / 2 + max(gaps[above], gaps[below]))
    return offsets[: len(layer)]
