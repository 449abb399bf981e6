"""The order of the vertices within each layer: few crossings, the same ones every time."""

from collections.abc import Sequence
from itertools import pairwise

SWEEPS, IN_VAIN = 8, 3

Layers = list[list[int]]
Neighbours = Sequence[Sequence[int]]


def ordered(layers: Layers, left: Neighbours, right: Neighbours) -> Layers:
    """`layers` with few crossings. `left` and `right` are each vertex' neighbours in the layer before and after.

    Barycenter sweeps to and fro, each followed by swaps of neighbours; the best of at most `SWEEPS` is taken, and after
    `IN_VAIN` without a better one no more are tried.
    """
    best, fewest = [list(layer) for layer in layers], crossings(layers, right)
    current = [list(layer) for layer in layers]
    better = 0
    for sweep in range(SWEEPS):
        if fewest == 0 or sweep - better >= IN_VAIN:
            break
        forth = sweep % 2 == 0
        _sweep(current, left if forth else right, forth)
        _swap(current, left, right)
        found = crossings(current, right)
        if found < fewest:
            best, fewest = [list(layer) for layer in current], found
            better = sweep
    return best


def crossings(layers: Layers, right: Neighbours) -> int:
    """How many pairs of edges cross between neighbouring layers."""
    total = 0
    for layer, following in pairwise(layers):
        place = {vertex: index for index, vertex in enumerate(following)}
        ends = [end for vertex in layer for end in sorted([place[other] for other in right[vertex]])]
        total += _inversions(ends, len(following))
    return total


def _inversions(ends: Sequence[int], size: int) -> int:
    """Pairs that stand the wrong way round, by a Fenwick tree."""
    tree = [0] * (size + 1)
    found = 0
    for seen, end in enumerate(ends):
        not_after, at = 0, end + 1
        while at > 0:
            not_after += tree[at]
            at -= at & -at
        found += seen - not_after
        at = end + 1
        while at <= size:
            tree[at] += 1
            at += at & -at
    return found


def _sweep(layers: Layers, towards: Neighbours, forth: bool) -> None:
    indexes = range(1, len(layers)) if forth else range(len(layers) - 2, -1, -1)
    for index in indexes:
        fixed = layers[index - 1 if forth else index + 1]
        place = {vertex: at for at, vertex in enumerate(fixed)}
        # A vertex without neighbours keeps its place, seen in the measure of the fixed layer.
        scale = len(fixed) / len(layers[index])
        wanted: dict[int, float] = {}
        for at, vertex in enumerate(layers[index]):
            others = towards[vertex]
            if len(others) == 1:
                wanted[vertex] = place[others[0]]
            else:
                wanted[vertex] = sum([place[other] for other in others]) / len(others) if others else at * scale
        layers[index].sort(key=wanted.__getitem__)


def _swap(layers: Layers, left: Neighbours, right: Neighbours) -> None:
    """Exchange neighbours within a layer wherever that takes crossings away; one pass."""
    places = [0] * len(left)
    for layer in layers:
        for at, vertex in enumerate(layer):
            places[vertex] = at
    for layer in layers:
        for at in range(len(layer) - 1):
            upper, lower = layer[at], layer[at + 1]
            gain = 0
            for towards in (left, right):
                ends, others = towards[upper], towards[lower]
                if len(ends) == 1 == len(others):
                    gain += (places[ends[0]] > places[others[0]]) - (places[ends[0]] < places[others[0]])
                elif ends and others and ends != others:
                    gain += _gain([places[each] for each in ends], [places[each] for each in others])
            if gain > 0:
                layer[at], layer[at + 1] = lower, upper
                places[upper], places[lower] = at + 1, at


def _gain(upper: Sequence[int], lower: Sequence[int]) -> int:
    """How many crossings go when two neighbours with these ends are exchanged; negative when some come."""
    return sum((one > other) - (one < other) for one in upper for other in lower)
