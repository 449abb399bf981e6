"""The SVG: well-formed whatever the names, readable in dark and light, said to those who do not see it."""

import re
import xml.etree.ElementTree as ET

import pytest

from cdk_event_flow.render import picture_of, svg
from cdk_event_flow.render.glyphs import GLYPHS
from cdk_event_flow.render.themes import DARK, LIGHT
from tests.render.templates import Template, shop

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "\"><script>alert(1)</script>\x00\x1b\u202e&amp;]]>'\ud800--"


def contrast(one, other):
    """WCAG 2's contrast ratio of two colours `#rrggbb`."""

    def luminance(colour):
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", ["auto", "light", "dark"])
def test_it_is_well_formed_and_fetches_nothing(flow, theme):
    text = svg(picture_of(flow), theme=theme)
    ET.fromstring(text)
    assert not re.search(r"(?i)href|url\(|<script|@import|<image|foreignObject", text)


def test_hostile_names_are_words_and_nothing_else():
    template = Template()
    template.bus("Orders")
    template.rule("R", "Orders", {"source": [HOSTILE], HOSTILE: [{"prefix": HOSTILE}]}, template.queue("Q", HOSTILE))
    root = ET.fromstring(svg(picture_of(template.flow()), title=HOSTILE))
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        "svg",
        "title",
        "desc",
        "style",
        "rect",
        "g",
        "path",
        "text",
    }
    assert "<script>" in "".join(root.itertext())


def test_auto_is_light_with_dark_where_the_reader_prefers_it():
    picture = picture_of(shop(1))
    light, dark, auto = (svg(picture, theme=theme) for theme in ("light", "dark", "auto"))
    assert DARK.page not in light
    assert LIGHT.page not in dark
    before, _, after = auto.partition("@media (prefers-color-scheme: dark)")
    assert LIGHT.page in before
    assert DARK.page not in before
    assert DARK.page in after
    used = {sign.kind for box in picture.boxes for sign in box.signs}
    assert all(DARK.kinds[kind] in after for kind in used)
    assert ".ef .sign.bucket" not in auto  # no bucket is drawn


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_words_and_signs_stand_out_from_their_ground(theme):
    for ground in (theme.box, theme.page):
        assert contrast(theme.ink, ground) >= 7
        assert contrast(theme.muted, ground) >= 4.5
        assert all(contrast(colour, ground) >= 3 for colour in theme.kinds.values())
        assert contrast(theme.edge, ground) >= 3


def test_a_kind_is_never_told_by_colour_alone(flow):
    assert len(set(GLYPHS.values())) == len(GLYPHS) == len(LIGHT.kinds) == len(DARK.kinds)
    for box in picture_of(flow).boxes:
        assert box.kind == "filter" or any(text.words.startswith(box.kind) for text in box.texts if text.role == "kind")


def test_it_is_said_to_those_who_do_not_see_it(flow):
    root = ET.fromstring(svg(picture_of(flow), title="Order packing"))
    assert root.get("aria-label") == root.findtext(f"{SVG}title") == "Order packing"
    assert "queue OrderEvents/Packing, dead letters after 5 → function Packing" in root.findtext(f"{SVG}desc")
    labels = [group.get("aria-label") for group in root.iter(f"{SVG}g") if group.get("role")]
    assert "rule Orders/ToTopic, source: shop.orders | shop.packing, detail-type: OrderSubmitted | PackingFailed" in labels


def test_tooltips_have_the_whole_path_and_pattern(flow):
    tooltips = [title.text for title in ET.fromstring(svg(picture_of(flow))).iter(f"{SVG}title")]
    assert 'filter on the message body: {"detail": {"region": ["eu", "us"]}}' in tooltips
    assert any(text.startswith("OrderPacking/OrderEvents/Packing/Queue\nvisibility 182 s") for text in tooltips)


def test_what_is_drawn_dashed_is_explained_and_drawn_dashed(flow):
    plain, all_queues = svg(picture_of(flow)), svg(picture_of(flow, dead_letters=True))
    assert 'class="line publishes"' in plain
    assert "may publish, as the function's environment or role tells" in plain
    assert 'class="line dead-letters"' not in plain
    assert 'class="line dead-letters"' in all_queues
