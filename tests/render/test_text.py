"""Words are measured generously, broken where they read well, and never cut."""

import pytest

from cdk_event_flow.render.text import Font, line, measure, printable, wrap

SMALL = Font(11)


def joined(lines):
    return "".join(each.words for each in lines).replace(" ", "")


@pytest.mark.parametrize(
    "words",
    [
        "OrderSubmitted",
        "source: shop.orders | shop.packing",
        "x" * 300,
        "arn:aws:sqs:eu-west-1:123456789012:Queue",
        "注文 受付 🚚" * 9,
        "",
    ],
)
def test_every_line_fits_and_nothing_is_lost(words):
    lines = wrap(words, SMALL, 120)
    assert all(each.width <= 120 for each in lines)
    assert joined(lines) == words.replace(" ", "")


def test_words_are_broken_at_spaces_first():
    assert [each.words for each in wrap("detail-type: OrderSubmitted | PackingFailed", SMALL, 200)] == [
        "detail-type: OrderSubmitted |",
        "PackingFailed",
    ]


def test_a_word_too_long_for_a_line_is_broken_where_it_reads_well():
    assert [each.words for each in wrap("CustomerSubscriptionRenewalReminder", SMALL, 150)] == [
        "CustomerSubscription",
        "RenewalReminder",
    ]


def test_bold_is_wider_and_twice_the_size_is_twice_as_wide():
    assert measure("Billing", Font(11, bold=True)) > measure("Billing", SMALL)
    assert measure("Billing", Font(22)) == 2 * measure("Billing", SMALL)


def test_only_what_the_table_has_is_left_to_the_font():
    assert not line("total ≤ 5 → done", SMALL).exact
    assert line("注文", SMALL).exact


def test_what_cannot_be_printed_is_made_visible():
    assert printable("a\x00b\u202ec\ud800\n d") == "a�b�c� d"
