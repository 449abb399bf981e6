"""One sign a kind, drawn by ourselves: strokes in a square of 20, as SVG path data."""

from collections.abc import Mapping

GLYPHS: Mapping[str, str] = {
    "bus": "M2 10H18M6 10V5M6 3.2v.1M14 10V5M14 3.2v.1M10 10V15M10 16.8v.1",
    "rule": "M10 2.5L17.5 10L10 17.5L2.5 10ZM7 10L9.2 12.2L13.2 8",
    "topic": "M3 10a2 2 0 1 0 4 0a2 2 0 1 0 -4 0M7 10H17.5M6.5 8.7L16.5 4M6.5 11.3L16.5 16",
    "filter": "M3 4H17L11.8 10.2V16.5L8.2 14.6V10.2Z",
    "queue": "M2 6H18V14H2ZM7.3 6V14M12.7 6V14",
    "dead letters": "M2 5H18V15.5H2ZM7.4 7.7L12.6 12.9M12.6 7.7L7.4 12.9",
    "function": "M7 3C3.8 3 5.8 9 3 10C5.8 11 3.8 17 7 17M13 3C16.2 3 14.2 9 17 10C14.2 11 16.2 17 13 17M10 9.9v.2",
    "schedule": "M10 2.5a7.5 7.5 0 1 0 .01 0M10 5.8V10L13 12",
    "pipe": "M2 5.5H5.5V14.5H2M18 5.5H14.5V14.5H18M5.5 8H14.5M5.5 12H14.5",
    "archive": "M2.5 3.5H17.5V7.5H2.5ZM4 7.5V16.5H16V7.5M8 10.8H12",
    "client": "M10 3a3.2 3.2 0 1 0 .01 0M3.8 17C4 12.9 6.6 11.6 10 11.6C13.4 11.6 16 12.9 16.2 17",
    "service": "M10 2.5L16.5 6.2V13.8L10 17.5L3.5 13.8V6.2Z",
}
