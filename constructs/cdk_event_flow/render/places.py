"""Where each vertex of a layer stands: near its neighbours, in its layer's order, never on another."""

from collections.abc import Sequence

PASSES = 8
# How hard an edge pulls: the inner pieces of a long edge most, so that it runs straight.
STRAIGHT, ENDS = 8, 2


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
    moves every layer to the least-squares best place for its neighbours that keeps order and room.
    """
    middle = [0.0] * len(heights)
    for layer in layers:
        for vertex, offset in zip(layer, _offsets(layer, heights, gaps), strict=True):
            middle[vertex] = offset
    for number in range(PASSES):
        last = number >= PASSES - 2
        for forth in (False, True):
            for layer in layers if forth else reversed(layers):
                _settle(layer, middle, _pulls(layer, left, right, forth, last, bends), heights, gaps)
    top = min((middle[vertex] - heights[vertex] / 2 for layer in layers for vertex in layer), default=0.0)
    return [each - top for each in middle]


def _pulls(
    layer: Sequence[int],
    left: Sequence[Sequence[int]],
    right: Sequence[Sequence[int]],
    forth: bool,
    both: bool,
    bends: Sequence[bool],
) -> list[list[tuple[int, int]]]:
    """Of each vertex, the neighbours that pull it and how hard: one side in the first passes, both in the last."""
    pulls = []
    for vertex in layer:
        sides = [left[vertex], right[vertex]] if both else [left[vertex] if forth else right[vertex]]
        others = [other for side in sides for other in side] or [*left[vertex], *right[vertex]]
        pulls.append([(other, STRAIGHT if bends[vertex] and bends[other] else ENDS if bends[vertex] else 1) for other in others])
    return pulls


def _settle(
    layer: Sequence[int],
    middle: list[float],
    pulls: Sequence[Sequence[tuple[int, int]]],
    heights: Sequence[float],
    gaps: Sequence[float],
) -> None:
    """Move one layer to where it is pulled: isotonic regression by pooling adjacent violators."""
    offsets = _offsets(layer, heights, gaps)
    pools: list[tuple[float, int, int]] = []  # the place they share, their weight, how many
    for vertex, offset, pull in zip(layer, offsets, pulls, strict=True):
        weight = sum(strength for _, strength in pull) or 1
        wanted = sum(middle[other] * strength for other, strength in pull) / weight if pull else middle[vertex]
        place, count = wanted - offset, 1
        while pools and pools[-1][0] > place:
            above, above_weight, above_count = pools.pop()
            place = (above * above_weight + place * weight) / (above_weight + weight)
            weight, count = above_weight + weight, above_count + count
        pools.append((place, weight, count))
    settled = [place for place, _, count in pools for _ in range(count)]
    for vertex, offset, place in zip(layer, offsets, settled, strict=True):
        middle[vertex] = place + offset


def _offsets(layer: Sequence[int], heights: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """How far each vertex is from the first one when all stand as close as they may."""
    offsets = [0.0]
    for above, below in zip(layer, layer[1:], strict=False):
        offsets.append(offsets[-1] + (heights[above] + heights[below]) / 2 + max(gaps[above], gaps[below]))
    return offsets[: len(layer)]
