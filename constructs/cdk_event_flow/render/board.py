"""A dashboard as SVG, as CloudWatch lays it out: words, states of alarms, graphs of what was measured, or of what would be."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from cdk_event_flow.flow.dashboards import Dashboard, Line, Widget
from cdk_event_flow.render.svg import FONTS, ThemeName
from cdk_event_flow.render.text import Font, measure, printable, wrap
from cdk_event_flow.render.themes import DARK, LIGHT, Theme

COLUMNS, COLUMN, ROW, GAP, MARGIN = 24, 46, 36, 8, 16
SMALL, USUAL, HEAD = Font(10), Font(12), Font(17, bold=True)
_TITLE = Font(12, bold=True)
_LEGEND, _PLOT = 14, 20  # heights of a line of the legend, and of what is above a plot
_LINES = {
    "light": ("#0969da", "#1a7f37", "#8250df", "#bf3989", "#0b7a75"),
    "dark": ("#58a6ff", "#3fb950", "#ab7df8", "#db61a2", "#39c5cf"),
}
_STATES = {"ALARM": "bad", "OK": "good"}
# Colours that a dashboard gives to what is wrong, in both of our themes.
_GIVEN = {"#d62728": "bad", "#ff7f0e": "warn"}

Points = Sequence[tuple[float, float]]
Key = tuple[str, str, tuple[tuple[str, str], ...], str]
"""Namespace, metric, dimensions and statistic."""


def key_of(line: Line) -> Key:
    """What a line's values are found by."""
    return line.namespace, line.metric, line.dimensions, line.stat


def board(
    dashboard: Dashboard,
    *,
    theme: ThemeName = "auto",
    measured: Mapping[Key, Points] | None = None,
    states: Mapping[str, str] | None = None,
    says: Mapping[str, str] | None = None,
) -> str:
    """The text of an SVG file. `measured` are the values of lines over seconds, all of one time; `states` the worst state of each
    alarm in that time, `says` what each says, both by its ARN. Below the grid stand the alarms with their words, if given."""
    drawing = _Drawing(measured or {}, states or {})
    for widget in dashboard.widgets:
        drawing.widget(widget)
    if says:
        drawing.words_of(says)
    width, height = 2 * MARGIN + COLUMNS * COLUMN, drawing.bottom + MARGIN
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="ef" width="{width}" height="{_n(height)}" '
            f'viewBox="0 0 {width} {_n(height)}" role="img" aria-label={quoteattr(printable(f"Dashboard {dashboard.path}"))}>',
            f"<style>{_style(theme)}</style>",
            f'<rect class="page" width="{width}" height="{_n(height)}" rx="8"/>',
            *drawing.parts,
            "</svg>\n",
        ]
    )


def size_of(svg: str) -> tuple[float, float]:
    """Width and height that an SVG names."""
    found = re.search(r'width="([\d.]+)" height="([\d.]+)"', svg)
    return (float(found[1]), float(found[2])) if found else (0.0, 0.0)


