"""One connected part of a picture: cycles opened, layers, few crossings, places; then the routes of its edges."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from cdk_event_flow.render.layers import Edge, backward, layers_of
from cdk_event_flow.render.ordering import ordered
from cdk_event_flow.render.places import places
from cdk_event_flow.render.routes import Column, Route, returning, through

ROW_GAP, BEND_GAP = 18, 12
CHANNEL = 38  # between two layers, and this much more for each pixel that an edge climbs there:
STEEPNESS, MOST_STEEP = 0.12, 60
LANE, BELOW, ASIDE = 12, 22, 16  # between returning edges; below the lowest box; beside a column

Size = tuple[float, float]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """An edge between boxes by index. It bridges `span` layers at least; where there is a cycle, a `weak` one is turned first."""

    start: int
    end: int
    span: int = 1
    weak: bool = False


class Part:
    """Boxes of these (width, height) with the edges between them; `corners` are the upper left ones, all at 0 or more."""

    def __init__(self, sizes: Sequence[Size], edges: Sequence[Line]) -> None:
        self.sizes = sizes
        self.edges: list[Edge] = [(edge.start, edge.end) for edge in edges]
        self.turned = backward(len(sizes), self.edges, [edge.weak for edge in edges])
        kept = [edge for edge, turned in zip(edges, self.turned, strict=True) if not turned]
        self.layer = layers_of(len(sizes), [(edge.start, edge.end) for edge in kept], [edge.span for edge in kept])
        self.chains = self._chains()
        self._place()
        self._returns()
        self._columns()
        self.corners: list[Point] = [
            (self.columns[self.layer[vertex]].left, self.middle[vertex] - height / 2) for vertex, (_, height) in enumerate(sizes)
        ]
        self.width = self.right
        self.height = self.bottom + (BELOW + LANE * (len(self.lanes) - 1) + 2 if self.lanes else 0)

    def routes(self, left: float, top: float) -> list[Route]:
        """The routes of the edges, in their order, the part's own corner standing at (left, top)."""
        return [self._route(index, left, top) for index in range(len(self.edges))]

    def _chains(self) -> list[list[int]]:
        """Of each edge that is not turned, its vertices: the start, an inner point in each layer passed, the end."""
        chains, count = [], len(self.sizes)
        for (start, end), turned in zip(self.edges, self.turned, strict=True):
            passed = 0 if turned else self.layer[end] - self.layer[start] - 1
            chains.append([] if turned else [start, *range(count, count + passed), end])
            count += passed
        self.count = count
        return chains

    def _place(self) -> None:
        left: list[list[int]] = [[] for _ in range(self.count)]
        right: list[list[int]] = [[] for _ in range(self.count)]
        layer = [*self.layer, *[0] * (self.count - len(self.sizes))]
        for chain in self.chains:
            for one, other in pairwise(chain):
                right[one].append(other)
                left[other].append(one)
                layer[other] = layer[one] + 1
        layers: list[list[int]] = [[] for _ in range(max(layer, default=-1) + 1)]
        for vertex in _along(left, right):
            layers[layer[vertex]].append(vertex)
        bends = [vertex >= len(self.sizes) for vertex in range(self.count)]
        heights = [0.0 if bend else self.sizes[vertex][1] for vertex, bend in enumerate(bends)]
        gaps = [BEND_GAP if bend else ROW_GAP for bend in bends]
        self.layers = ordered(layers, left, right)
        self.middle = [float(round(each)) for each in places(self.layers, left, right, heights, gaps, bends)]
        self.right_of = right
        self.bottom = max((self.middle[vertex] + heights[vertex] / 2 for vertex in range(self.count)), default=0.0)

    def _returns(self) -> None:
        """A lane for each box that turned edges lead to, the shortest way uppermost; a trunk beside each column they use."""
        turned = [edge for edge, back in zip(self.edges, self.turned, strict=True) if back]
        farthest: dict[int, int] = {}
        for start, end in turned:
            farthest[end] = max(farthest.get(end, 0), self.layer[start])
        targets = sorted(farthest, key=lambda end: (farthest[end] - self.layer[end], -self.layer[end], end))
        self.lanes = {end: lane for lane, end in enumerate(targets)}
        self.trunks: dict[tuple[int, int], int] = {}  # by the channel's number and the target
        self.beside = [0] * (len(self.layers) + 1)  # how many trunks the channel left of each layer has
        for start, end in turned:
            for channel in (self.layer[start] + 1, self.layer[end]):
                if (channel, end) not in self.trunks:
                    self.trunks[channel, end] = self.beside[channel]
                    self.beside[channel] += 1

    def _columns(self) -> None:
        self.columns: list[Column] = []
        x = 0.0
        for number, layer in enumerate(self.layers):
            trunks = self.beside[number] * LANE
            if number:
                climb = max(
                    (abs(self.middle[one] - self.middle[other]) for one in self.layers[number - 1] for other in self.right_of[one]),
                    default=0.0,
                )
                x += round(CHANNEL + min(MOST_STEEP, climb * STEEPNESS)) + trunks
            elif trunks:
                x += ASIDE + trunks
            width = max((self.sizes[vertex][0] for vertex in layer if vertex < len(self.sizes)), default=0.0)
            self.columns.append(Column(x, x + width))
            x += width
        self.right = x + (ASIDE + self.beside[-1] * LANE if self.beside[-1] else 0)

    def _route(self, index: int, left: float, top: float) -> Route:
        start, end = self.edges[index]
        (x, y), (width, height) = self.corners[start], self.sizes[start]
        leaves = (left + x + width, top + y + height / 2)
        arrives = (left + self.corners[end][0], top + self.corners[end][1] + self.sizes[end][1] / 2)
        first, last = self._column(self.layer[start], left), self._column(self.layer[end], left)
        if self.turned[index]:
            out = first.right + ASIDE + LANE * self.trunks[self.layer[start] + 1, end]
            into = last.left - ASIDE - LANE * self.trunks[self.layer[end], end]
            return returning(leaves, out, top + self.bottom + BELOW + LANE * self.lanes[end], into, arrives)
        inner = self.chains[index][1:-1]
        passed = [(self._column(self.layer[start] + at, left), top + self.middle[each]) for at, each in enumerate(inner, start=1)]
        return through(leaves, passed, arrives, first)

    def _column(self, number: int, left: float) -> Column:
        column = self.columns[number]
        return Column(column.left + left, column.right + left)


def _along(left: Sequence[Sequence[int]], right: Sequence[Sequence[int]]) -> list[int]:
    """All vertices in the order of a depth-first walk from those that nothing leads to: related ones stand together."""
    order, seen = [], [False] * len(left)
    todo = [vertex for vertex in reversed(range(len(left))) if not left[vertex]]
    while todo:
        vertex = todo.pop()
        if not seen[vertex]:
            seen[vertex] = True
            order.append(vertex)
            todo.extend(reversed(right[vertex]))
    return order
