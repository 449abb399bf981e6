"""The layout: left to right, nothing on top of anything, the same every time, and it ends."""

import random
import re
import sys
from itertools import combinations, pairwise

import pytest

from cdk_event_flow.render.layers import backward
from cdk_event_flow.render.layout import lay_out
from cdk_event_flow.render.ordering import crossings, ordered
from cdk_event_flow.render.part import Line


def graph(count, seed, *, layers=7):
    """A flow-like graph: mostly a tree in layers, some joins, some weak edges back; boxes of many sizes."""
    chance = random.Random(seed)
    per = max(1, count // layers)
    edges = []
    for vertex in range(count):
        following = (vertex // per + 1) * per
        if following < count:
            ends = {min(count - 1, following + chance.randrange(per)) for _ in range(1 if chance.random() < 0.75 else 2)}
            edges += [Line(vertex, end, span=chance.choice((1, 1, 2))) for end in sorted(ends)]
    edges += [Line(chance.randrange(count // 2, count), chance.randrange(count // 4 + 1), weak=True) for _ in range(count // 12)]
    return [(chance.randrange(90, 260), chance.randrange(30, 110)) for _ in range(count)], edges


GRAPHS = [graph(count, seed) for count, seed in ((5, 1), (20, 2), (60, 3), (150, 4))]


@pytest.mark.parametrize("given", GRAPHS, ids=lambda given: f"{len(given[0])}-boxes")
def test_no_box_stands_on_another_and_all_are_inside(given):
    sizes, edges = given
    layout = lay_out(sizes, edges, margin=24)
    boxes = [(*corner, *size) for corner, size in zip(layout.corners, sizes, strict=True)]
    for (x1, y1, w1, h1), (x2, y2, w2, h2) in combinations(boxes, 2):
        assert x1 + w1 <= x2 or x2 + w2 <= x1 or y1 + h1 <= y2 or y2 + h2 <= y1
    for x, y, width, height in boxes:
        assert x >= 24
        assert y >= 24 - 0.5
        assert x + width <= layout.width - 24
        assert y + height <= layout.height - 24 + 0.5


@pytest.mark.parametrize("given", GRAPHS, ids=lambda given: f"{len(given[0])}-boxes")
def test_edges_run_left_to_right_but_those_that_close_a_cycle(given):
    sizes, edges = given
    layout = lay_out(sizes, edges)
    for edge, route in zip(edges, layout.routes, strict=True):
        leaves = layout.corners[edge.start][0] + sizes[edge.start][0]
        assert (leaves < layout.corners[edge.end][0]) != route.back
    kept = [(edge.start, edge.end) for edge, route in zip(edges, layout.routes, strict=True) if not route.back]
    assert not any(backward(len(sizes), kept, [False] * len(kept)))


@pytest.mark.parametrize("given", GRAPHS, ids=lambda given: f"{len(given[0])}-boxes")
def test_no_line_runs_through_a_box(given):
    sizes, edges = given
    layout = lay_out(sizes, edges)
    for route in layout.routes:
        for x, y in points(route.path):
            for (left, top), (width, height) in zip(layout.corners, sizes, strict=True):
                assert not (left + 1 < x < left + width - 1 and top + 1 < y < top + height - 1)


def points(path):
    """Points along SVG path data of M, H, L, C and Q."""
    x = y = 0.0
    for letter, numbers in re.findall(r"([MHLCQ])([^MHLCQ]*)", path):
        values = list(map(float, numbers.split()))
        if letter == "H":
            values.append(y)
        controls = [(x, y), *zip(values[::2], values[1::2], strict=True)]
        for step in range(0 if letter == "M" else 21):
            level, t = controls, step / 20
            while len(level) > 1:
                level = [(a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t) for a, b in pairwise(level)]
            yield level[0]
        x, y = controls[-1]


def test_the_same_graph_is_laid_out_the_same_every_time():
    given = graph(60, 5)
    assert lay_out(*given) == lay_out(*given)


def test_three_hundred_boxes_take_a_bounded_number_of_calls():
    given = graph(300, 6)
    calls = 0

    def count(frame, event, argument):
        nonlocal calls
        calls += 1

    sys.setprofile(count)
    try:
        lay_out(*given)
    finally:
        sys.setprofile(None)
    assert 0 < calls < 1_000_000


@pytest.mark.parametrize("weak", [False, True])
def test_cycles_and_loops_end_with_one_edge_turned_for_each(weak):
    ring = [Line(at, (at + 1) % 6, weak=weak) for at in range(6)] + [Line(3, 3)]
    layout = lay_out([(100, 40)] * 6, ring)
    assert sum(route.back for route in layout.routes) == 2


def test_a_function_that_publishes_is_turned_before_what_delivers():
    edges = [Line(0, 1), Line(1, 2), Line(2, 0, weak=True), Line(3, 2)]
    assert [route.back for route in lay_out([(100, 40)] * 4, edges).routes] == [False, False, True, False]


def test_a_publisher_that_closes_no_cycle_stands_on_the_left():
    layout = lay_out([(100, 40)] * 3, [Line(1, 2), Line(0, 1, weak=True)])
    assert [corner[0] for corner in layout.corners] == sorted(corner[0] for corner in layout.corners)
    assert not any(route.back for route in layout.routes)


def test_a_source_stands_next_to_what_it_feeds():
    layout = lay_out([(100, 40)] * 5, [Line(0, 1), Line(1, 2), Line(2, 3), Line(4, 3)])
    assert layout.corners[4][0] == layout.corners[2][0]


def test_a_chain_is_straight():
    layout = lay_out([(100, 40), (100, 90), (100, 20)], [Line(0, 1), Line(1, 2)])
    assert len({y + height / 2 for (_, y), height in zip(layout.corners, (40, 90, 20), strict=True)}) == 1


def test_connected_parts_are_numbered_from_the_largest_and_stand_apart():
    layout = lay_out([(100, 40)] * 5, [Line(0, 1), Line(2, 3), Line(3, 4)])
    assert layout.parts == [1, 1, 0, 0, 0]
    assert layout.corners[0][0] > layout.corners[4][0] + 100


def test_parts_that_do_not_fit_beside_each_other_stand_below():
    layout = lay_out([(600, 40)] * 4, [Line(0, 1), Line(2, 3)])
    assert layout.corners[0][0] == layout.corners[2][0]
    assert layout.corners[0][1] + 40 < layout.corners[2][1]


def test_crossings_are_counted_and_taken_away():
    left = [[], [], [], [2], [1], [0]]
    right = [[5], [4], [3], [], [], []]
    assert crossings([[0, 1, 2], [3, 4, 5]], right) == 3
    assert crossings(ordered([[0, 1, 2], [3, 4, 5]], left, right), right) == 0


def test_nothing_has_no_size():
    layout = lay_out([], [])
    assert (layout.width, layout.height, layout.routes) == (0, 0, [])
