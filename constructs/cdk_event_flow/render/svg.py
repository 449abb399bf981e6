"""A picture as SVG: one file, no script, nothing fetched; dark or light as its reader's screen, or as told."""

from typing import Literal
from xml.sax.saxutils import escape, quoteattr

from cdk_event_flow.render.glyphs import GLYPHS
from cdk_event_flow.render.picture import LEGEND_SAMPLE, SMALL, TITLE, Arrow, Box, LegendLine, Picture, Sign, Text
from cdk_event_flow.render.text import printable
from cdk_event_flow.render.themes import DARK, LIGHT, Theme

ThemeName = Literal["auto", "light", "dark"]

FONTS = "-apple-system, 'Segoe UI', Helvetica, Arial, 'DejaVu Sans', sans-serif"
_STATIC = f"""
.ef text {{ font: {SMALL.size:g}px {FONTS}; white-space: pre; }}
.ef .title {{ font-size: {TITLE.size:g}px; font-weight: 600; }}
.ef .sign {{ fill: none; stroke-width: 1.7; stroke-linecap: round; stroke-linejoin: round; }}
.ef .line {{ fill: none; stroke-width: 1.5; }}
.ef .line.publishes {{ stroke-dasharray: 6 4; }}
.ef .line.calls {{ stroke-dasharray: 10 3 2 3; }}
.ef .line.dead-letters {{ stroke-dasharray: 1.5 4; stroke-linecap: round; }}
.ef .box.idle {{ stroke-dasharray: 3 3; }}
"""


def svg(picture: Picture, *, theme: ThemeName = "auto", title: str = "Event flow") -> str:
    """The text of an SVG file. `auto` follows the reader's `prefers-color-scheme`; `title` is said by screen readers."""
    width, height = _n(picture.width), _n(picture.height)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="ef" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
            f'role="graphics-document document" aria-label={_attribute(title)}>',
            f"<title>{_text(title)}</title>",
            f"<desc>{_text(_described(picture))}</desc>",
            f"<style>{_style(theme, _kinds(picture))}</style>",
            f'<rect class="page" width="{width}" height="{height}" rx="8"/>',
            *map(_arrow, picture.arrows),
            *map(_box, picture.boxes),
            *map(_legend, picture.legend),
            "</svg>\n",
        ]
    )


def _kinds(picture: Picture) -> frozenset[str]:
    """The kinds that have a sign on it: a picture has no colours of others, and does not change when there are more."""
    return frozenset(sign.kind for box in picture.boxes for sign in box.signs)


def _style(theme: ThemeName, kinds: frozenset[str]) -> str:
    if theme == "auto":
        return f"{_STATIC}{_colours(LIGHT, kinds)}@media (prefers-color-scheme: dark) {{\n{_colours(DARK, kinds)}}}\n"
    return _STATIC + _colours(DARK if theme == "dark" else LIGHT, kinds)


def _colours(theme: Theme, kinds: frozenset[str]) -> str:
    rules = [
        f".ef .page {{ fill: {theme.page}; }}",
        f".ef .box {{ fill: {theme.box}; stroke: {theme.border}; }}",
        f".ef text {{ fill: {theme.muted}; }}",
        f".ef .title, .ef .words {{ fill: {theme.ink}; }}",
        f".ef .line {{ stroke: {theme.edge}; }}",
        f".ef .tip {{ fill: {theme.edge}; }}",
        *(f".ef .sign.{_class(kind)} {{ stroke: {colour}; }}" for kind, colour in theme.kinds.items() if kind in kinds),
        *(
            f".ef .tile.{_class(kind)} {{ fill: {colour}; fill-opacity: 0.13; }}"
            for kind, colour in theme.kinds.items()
            if kind in kinds
        ),
    ]
    return "\n".join(rules) + "\n"


def _described(picture: Picture) -> str:
    """The whole picture in sentences, for those who do not see it."""
    return "; ".join(arrow.label.partition("\n")[0] for arrow in picture.arrows)


def _arrow(arrow: Arrow) -> str:
    x, y = arrow.x, arrow.y
    tip = f"M{_n(x)} {_n(y)}L{_n(x - 8)} {_n(y - 4)}L{_n(x - 6)} {_n(y)}L{_n(x - 8)} {_n(y + 4)}Z"
    phase = f' stroke-dashoffset="{_n(-arrow.length)}"' if arrow.back else ""  # dashes of lines that join fall together
    return (
        f"<g>{_details(arrow.label)}"
        f'<path class="line {_class(arrow.kind)}" d="{arrow.path}"{phase}/><path class="tip" d="{tip}"/></g>'
    )


def _box(box: Box) -> str:
    x, y, width, height = _n(box.x), _n(box.y), _n(box.width), _n(box.height)
    corner = 8 if box.kind != "filter" else min(13, box.height / 2)
    classes = "box idle" if box.idle else "box"
    return "\n".join(
        [
            f'<g role="graphics-symbol img" aria-label={_attribute(box.label)}>{_details(box.details or box.label)}',
            f'<rect class="{classes}" x="{x}" y="{y}" width="{width}" height="{height}" rx="{_n(corner)}"/>',
            *(_sign(sign) for sign in box.signs),
            *(_words(text) for text in box.texts),
            "</g>",
        ]
    )


def _sign(sign: Sign) -> str:
    """A glyph; the large ones stand on a tile of their colour."""
    kind, scale = _class(sign.kind), sign.size / 20
    tile = f'<rect class="tile {kind}" x="-4" y="-4" width="28" height="28" rx="7"/>' if sign.size >= 20 else ""
    place = f"translate({_n(sign.x)} {_n(sign.y)})" + (f" scale({scale:g})" if scale != 1 else "")
    return f'<g transform="{place}">{tile}<path class="sign {kind}" d="{GLYPHS[sign.kind]}"/></g>'


def _words(text: Text) -> str:
    kind = {"title": ' class="title"', "line": ' class="words"', "mark": ' class="words"'}.get(text.role, "")
    fit = f' textLength="{_n(text.width)}" lengthAdjust="spacingAndGlyphs"' if text.exact else ""
    return f'<text{kind} x="{_n(text.x)}" y="{_n(text.y)}"{fit}>{_text(text.words)}</text>'


def _legend(line: LegendLine) -> str:
    sample = f"M{_n(line.x)} {_n(line.y)}H{_n(line.x + LEGEND_SAMPLE)}"
    return f'<path class="line {_class(line.kind)}" d="{sample}"/>{_words(line.text)}'


def _details(words: str) -> str:
    return f"<title>{'&#10;'.join(_text(line) for line in words.splitlines())}</title>"


def _class(kind: str) -> str:
    return kind.replace(" ", "-")


def _text(words: str) -> str:
    return escape(printable(words))


def _attribute(words: str) -> str:
    return quoteattr(printable(words))


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