class _Drawing:
    def __init__(self, measured: Mapping[Key, Points], states: Mapping[str, str]) -> None:
        self.parts: list[str] = []
        self.bottom = 0.0
        self._measured, self._states = measured, states
        times = [at for points in measured.values() for at, _ in points]
        # A period begins with its whole minute.
        self._from, self._to = (min(times) // 60 * 60, max(times)) if times else (0.0, 0.0)

    def widget(self, widget: Widget) -> None:
        x, y = MARGIN + widget.x * COLUMN + GAP / 2, MARGIN + widget.y * ROW + GAP / 2
        width, height = widget.width * COLUMN - GAP, widget.height * ROW - GAP
        self.bottom = max(self.bottom, y + height)
        match widget.kind:
            case "text":
                self._text(widget, x, y, width)
            case "alarm":
                self._box(x, y, width, height)
                self._alarms(widget, x, y, width, height)
            case "metric":
                self._box(x, y, width, height)
                self._graph(widget, x, y, width, height)
            case _:
                self._box(x, y, width, height)
                self._words(x + 10, y + 18, f"{widget.title} ({widget.kind})".strip(), _TITLE, "ink")

    def words_of(self, says: Mapping[str, str]) -> None:
        """The alarms, each with what it says."""
        left, width = MARGIN + GAP / 2, COLUMNS * COLUMN - GAP
        y = self.bottom + 34
        self._words(left, y, "What the alarms say", HEAD, "ink")
        y += 10
        for arn, said in says.items():
            lines = wrap(said, USUAL, width - 300)
            names = wrap(_alarm_name(arn), _TITLE, 262)
            height = 16 * max(len(lines), len(names)) + 12
            self._box(left, y, width, height)
            self._dot(left + 14, y + 17, self._states.get(arn))
            for number, each in enumerate(names):
                self._words(left + 26, y + 21 + 16 * number, each.words, _TITLE, "ink")
            for number, each in enumerate(lines):
                self._words(left + 292, y + 21 + 16 * number, each.words, USUAL, "muted")
            y += height + 6
        self.bottom = y

    def _text(self, widget: Widget, x: float, y: float, width: float) -> None:
        at = y + 4
        for written in widget.text.splitlines():
            level = len(written) - len(written.lstrip("#"))
            font, kind = (HEAD, "ink") if level == 1 else (Font(14, bold=True), "ink") if level else (USUAL, "muted")
            for each in wrap(written.lstrip("# ").replace("`", ""), font, width):
                at += font.size + 5
                self._words(x, at, each.words, font, kind)

    def _alarms(self, widget: Widget, x: float, y: float, width: float, height: float) -> None:
        self._words(x + 10, y + 18, widget.title or "Alarms", _TITLE, "ink")
        rows = max(1, int((height - 26) // 20))
        columns = max(1, math.ceil(len(widget.alarms) / rows))
        for number, arn in enumerate(widget.alarms):
            left, top = x + 10 + (number // rows) * (width - 20) / columns, y + 38 + 20 * (number % rows)
            self._dot(left + 4, top - 4, self._states.get(arn))
            self._words(left + 14, top, _fitting(_alarm_name(arn), SMALL, (width - 20) / columns - 24), SMALL, "ink")

    def _graph(self, widget: Widget, x: float, y: float, width: float, height: float) -> None:
        self._words(x + 10, y + 18, _fitting(widget.title, _TITLE, width - 20), _TITLE, "ink")
        legend = list(self._legend(widget, width - 20))
        plot_y, plot_height = y + 10 + _PLOT, height - _PLOT - 34 - _LEGEND * (legend[-1][0] + 1 if legend else 0)
        plot_x, plot_width = x + 42, width - 54
        series = [(line, _binned(self._measured.get(key_of(line), ()), widget.period, line.stat)) for line in widget.lines]
        highest = max([value for _, points in series for _, value in points], default=0.0)
        levels = [level for _, level in widget.limits if not highest or level <= 3 * highest]
        top = _round_up(max([highest, *levels, 1.0]))
        for share in (0.0, 0.5, 1.0):
            at = plot_y + plot_height * (1 - share)
            self.parts.append(f'<path class="grid" d="M{_n(plot_x)} {_n(at)}H{_n(plot_x + plot_width)}"/>')
            said = _short(top * share)
            self._words(plot_x - 6 - measure(said, SMALL), at + 3, said, SMALL, "muted")
        for said, level in widget.limits:
            if level <= top:
                at = plot_y + plot_height * (1 - level / top)
                self.parts.append(f'<path class="limit" d="M{_n(plot_x)} {_n(at)}H{_n(plot_x + plot_width)}"/>')
                words = f"{said} {_short(level)}"
                self._words(
                    plot_x + plot_width - measure(words, SMALL), at - 3 if at > plot_y + 12 else at + 11, words, SMALL, "muted"
                )
        for number, (line, points) in enumerate(series):
            self._line(points, widget.period, _class(line, number), plot_x, plot_y, plot_width, plot_height, top)
        if self._measured and self._to > self._from:
            end = f"{(self._to - self._from) / 60:.0f} min"
            self._words(plot_x + plot_width - measure(end, SMALL), plot_y + plot_height + 13, end, SMALL, "muted")
        base = y + height - 8 - _LEGEND * (legend[-1][0] if legend else 0)
        for row, left, number, line, words in legend:
            self.parts.append(
                f'<path class="line {_class(line, number)}" d="M{_n(x + 10 + left)} {_n(base + row * _LEGEND - 3)}h12"/>'
            )
            self._words(x + 26 + left, base + row * _LEGEND, words, SMALL, "muted")

    def _line(self, points: Points, period: float, kind: str, x: float, y: float, width: float, height: float, top: float) -> None:
        if not points:
            return
        span = max(self._to - self._from, period)
        places = [(x + width * (at - self._from) / span, y + height * (1 - min(value, top) / top)) for at, value in points]
        gap = 2.5 * period / span * width
        path = ""
        for number, (left, at) in enumerate(places):
            joined = number and left - places[number - 1][0] <= gap
            path += f"{'L' if joined else 'M'}{_n(left)} {_n(at)}"
            if not joined and (number + 1 == len(places) or places[number + 1][0] - left > gap):
                self.parts.append(f'<circle class="dot {kind}" cx="{_n(left)}" cy="{_n(at)}" r="2.4"/>')
        self.parts.append(f'<path class="line {kind}" d="{path}"/>')

    def _legend(self, widget: Widget, width: float) -> Iterator[tuple[int, float, int, Line, str]]:
        """Row, place, number, line and words of each label, as they fit."""
        row, left = 0, 0.0
        for number, line in enumerate(widget.lines):
            words = _fitting(line.label, SMALL, width - 30)
            needed = measure(words, SMALL) + 30
            if left and left + needed > width:
                row, left = row + 1, 0.0
            yield row, left, number, line, words
            left += needed

    def _box(self, x: float, y: float, width: float, height: float) -> None:
        self.parts.append(f'<rect class="box" x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" rx="6"/>')

    def _dot(self, x: float, y: float, state: str | None) -> None:
        kind = _STATES.get(state or "", "none")
        shape = f'<circle class="state {kind}" cx="{_n(x)}" cy="{_n(y)}" r="4.5"/>'
        if kind == "bad":  # a colour says nothing alone
            shape = f'<path class="state bad" d="M{_n(x - 5)} {_n(y + 4.5)}L{_n(x)} {_n(y - 5)}L{_n(x + 5)} {_n(y + 4.5)}Z"/>'
        self.parts.append(f"<g><title>{state or 'not known'}</title>{shape}</g>")

    def _words(self, x: float, y: float, words: str, font: Font, kind: str) -> None:
        weight = ' font-weight="600"' if font.bold else ""
        self.parts.append(
            f'<text class="{kind}" x="{_n(x)}" y="{_n(y)}" font-size="{font.size:g}"{weight}>{escape(printable(words))}</text>'
        )


def _binned(points: Points, period: int, stat: str) -> list[tuple[float, float]]:
    """One value a period, as CloudWatch makes it of samples; counts are 0 between the first and the last where nothing came."""
    bins: dict[float, list[float]] = {}
    for at, value in points:
        bins.setdefault(at // period * period, []).append(value)
    return [(at, _statistic(stat, bins[at])) for at in sorted(bins)]


def _statistic(stat: str, values: list[float]) -> float:
    if stat.startswith("p") and stat[1:].replace(".", "").isdigit():
        ordered = sorted(values)
        return ordered[min(len(ordered) - 1, max(0, math.ceil(float(stat[1:]) / 100 * len(ordered)) - 1))]
    match stat:
        case "Sum":
            return sum(values)
        case "Maximum":
            return max(values)
        case "Minimum":
            return min(values)
        case "SampleCount":
            return float(len(values))
    return sum(values) / len(values)


def _class(line: Line, number: int) -> str:
    return _GIVEN.get((line.color or "").lower(), f"line{number % len(_LINES['light'])}")


def _alarm_name(arn: str) -> str:
    return arn.partition(":alarm:")[2] or arn


def _fitting(words: str, font: Font, width: float) -> str:
    """Words that stay within `width`: of what is too long, the end, which tells it apart."""
    shown = printable(words)
    if measure(shown, font) <= width:
        return shown
    while shown and measure(f"…{shown}", font) > width:
        shown = shown[1:]
    return f"…{shown}"


def _round_up(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 2.5, 4, 5, 10) if step * power >= value)


def _short(value: float) -> str:
    for size, unit in ((1_000_000, "M"), (1_000, "k")):
        if value >= size:
            return f"{value / size:g}{unit}"
    return f"{value:g}"


def _style(theme: ThemeName) -> str:
    static = f"""
.ef text {{ font-family: {FONTS}; white-space: pre; }}
.ef .line {{ fill: none; stroke-width: 1.6; stroke-linejoin: round; }}
.ef .grid {{ stroke-width: 0.6; fill: none; }}
.ef .limit {{ stroke-width: 1; stroke-dasharray: 5 4; fill: none; }}
"""
    if theme == "auto":
        return f"{static}{_colours(LIGHT, 'light')}@media (prefers-color-scheme: dark) {{\n{_colours(DARK, 'dark')}}}\n"
    return static + (_colours(DARK, "dark") if theme == "dark" else _colours(LIGHT, "light"))


def _colours(theme: Theme, name: str) -> str:
    bad, warn, good = theme.kinds["dead letters"], theme.kinds["topic"], theme.kinds["queue"]
    lines = {f"line{number}": colour for number, colour in enumerate(_LINES[name])} | {"bad": bad, "warn": warn}
    return "\n".join(
        [
            f".ef .page {{ fill: {theme.page}; }}",
            f".ef .box {{ fill: {theme.box}; stroke: {theme.border}; }}",
            f".ef .ink {{ fill: {theme.ink}; }}",
            f".ef .muted {{ fill: {theme.muted}; }}",
            f".ef .grid {{ stroke: {theme.border}; }}",
            f".ef .limit {{ stroke: {theme.muted}; }}",
            *(f".ef .line.{kind} {{ stroke: {colour}; }} .ef .dot.{kind} {{ fill: {colour}; }}" for kind, colour in lines.items()),
            f".ef .state.bad {{ fill: {bad}; }} .ef .state.good {{ fill: {good}; }} .ef .state.none {{ fill: {theme.edge}; }}",
            "",
        ]
    )


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
