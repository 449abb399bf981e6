"""The picture: words inside their boxes, one geometry for all, and the one in the documentation is this one."""

import json
from itertools import combinations
from pathlib import Path

import pytest

from cdk_event_flow.render import picture_of, svg
from cdk_event_flow.render.glyphs import GLYPHS
from cdk_event_flow.render.picture import LEGEND_SAMPLE
from tests.render.templates import Template, shop

DRAWN = Path(__file__).parent.parent.parent / "docs" / "pictures" / "order-packing.svg"


@pytest.fixture(scope="module", params=[1, 22, 43], ids=["8-boxes", "over-150-boxes", "over-300-boxes"])
def picture(request):
    return picture_of(shop(request.param))


def test_the_picture_in_the_documentation_is_what_the_reference_app_gives(flow):
    assert DRAWN.read_text("utf-8") == svg(picture_of(flow)), "it is stale: make docs"


def test_no_word_and_no_sign_leaves_its_box(picture):
    for box in picture.boxes:
        for text in box.texts:
            assert box.x < text.x
            assert text.x + text.width <= box.x + box.width
            assert box.y < text.y < box.y + box.height
        for sign in box.signs:
            assert box.x < sign.x < sign.x + sign.size < box.x + box.width
            assert box.y < sign.y < sign.y + sign.size < box.y + box.height


def test_no_box_stands_on_another(picture):
    for one, other in combinations(picture.boxes, 2):
        assert (
            one.x + one.width <= other.x
            or other.x + other.width <= one.x
            or one.y + one.height <= other.y
            or other.y + other.height <= one.y
        )


def test_signs_and_words_do_not_overlap(picture):
    for box in picture.boxes:
        for text in box.texts:
            level = [sign for sign in box.signs if sign.y < text.y < sign.y + sign.size]
            assert all(sign.x + sign.size < text.x for sign in level)


def test_everything_is_on_the_picture(picture):
    for box in picture.boxes:
        assert min(box.x, box.y) >= 0
        assert box.x + box.width <= picture.width
        assert box.y + box.height <= picture.height
    for each in picture.legend:
        assert each.x + LEGEND_SAMPLE < each.text.x
        assert each.text.x + each.text.width <= picture.width
        assert max(box.y + box.height for box in picture.boxes) < each.y < picture.height


def test_a_hundred_and_fifty_boxes_stay_in_columns_of_one_kind():
    picture = picture_of(shop(22))
    assert len(picture.boxes) > 150
    columns = {}
    for box in picture.boxes:
        columns.setdefault(box.x, set()).add(box.kind)
    assert sorted(map(sorted, columns.values())) == [["bus"], ["filter"], ["function"], ["queue"], ["rule"], ["topic"]]


def test_what_publishes_back_runs_back():
    assert {(arrow.kind, arrow.back) for arrow in picture_of(shop(1)).arrows} == {("delivers", False), ("publishes", True)}


def test_the_same_flow_gives_the_same_picture():
    assert svg(picture_of(shop(4))) == svg(picture_of(shop(4)))


def test_json_has_all_that_a_page_needs_to_draw(picture):
    read = json.loads(json.dumps(picture.as_json()))
    assert len(read["boxes"]) == len(picture.boxes)
    ids = {box["id"] for box in read["boxes"]}
    assert len(ids) == len(picture.boxes)
    for arrow in read["arrows"]:
        assert {arrow["source"], arrow["target"]} <= ids
        assert arrow["path"].startswith("M")
    assert {sign["kind"] for box in read["boxes"] for sign in box["signs"]} == set(read["glyphs"]) <= set(GLYPHS)


def test_a_name_of_three_hundred_letters_is_wrapped_and_not_cut():
    template = Template()
    template.bus("Orders")
    template.rule("R", "Orders", {"source": ["shop"]}, template.queue("Q", "x" * 300 + "/Queue"))
    [box] = [box for box in picture_of(template.flow()).boxes if box.kind == "queue"]
    assert "".join(text.words for text in box.texts if text.role == "title") == "x" * 300
    assert box.width < 300


def test_what_feeds_one_and_is_its_only_source_stands_level_with_it(flow):
    middles = {f"{box.kind} {text.words}": box.y + box.height / 2 for box in picture_of(flow).boxes for text in box.texts[:1]}
    assert abs(middles["rule ToTopic"] - middles["topic OrderEvents"]) <= 1
    assert abs(middles["queue Packing"] - middles["function Packing"]) <= 1
