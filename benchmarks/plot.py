"""A plot of a few lines as SVG, dark or light as its reader's screen; lines differ in dashes and marks, not in colour alone."""

from dataclasses import dataclass
from math import ceil, floor, log10
from xml.sax.saxutils import escape

from cdk_event_flow.render.svg import FONTS
from cdk_event_flow.render.themes import DARK, LIGHT

WIDTH, HEIGHT = 720, 340
LEFT, RIGHT, TOP, BOTTOM = 88, 190, 46, 56
KINDS = ("function", "topic", "queue", "bus", "dead letters")  # whose colours the lines have, in this order
DASHES = ("", "7 4", "2 4", "10 3 2 3", "1 3")
LINE_OF_WORDS = 15


@dataclass(frozen=True, kw_only=True)
class Line:
    """`points` are (x, y), from left to right."""

    name: str
    points: list[tuple[float, float]]


@dataclass(frozen=True, kw_only=True)
class Axis:
    """`log` for an axis of powers; `ticks` are the figures that stand at it, found where none are given."""

    title: str
    log: bool = False
    ticks: tuple[float, ...] = ()


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float
    log: bool
    begin: float
    end: float

    def __call__(self, value):
        part = (self._of(value) - self._of(self.low)) / (self._of(self.high) - self._of(self.low))
        return round(self.begin + part * (self.end - self.begin), 1)

    def _of(self, value):
        return log10(value) if self.log else value


def plot(title, x, y, lines):
    """The text of the SVG: a title, two axes, and each line with its name at its end."""
    xs = x.ticks or tuple(sorted({at for line in lines for at, _ in line.points}))
    ys = y.ticks or _ticks([value for line in lines for _, value in line.points], y.log)
    across = _Scale(xs[0], xs[-1], x.log, LEFT, WIDTH - RIGHT)
    up = _Scale(ys[0], ys[-1], y.log, HEIGHT - BOTTOM, TOP)
    ends = _apart([up(line.points[-1][1]) for line in lines])
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="plot" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
            'role="img">',
            f"<title>{escape(title)}</title>",
            f"<desc>{escape(_said(x, y, lines))}</desc>",
            f"<style>{_style(len(lines))}</style>",
            f'<rect class="page" width="{WIDTH}" height="{HEIGHT}" rx="8"/>',
            f'<text class="title" x="16" y="24">{escape(title)}</text>',
            *(_level(up(value), value) for value in ys),
            *(f'<text x="{across(at)}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{_n(at)}</text>' for at in xs),
            f'<text x="{(LEFT + WIDTH - RIGHT) / 2:g}" y="{HEIGHT - 14}" text-anchor="middle">{escape(x.title)}</text>',
            f'<text transform="translate(18 {(TOP + HEIGHT - BOTTOM) / 2:g}) rotate(-90)" text-anchor="middle">'
            f"{escape(y.title)}</text>",
            *(_line(number, line, across, up, end) for number, (line, end) in enumerate(zip(lines, ends, strict=True))),
            "</svg>\n",
        ]
    )


def _level(at, value):
    line = f'<line class="level" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at}" y2="{at}"/>'
    return f'{line}<text x="{LEFT - 8}" y="{at + 4:g}" text-anchor="end">{_n(value)}</text>'


def _line(number, line, across, up, end):
    points = [(across(at), up(value)) for at, value in line.points]
    joined = " ".join(f"{x},{y}" for x, y in points)
    marks = "".join(_mark(number, x, y) for x, y in points)
    words = f'<text class="name n{number}" x="{points[-1][0] + 12:g}" y="{end + 4:g}">{escape(line.name)}</text>'
    return f'<polyline class="line l{number}" points="{joined}"/><g class="mark m{number}">{marks}</g>{words}'


def _mark(number, x, y):
    """A disc, a square, a triangle, a diamond."""
    if number % 4 == 0:
        return f'<circle cx="{x:g}" cy="{y:g}" r="3.5"/>'
    around = {1: ((-3, -3), (3, -3), (3, 3), (-3, 3)), 2: ((0, -4), (4, 3), (-4, 3)), 3: ((0, -4.5), (4.5, 0), (0, 4.5), (-4.5, 0))}
    return f'<polygon points="{" ".join(f"{x + dx:g},{y + dy:g}" for dx, dy in around[number % 4])}"/>'


def _style(lines):
    rules = [
        "",
        f".plot text {{ font: 12px {FONTS}; }}",
        ".plot .title { font-size: 13px; font-weight: 600; }",
        ".plot .line { fill: none; stroke-width: 2; }",
        *(f".plot .l{number} {{ stroke-dasharray: {DASHES[number]}; }}" for number in range(lines) if DASHES[number]),
    ]
    dark = "\n".join(_colours(DARK, lines))
    return "\n".join([*rules, *_colours(LIGHT, lines), f"@media (prefers-color-scheme: dark) {{\n{dark}\n}}", ""])


def _colours(theme, lines):
    yield f".plot .page {{ fill: {theme.page}; }} .plot text {{ fill: {theme.muted}; }} .plot .title {{ fill: {theme.ink}; }}"
    yield f".plot .level {{ stroke: {theme.border}; }}"
    for number in range(lines):
        colour = theme.kinds[KINDS[number]]
        yield f".plot .l{number} {{ stroke: {colour}; }} .plot .m{number}, .plot .n{number} {{ fill: {colour}; }}"


def _ticks(values, log):
    """Round figures that the values lie between, three to seven of them."""
    low, high = min(values), max(values)
    if log:
        powers = [10.0**power for power in range(floor(log10(low)), max(ceil(log10(high)), floor(log10(low)) + 1) + 1)]
        if len(powers) > 3:
            return tuple(powers)
        finer = [power * each for power in powers for each in (1, 2, 5)]
        first = max(each for each in finer if each <= low)
        last = min(each for each in finer if each >= high and each > first)
        return tuple(each for each in finer if first <= each <= last)
    power = 10 ** floor(log10(high))
    step = next(each * power for each in (0.1, 0.2, 0.25, 0.5, 1, 2) if each * power * 5 >= high)
    return tuple(step * number for number in range(ceil(high / step) + 1))


def _apart(places):
    """The places, each a line of words from the next at least, in the order they have, and in the picture."""
    order = sorted(range(len(places)), key=places.__getitem__)
    moved, least = list(places), float(TOP)
    for index in order:
        moved[index] = least = max(moved[index], least)
        least += LINE_OF_WORDS
    most = HEIGHT - BOTTOM
    for index in reversed(order):
        moved[index] = most = min(moved[index], most)
        most -= LINE_OF_WORDS
    return moved


def _said(x, y, lines):
    """The figures in words, for those who do not see it."""
    each = (f"{line.name}: " + ", ".join(f"{_n(at)} → {_n(value)}" for at, value in line.points) for line in lines)
    return f"{y.title} by {x.title}. " + "; ".join(each)


def _n(value):
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"
