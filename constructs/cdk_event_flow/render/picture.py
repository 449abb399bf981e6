"""A picture: boxes with their words and lines with their arrows, all placed. SVG and the page draw the same one."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from cdk_event_flow.flow import Flow
from cdk_event_flow.render.glyphs import GLYPHS
from cdk_event_flow.render.graph import Graph, Kind, LinkKind, Vertex, graph_of
from cdk_event_flow.render.layout import lay_out
from cdk_event_flow.render.part import Line
from cdk_event_flow.render.text import Font, line, wrap
from cdk_event_flow.render.text import Line as Words

TITLE, SMALL = Font(13, bold=True), Font(11)
TITLE_HEIGHT, SMALL_HEIGHT = 17, 15
MOST_TEXT = 200  # words are wrapped at this width; what cannot be wrapped makes its box wider
PAD, GLYPH, BESIDE_GLYPH, MARK = 10, 20, 9, 13
LEAST_WIDTH = 96
LINES_GAP, BASELINE = 3, 4  # below a box's name; from a baseline down to the end of its row
MARGIN, LEGEND_HEIGHT, LEGEND_SAMPLE = 24, 20, 34

_LEGEND: Mapping[LinkKind, str] = {
    "calls": "may call and wait for, as the function's environment or role tells",
    "publishes": "may publish, as the function's environment or role tells",
    "dead letters": "dead letters",
}


@dataclass(frozen=True, slots=True)
class Text:
    """Words from `x` on the baseline `y`, both from the picture's corner, `width` wide at most.

    `role` is "title", "kind", "line" or "mark". `exact` asks the renderer to fit the words to the width.
    """

    words: str
    x: float
    y: float
    width: float
    role: str
    exact: bool


@dataclass(frozen=True, slots=True)
class Sign:
    """A glyph (`GLYPHS[kind]`, drawn in a square of 20) scaled to `size`, its corner at (x, y)."""

    kind: str
    x: float
    y: float
    size: float


@dataclass(frozen=True, slots=True)
class Box:
    """A node. `id` is its ARN; `label` says all of it in one sentence; `part` numbers the connected parts."""

    id: str
    kind: Kind
    label: str
    details: str
    x: float
    y: float
    width: float
    height: float
    part: int
    idle: bool
    texts: tuple[Text, ...]
    signs: tuple[Sign, ...]


@dataclass(frozen=True, slots=True)
class Arrow:
    """An edge. `path` is SVG path data that ends at the arrow's tip (x, y), coming from the left.

    `back` runs right to left, and is `length` pixels long (0 for others, where nobody needs it).
    """

    source: str
    target: str
    kind: LinkKind
    label: str
    path: str
    x: float
    y: float
    back: bool
    length: float


@dataclass(frozen=True, slots=True)
class LegendLine:
    """What a line's style means: a sample from (x, y) to the right, `LEGEND_SAMPLE` wide, and its words."""

    kind: LinkKind
    x: float
    y: float
    text: Text


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything placed, in pixels from the upper left corner."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    legend: tuple[LegendLine, ...]

    def as_json(self) -> dict[str, Any]:
        """The picture as plain JSON values, with the path data of the glyphs it uses."""
        used = {sign.kind for box in self.boxes for sign in box.signs}
        return {**dataclasses.asdict(self), "glyphs": {kind: path for kind, path in GLYPHS.items() if kind in used}}


def picture_of(flow: Flow, *, dead_letters: bool = False) -> Picture:
    """The picture of a flow; `dead_letters` draws the queues that keep nothing else. Raises TemplateError (EF-DIAGRAM-EMPTY)."""
    return placed(graph_of(flow, dead_letters=dead_letters))


