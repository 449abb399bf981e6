"""What a part says of its figures: prose, tables and plots in Markdown, and the claims that can be pointed at."""

from dataclasses import dataclass, field
from math import floor, log10
from textwrap import wrap

WIDTH = 130


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One line of the summary. `key` is its address on the page and never means anything else; `figure` is what is quoted."""

    key: str
    what: str
    figure: str


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of the page, in blocks of lines. `plots` are SVG by file name; `missed` are sentences of bars that are not reached."""

    blocks: list[list[str]]
    claims: list[Claim]
    plots: dict[str, str] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)


def prose(*sentences):
    """A paragraph in lines, of sentences or parts of them."""
    return wrap(" ".join(sentences), WIDTH, break_long_words=False, break_on_hyphens=False)


def table(head, rows):
    """A table in Markdown, as lines. A heading that begins with ">" has its column to the right."""
    right = [title.startswith(">") for title in head]
    lines = [[title.removeprefix(">") for title in head], ["---:" if each else "---" for each in right], *rows]
    return ["| " + " | ".join(str(cell) for cell in line) + " |" for line in lines]


def number(value, digits=3):
    """A figure for a table, of three significant digits."""
    if value is None:
        return "–"
    decimals = max(0, digits - 1 - floor(log10(abs(value)))) if value else 0
    return f"{value:,.{min(decimals, digits)}f}"


def about(value):
    """A figure for a sentence, of two significant digits: 47,395 is 47,000, and 1.833 is 1.8."""
    if not value:
        return "0"
    power = floor(log10(abs(value))) - 1
    return f"{round(value / 10**power) * 10**power:,.{max(0, -power)}f}"


def times(value):
    """A ratio in a sentence."""
    return f"{about(value)} times"
