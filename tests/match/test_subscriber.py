"""Filters of an event bus's subscriber: 1 to 50, each on its scope, all of them."""

import pytest

from cdk_event_flow.match import PatternError, SubscriberFilters


def test_all_filters_must_match_each_on_its_scope():
    filters = SubscriberFilters([("DATA", {"total": [{"numeric": [">", 5]}]}), ("METADATA", {"source": ["shop"]})])
    assert filters.matches({"total": 6}, {"source": "shop"})
    assert not filters.matches({"total": 5}, {"source": "shop"})
    assert not filters.matches({"total": 6}, {"source": "other"})
    assert not filters.matches({"total": 6, "source": "shop"})


def test_the_misses_say_which_scope_they_are_of():
    filters = SubscriberFilters([("DATA", {"a": ["x"]}), ("SYSTEM_METADATA", {"b": ["y"]})])
    assert [str(miss) for miss in filters.explain('{"a": "x"}', {}, {"b": "z"}).misses] == ['SYSTEM_METADATA b is "z", wanted "y"']


def test_the_misses_of_all_filters_come_first():
    filters = SubscriberFilters([("DATA", {"a": ["x"]}), ("METADATA", {"b": ["y"]}), ("DATA", {"c": ["z"]})])
    assert str(filters.explain({"a": "x"}, {"b": "?"})) == (
        'METADATA b is "?", wanted "y"\nDATA c is absent, wanted "z"\nDATA a is "x", matches "x"'
    )


def test_every_filter_is_warned_of():
    always = [{"anything-but": "x"}, {"anything-but": "y"}]
    filters = SubscriberFilters([("DATA", {"a": ["x"]}), ("METADATA", {"b": always}), ("DATA", {"c": always})])
    assert [warning.given for warning in filters.warnings] == ["b passes whatever its value", "c passes whatever its value"]


@pytest.mark.parametrize("count", [0, 51])
def test_there_are_1_to_50_filters(count):
    assert SubscriberFilters([("DATA", {"a": ["x"]})] * 50).matches({"a": "x"})
    with pytest.raises(PatternError, match=f"There are {count} filters"):
        SubscriberFilters([("DATA", {"a": ["x"]})] * count)


def test_an_unknown_scope_is_refused_with_its_place():
    with pytest.raises(PatternError) as refused:
        SubscriberFilters([("DATA", {"a": ["x"]}), ("BODY", {"a": ["x"]})])
    assert refused.value.path == "filters[1]"


def test_a_pattern_has_at_most_4096_characters():
    with pytest.raises(PatternError, match="too long"):
        SubscriberFilters([("DATA", {"a": ["x" * 4_096]})])