def placed(graph: Graph) -> Picture:
    """The graph laid out, with its words measured and its boxes as large as these need."""
    contents = [_Content(vertex) for vertex in graph.vertices]
    index = {vertex.id: number for number, vertex in enumerate(graph.vertices)}
    layout = lay_out(
        [(content.width, content.height) for content in contents],
        [Line(index[link.source], index[link.target], link.span, weak=link.kind == "publishes") for link in graph.links],
        margin=MARGIN,
    )
    boxes = tuple(content.at(x, y, part) for content, (x, y), part in zip(contents, layout.corners, layout.parts, strict=True))
    labels = {box.id: box.label for box in boxes}
    arrows = tuple(
        Arrow(link.source, link.target, link.kind, _said(labels[link.source], labels[link.target], link.details),
              route.path, route.end[0], route.end[1], route.back, route.length)
        for link, route in zip(graph.links, layout.routes, strict=True)
    )  # fmt: skip
    legend = _legend([kind for kind in _LEGEND if any(link.kind == kind for link in graph.links)], layout.height + 4)
    width = max([layout.width, *(each.text.x + each.text.width + MARGIN for each in legend)])
    height = layout.height + (LEGEND_HEIGHT * len(legend) + 8 if legend else 0)
    return Picture(round(width), round(height), boxes, arrows, legend)


class _Content:
    """The words of a box, broken into lines, and the size they need."""

    def __init__(self, vertex: Vertex) -> None:
        self.vertex = vertex
        self.glyph = GLYPH if vertex.name else MARK
        self.pad = 8 if vertex.name else 6
        kind = " · ".join(filter(None, (vertex.kind, vertex.remark, vertex.scope))) if vertex.name else ""
        self.head = [_Row("title", each, TITLE_HEIGHT) for each in wrap(vertex.name, TITLE, MOST_TEXT)]
        self.head += [_Row("kind", each, SMALL_HEIGHT) for each in wrap(kind, SMALL, MOST_TEXT)]
        self.body = [_Row("line", each, SMALL_HEIGHT) for words in vertex.lines for each in wrap(words, SMALL, MOST_TEXT)]
        self.body += [_Row("mark", each, SMALL_HEIGHT, MARK + 5) for each in wrap(vertex.mark, SMALL, MOST_TEXT)]
        self.gap = LINES_GAP if self.head and self.body else 0
        rows = [*self.head, *self.body]
        widest = max((row.indent + row.line.width for row in rows), default=0)
        self.width = max(LEAST_WIDTH if vertex.name else 0, ceil(PAD + self.glyph + BESIDE_GLYPH + widest + PAD))
        self.height = 2 * self.pad + sum(row.height for row in rows) + self.gap

    def at(self, x: float, y: float, part: int) -> Box:
        """The box with its corner at (x, y)."""
        vertex, left, bottom = self.vertex, x + PAD + self.glyph + BESIDE_GLYPH, y + self.pad
        beside = sum(row.height for row in self.head or self.body)
        signs = [Sign(vertex.kind, x + PAD, bottom + (beside - self.glyph) / 2, self.glyph)]
        texts = []
        for row in [*self.head, *self.body]:
            bottom += row.height + (self.gap if self.body and row is self.body[0] else 0)
            texts.append(Text(row.line.words, left + row.indent, bottom - BASELINE, row.line.width, row.role, row.line.exact))
            if row.role == "mark":
                signs.append(Sign("dead letters", left, bottom - MARK, MARK))
        where = "/".join(filter(None, (vertex.scope, vertex.name)))
        label = ", ".join(filter(None, (f"{vertex.kind} {where}".strip(), vertex.remark, *vertex.lines, vertex.mark)))
        return Box(vertex.id, vertex.kind, label, vertex.details, x, y, self.width, self.height, part, vertex.idle,
                   tuple(texts), tuple(signs))  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Row:
    role: str
    line: Words
    height: int
    indent: int = 0


def _said(source: str, target: str, details: str) -> str:
    return "\n".join(filter(None, (f"{source} → {target}", details)))


def _legend(kinds: Sequence[LinkKind], top: float) -> tuple[LegendLine, ...]:
    lines = []
    for number, kind in enumerate(kinds):
        words = line(_LEGEND[kind], SMALL)
        y = top + LEGEND_HEIGHT * number
        lines.append(
            LegendLine(kind, MARGIN, y, Text(words.words, MARGIN + LEGEND_SAMPLE + 8, y + 4, words.width, "kind", words.exact))
        )
    return tuple(lines)
