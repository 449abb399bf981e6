"""The builder's words, and the lists that they are."""

import pytest

from cdk_event_flow.match import (
    EventPattern,
    above,
    absent,
    at_least,
    at_most,
    below,
    between,
    ends_with,
    in_any_case,
    in_network,
    like,
    none_of,
    not_ending_with,
    not_like,
    not_starting_with,
    one_of,
    pattern,
    present,
    starts_with,
)

# Said when the test runs, not when it is collected.
WORDS = [
    (lambda: one_of("eu", "us", 5, None), ["eu", "us", 5, None]),
    (lambda: none_of("eu"), [{"anything-but": ["eu"]}]),
    (lambda: starts_with("A-"), [{"prefix": "A-"}]),
    (lambda: starts_with("A-", any_case=True), [{"prefix": {"equals-ignore-case": "A-"}}]),
    (lambda: ends_with(".png"), [{"suffix": ".png"}]),
    (lambda: ends_with(".png", any_case=True), [{"suffix": {"equals-ignore-case": ".png"}}]),
    (lambda: not_starting_with("a", "b"), [{"anything-but": {"prefix": ["a", "b"]}}]),
    (lambda: not_ending_with("a"), [{"anything-but": {"suffix": ["a"]}}]),
    (lambda: in_any_case("Alice"), [{"equals-ignore-case": "Alice"}]),
    (lambda: like("a*"), [{"wildcard": "a*"}]),
    (lambda: not_like("a*", "b*"), [{"anything-but": {"wildcard": ["a*", "b*"]}}]),
    (lambda: in_network("10.0.0.0/8"), [{"cidr": "10.0.0.0/8"}]),
    (lambda: above(1), [{"numeric": [">", 1]}]),
    (lambda: at_least(1), [{"numeric": [">=", 1]}]),
    (lambda: below(1), [{"numeric": ["<", 1]}]),
    (lambda: at_most(1), [{"numeric": ["<=", 1]}]),
    (lambda: between(1, 2), [{"numeric": [">=", 1, "<=", 2]}]),
    (present, [{"exists": True}]),
    (absent, [{"exists": False}]),
    (lambda: starts_with("A-") | absent(), [{"prefix": "A-"}, {"exists": False}]),
    (lambda: above(5) | "free", [{"numeric": [">", 5]}, "free"]),
    (lambda: "free" | above(5), ["free", {"numeric": [">", 5]}]),
]


@pytest.mark.parametrize(("said", "plain"), WORDS)
def test_each_word_is_a_list_that_eventbridge_takes(said, plain):
    built = said()
    assert built == plain
    assert pattern(detail={"field": built}) == {"detail": {"field": plain}}
    assert EventPattern(pattern(detail={"field": built})).witness() is not None


def test_a_pattern_is_a_plain_dict():
    made = pattern(
        source="shop.orders",
        detail_type=["OrderSubmitted"],
        detail={"total": above(100), "region": one_of("eu", "us"), "sku": starts_with("A-") | absent(), "customer": {"vip": True}},
    )
    assert made == {
        "source": ["shop.orders"],
        "detail-type": ["OrderSubmitted"],
        "detail": {
            "total": [{"numeric": [">", 100]}],
            "region": ["eu", "us"],
            "sku": [{"prefix": "A-"}, {"exists": False}],
            "customer": {"vip": [True]},
        },
    }
    assert EventPattern(made).matches(
        {
            "source": "shop.orders",
            "detail-type": "OrderSubmitted",
            "detail": {"total": 101, "region": "eu", "customer": {"vip": True}},
        }
    )


def test_plain_dicts_mix_with_words():
    assert EventPattern({"detail": {"total": above(100) | absent()}}).matches({"detail": {"total": 101}})
    assert pattern({"detail-type": ["x"], "a": above(1)}, source="s") == {
        "detail-type": ["x"],
        "a": [{"numeric": [">", 1]}],
        "source": ["s"],
    }


def test_several_mappings_are_the_branches_of_or():
    made = pattern({"detail": {"a": "x"}}, {"detail": {"b": above(1)}}, source="s")
    assert made == {"source": ["s"], "$or": [{"detail": {"a": ["x"]}}, {"detail": {"b": [{"numeric": [">", 1]}]}}]}
    assert pattern(detail={"$or": [{"a": "x"}, {"b": "y"}]}) == {"detail": {"$or": [{"a": ["x"]}, {"b": ["y"]}]}}


def test_a_field_may_have_the_name_of_the_operator():
    assert pattern({"$or": ["x", None, 5]}) == {"$or": ["x", None, 5]}
