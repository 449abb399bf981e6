"""How wide words are, and how they are broken into lines that a box can hold. Nothing is ever cut off.

Widths are upper bounds: of each character the wider one of Helvetica/Arial and DejaVu Sans, so that a box fits its words in
whichever of the sans-serif fonts the reader has. Characters that the table does not have get a generous width, and the
picture then tells the reader's renderer to keep to it (`Line.exact`).
"""

import re
import unicodedata
from dataclasses import dataclass

# Advance widths of U+0020 to U+007E in hundredths of an em.
_REGULAR = (
    32, 41, 46, 84, 64, 96, 78, 28, 40, 40, 50, 84, 32, 37, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34,
    34, 84, 84, 84, 56, 102, 69, 69, 73, 78, 67, 62, 78, 76, 30, 50, 67, 56, 87, 75, 79, 67, 79, 73, 67, 62, 74,
    69, 99, 69, 67, 69, 40, 34, 40, 84, 56, 50, 62, 64, 55, 64, 62, 36, 64, 64, 28, 28, 58, 28, 98, 64, 62, 64,
    64, 42, 53, 40, 64, 60, 82, 60, 60, 53, 64, 34, 64, 84,
)  # fmt: skip
_BOLD = (
    35, 46, 53, 84, 70, 101, 88, 31, 46, 46, 53, 84, 38, 42, 38, 37, 70, 70, 70, 70, 70, 70, 70, 70, 70, 70, 40,
    40, 84, 84, 84, 59, 102, 78, 77, 74, 84, 69, 69, 83, 84, 38, 50, 78, 64, 100, 84, 86, 74, 86, 78, 73, 69, 82,
    78, 111, 78, 73, 73, 46, 37, 46, 84, 56, 50, 68, 72, 60, 72, 68, 44, 72, 72, 35, 35, 67, 35, 105, 72, 69, 72,
    72, 50, 60, 48, 72, 66, 93, 65, 66, 59, 72, 37, 72, 84,
)  # fmt: skip
_KNOWN = {"→": 100, "·": 39, "≤": 84, "≥": 84, "≠": 84, "…": 100, "×": 84}
_LETTER, _WIDE = 145, 200

# Where a word may be broken when a whole line cannot hold it: after these, and before a capital after a small letter.
_BREAKS = re.compile(r"(?<=[-_./:,;@&=?|])|(?<=[a-z0-9])(?=[A-Z])")
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Font:
    """A size in pixels, and a weight."""

    size: float
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """Words on one line; `width` in pixels. `exact` when the width is a guess that the renderer must keep to."""

    words: str
    width: float
    exact: bool


def printable(words: str) -> str:
    """`words` on one line, with what cannot or must not be printed (controls, bidirectional overrides) made visible as �."""
    joined = " ".join(words.split())
    if joined.isascii() and joined.isprintable():
        return joined
    return "".join("�" if unicodedata.category(char) in _UNPRINTABLE else char for char in joined)


def measure(words: str, font: Font) -> float:
    """An upper bound of the width in pixels."""
    table = _BOLD if font.bold else _REGULAR
    return sum(table[code - 32] if 32 <= (code := ord(char)) < 127 else _other(char) for char in words) * font.size / 100


def line(words: str, font: Font) -> Line:
    """Words that stay on one line."""
    shown = printable(words)
    return Line(shown, measure(shown, font), not all(32 <= ord(char) < 127 or char in _KNOWN for char in shown))


def wrap(words: str, font: Font, width: float) -> list[Line]:
    """Lines of at most `width` pixels: broken at spaces, then inside words where they read well, then anywhere."""
    lines, current = [], ""
    for piece in _pieces(printable(words), font, width):
        if current and measure((current + piece).rstrip(), font) > width:
            lines.append(current.rstrip())
            current = piece.lstrip()
        else:
            current += piece
    return [line(each, font) for each in [*lines, current.rstrip()] if each]


def _pieces(words: str, font: Font, width: float) -> list[str]:
    """What may stand on different lines; joined they are `words`."""
    pieces: list[str] = []
    for word in re.findall(r"\S+\s*", words):
        if measure(word.rstrip(), font) <= width:
            pieces.append(word)
            continue
        for part in filter(None, _BREAKS.split(word)):
            pieces.extend([part] if measure(part.rstrip(), font) <= width else list(part))
    return pieces


def _other(char: str) -> int:
    if char in _KNOWN:
        return _KNOWN[char]
    if unicodedata.combining(char):
        return 0
    return _WIDE if unicodedata.east_asian_width(char) in "WF" or ord(char) > 0xFFFF else _LETTER
