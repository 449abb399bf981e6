"""Plots are right where they put a figure, and can be read by everyone."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from benchmarks.plot import LINE_OF_WORDS, Axis, Line, plot
from benchmarks.section import about, number, table

SVG = "{http://www.w3.org/2000/svg}"


def drawn(*lines, log=True):
    return ElementTree.fromstring(plot("Speed & size", Axis(title="rules", log=log), Axis(title="a second", log=log), list(lines)))


def points(svg):
    return [
        [tuple(map(float, pair.split(","))) for pair in line.get("points").split()]
        for line in svg.iter(f"{SVG}polyline")
    ]  # fmt: skip


def test_ten_times_as_much_is_the_same_way_everywhere_on_an_axis_of_powers():
    (line,) = points(drawn(Line(name="ours", points=[(1, 1_000), (10, 100), (100, 10)])))
    (x1, y1), (x2, y2), (x3, y3) = line
    assert x2 - x1 == pytest.approx(x3 - x2, abs=0.2)
    assert y2 - y1 == pytest.approx(y3 - y2, abs=0.2)
    assert y1 < y2  # more is above


def test_a_plain_axis_begins_at_nothing():
    svg = drawn(Line(name="ours", points=[(0, 0), (50, 30), (100, 60)]), log=False)
    ((_, _), (_, middle), (_, high)), levels = points(svg)[0], [float(line.get("y1")) for line in svg.iter(f"{SVG}line")]
    assert points(svg)[0][0][1] == max(levels)
    assert middle - high == pytest.approx(max(levels) - middle, abs=0.2)


def test_names_of_lines_that_end_at_one_place_do_not_lie_on_each_other():
    svg = drawn(*(Line(name=f"line {at}", points=[(1, 5), (10, 9)]) for at in range(5)))
    at = sorted(float(text.get("y")) for text in svg.iter(f"{SVG}text") if "name" in (text.get("class") or ""))
    assert len(at) == 5
    assert all(below - above > LINE_OF_WORDS - 0.1 for above, below in pairwise(at))


def test_it_is_told_in_words_and_has_colours_for_the_dark():
    text = plot("Speed", Axis(title="rules"), Axis(title="ms"), [Line(name="ours", points=[(1, 2.5), (1_000, 40)])])
    assert "<desc>ms by rules. ours: 1 → 2.5, 1,000 → 40</desc>" in text
    light, dark = text.partition("prefers-color-scheme: dark")[::2]
    assert re.findall(r"\.plot \.page \{ fill: (\S+); \}", light) != re.findall(r"\.plot \.page \{ fill: (\S+); \}", dark)


@pytest.mark.parametrize(
    ("value", "shown", "said"),
    [(47_395, "47,395", "47,000"), (1.833, "1.83", "1.8"), (0.0178, "0.018", "0.018"), (99.6, "99.6", "100"), (0, "0", "0")],
)
def test_figures_are_short(value, shown, said):
    assert number(value) == shown
    assert about(value) == said


def test_a_table_has_figures_to_the_right():
    assert table(["what", ">ms"], [["read", 5]]) == ["| what | ms |", "| --- | ---: |", "| read | 5 |"]
