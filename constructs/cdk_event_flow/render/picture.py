"""A picture: boxes with their words and lines with their arrows, all placed. SVG and the page draw the same one."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cdk_event_flow.flow import Flow
from cdk_event_flow.render.glyphs import GLYPHS
from cdk_event_flow.render.graph import Graph, Kind, LinkKind, Vertex, graph_of
from cdk_event_flow.render.layout import lay_out
from cdk_event_flow.render.text import Font, Line, line, wrap

TITLE, SMALL = Font(13, bold=True), Font(11)
TITLE_HEIGHT, SMALL_HEIGHT = 17, 15
MOST_TEXT = 230  # words are wrapped at this width; what cannot be wrapped makes its box wider
PAD, GLYPH, BESIDE_GLYPH, MARK = 10, 20, 9, 13
LEAST_WIDTH = 96
MARGIN, LEGEND_HEIGHT, LEGEND_SAMPLE = 24, 20, 34

_LEGEND = {
    "publishes": "may publish, as the function's environment or role tells",
    "dead letters": "dead letters",
}


@dataclass(frozen=True, slots=True)
class Text:
    """Words from `x` on the baseline `y`, both from the picture's corner, `width` wide at most.

    `role` is "title", "kind" or "line". `exact` asks the renderer to fit the words to the width.
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
    """An edge. `path` is SVG path data that ends at the arrow's tip (x, y), coming from the left; `back` runs right to left."""

    source: str
    target: str
    kind: LinkKind
    label: str
    path: str
    x: float
    y: float
    back: bool


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
        [(index[link.source], index[link.target]) for link in graph.links],
        [link.kind == "publishes" for link in graph.links],
    )
    boxes = tuple(
        content.at(x + MARGIN, y + MARGIN, part)
        for content, (x, y), part in zip(contents, layout.corners, layout.parts, strict=True)
    )
    labels = {box.id: box.label for box in boxes}
    arrows = tuple(
        Arrow(link.source, link.target, link.kind, _said(labels[link.source], labels[link.target], link.details),
              route.path, route.end[0], route.end[1], route.back)
        for link, route in zip(graph.links, layout.routes, strict=True)
    )  # fmt: skip
    legend = _legend([kind for kind in _LEGEND if any(link.kind == kind for link in graph.links)], layout.height + 2 * MARGIN)
    width = max([layout.width, *(each.text.x + each.text.width - MARGIN for each in legend)]) + 2 * MARGIN
    height = layout.height + 2 * MARGIN + (LEGEND_HEIGHT * len(legend) + 10 if legend else 0)
    return Picture(round(width), round(height), boxes, arrows, legend)


class _Content:
    """The words of a box, broken into lines, and the size they need."""

    def __init__(self, vertex: Vertex) -> None:
        self.vertex = vertex
        self.glyph = GLYPH if vertex.name else MARK
        kind = " · ".join(filter(None, (vertex.kind, vertex.remark, vertex.scope))) if vertex.name else ""
        self.rows: list[tuple[str, Line, float]] = [("title", each, TITLE_HEIGHT) for each in wrap(vertex.name, TITLE, MOST_TEXT)]
        self.rows += [("kind", each, SMALL_HEIGHT) for each in wrap(kind, SMALL, MOST_TEXT)]
        self.rows += [("line", each, SMALL_HEIGHT) for words in vertex.lines for each in wrap(words, SMALL, MOST_TEXT)]
        self.mark = line(vertex.mark, SMALL) if vertex.mark else None
        beside = self.glyph + BESIDE_GLYPH
        widths = [each.width for _, each, _ in self.rows] + ([self.mark.width + MARK + 5] if self.mark else [])
        self.width = max(LEAST_WIDTH if vertex.name else 0, round(PAD + beside + max(widths, default=0) + PAD + 0.5))
        self.pad = 8 if vertex.name else 6
        self.height = round(2 * self.pad + sum(height for *_, height in self.rows) + (SMALL_HEIGHT + 3 if self.mark else 0))

    def at(self, x: float, y: float, part: int) -> Box:
        """The box with its corner at (x, y)."""
        vertex, left = self.vertex, x + PAD + self.glyph + BESIDE_GLYPH
        texts, bottom = [], y + self.pad
        for role, row, height in self.rows:
            bottom += height
            texts.append(Text(row.words, left, bottom - 4, row.width, role, row.exact))
        first = TITLE_HEIGHT + SMALL_HEIGHT if vertex.name else sum(height for *_, height in self.rows)
        signs = [Sign(vertex.kind, x + PAD, y + self.pad + (first - self.glyph) / 2, self.glyph)]
        if self.mark:
            bottom += SMALL_HEIGHT + 3
            signs.append(Sign("dead letters", left, bottom - 4 - MARK + 3, MARK))
            texts.append(Text(self.mark.words, left + MARK + 5, bottom - 4, self.mark.width, "line", self.mark.exact))
        where = "/".join(filter(None, (vertex.scope, vertex.name)))
        label = ", ".join(filter(None, (f"{vertex.kind} {where}".strip(), vertex.remark, *vertex.lines, vertex.mark)))
        return Box(vertex.id, vertex.kind, label, vertex.details, x, y, self.width, self.height, part, vertex.idle,
                   tuple(texts), tuple(signs))  # fmt: skip


def _said(source: str, target: str, details: str) -> str:
    return "\n".join(filter(None, (f"{source} → {target}", details)))


def _legend(kinds: Sequence[LinkKind], top: float) -> tuple[LegendLine, ...]:
    lines = []
    for number, kind in enumerate(kinds):
        words = line(_LEGEND[kind], SMALL)
        y = top + LEGEND_HEIGHT * number
        lines.append(LegendLine(kind, MARGIN, y, Text(words.words, MARGIN + LEGEND_SAMPLE + 8, y + 4, words.width, "kind", words.exact)))
    return tuple(lines)
