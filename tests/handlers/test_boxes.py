"""Which boxes an order goes into."""

from decimal import Decimal

import pytest


def items(boxes, *lines):
    return [boxes.Item(sku=f"SKU-{n}", quantity=quantity, weight=Decimal(weight)) for n, (quantity, weight) in enumerate(lines)]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([(1, "0.1")], ["letter"]),
        ([(1, "0.5")], ["letter"]),
        ([(1, "0.51")], ["small"]),
        ([(2, "0.4")], ["small"]),
        ([(1, "5")], ["small"]),
        ([(1, "5.01")], ["large"]),
        ([(1, "25")], ["large"]),
        ([(2, "12.5")], ["large"]),
        ([(3, "12.5"), (1, "2")], ["large", "large"]),
        ([(1, "0.4"), (1, "25")], ["large", "letter"]),  # the heaviest first, whatever the order lists first
        ([(10, "0.1"), (1, "24")], ["large"]),  # small pieces fill what is left; ten tenths are one
    ],
)
def test_pieces_share_boxes_up_to_what_one_person_lifts(load, lines, expected):
    boxes = load("packing", "boxes")
    assert boxes.boxes_for(items(boxes, *lines)) == expected


def test_a_piece_that_nobody_lifts_is_named(load):
    boxes = load("packing", "boxes")
    with pytest.raises(boxes.CannotPack, match=r"SKU-1 weighs 25.1 kg, at most 25 kg") as refused:
        boxes.boxes_for(items(boxes, (1, "1"), (1, "25.1")))
    assert refused.value.item.sku == "SKU-1"
