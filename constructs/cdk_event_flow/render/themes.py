"""The colours, light and dark. A colour never says anything alone: each kind has its sign and its word, each line its dashes."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours as CSS has them; `kinds` are those of the signs, 3:1 or more against the box, words 4.5:1 or more."""

    page: str
    box: str
    border: str
    ink: str
    muted: str
    edge: str
    kinds: Mapping[str, str]


LIGHT = Theme(
    page="#ffffff",
    box="#ffffff",
    border="#d0d7de",
    ink="#1f2328",
    muted="#59636e",
    edge="#8c959f",
    kinds={
        "bus": "#8250df",
        "rule": "#bf3989",
        "topic": "#bc4c00",
        "filter": "#59636e",
        "queue": "#1a7f37",
        "dead letters": "#cf222e",
        "function": "#0969da",
        "schedule": "#9a6700",
        "pipe": "#0b7a75",
        "archive": "#6e5494",
        "bucket": "#4d7c0f",
        "table": "#6639ba",
        "stream": "#0b7a75",
        "api": "#0550ae",
        "client": "#59636e",
        "service": "#59636e",
    },
)
DARK = Theme(
    page="#0d1117",
    box="#161b22",
    border="#3d444d",
    ink="#f0f6fc",
    muted="#9198a1",
    edge="#6e7681",
    kinds={
        "bus": "#ab7df8",
        "rule": "#db61a2",
        "topic": "#f0883e",
        "filter": "#9198a1",
        "queue": "#3fb950",
        "dead letters": "#f85149",
        "function": "#58a6ff",
        "schedule": "#d29922",
        "pipe": "#39c5cf",
        "archive": "#b8a0d8",
        "bucket": "#a3cf5f",
        "table": "#bc8cff",
        "stream": "#39c5cf",
        "api": "#79c0ff",
        "client": "#9198a1",
        "service": "#9198a1",
    },
)
