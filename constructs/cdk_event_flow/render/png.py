"""A picture as PNG, by resvg: the extra [png] brings it, and it draws words with the fonts of this machine."""

from functools import cache
from typing import Literal

from cdk_event_flow.errors import Problem, RunError
from cdk_event_flow.render.picture import Picture
from cdk_event_flow.render.svg import svg

SCALE = 2.0
MOST_PIXELS = 12_000  # of a side; larger pictures are drawn smaller
# Of these the first that this machine has. Boxes are made for the widths of all of them (`text`).
_FAMILIES = ("Helvetica", "Arial", "DejaVu Sans", "Liberation Sans", "Segoe UI", "Noto Sans", "Roboto", "Ubuntu", "FreeSans")
_PROBE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20">'
    '<text x="2" y="16" font-family="{}" font-size="16">{}</text></svg>'
)


def as_png(picture: Picture, *, theme: Literal["light", "dark"] = "light", title: str = "Event flow") -> bytes:
    """The bytes of a PNG file, twice as large as the SVG, on the theme's ground.

    Raises RunError (EF-DIAGRAM-FONTS) where the machine has no font to write with, and ImportError without the extra.
    """
    return drawn_as_png(svg(picture, theme=theme, title=title), max(picture.width, picture.height))


def drawn_as_png(text: str, side: float) -> bytes:
    """As `as_png`, of an SVG whose longer side has so many pixels."""
    import resvg_py

    family = _family()
    if family is None:
        problem = Problem(code="EF-DIAGRAM-FONTS", given=f"none of the fonts {', '.join(_FAMILIES)} is on this machine",
                          allowed="a PNG is drawn with the machine's fonts",
                          fix="install one (Debian: fonts-dejavu-core), or use --format svg")  # fmt: skip
        raise RunError("event-flow diagram", problem)
    scale = min(SCALE, MOST_PIXELS / max(side, 1))
    return bytes(resvg_py.svg_to_bytes(svg_string=text, zoom=scale, font_family=family, sans_serif_family=family))


@cache
def _family() -> str | None:
    """The font that is written with; None where no word would be seen."""
    import resvg_py

    def drawn(family: str, word: str) -> bytes:
        return bytes(resvg_py.svg_to_bytes(svg_string=_PROBE.format(family, word)))

    return next((family for family in _FAMILIES if drawn(family, "M") != drawn(family, "")), None)
