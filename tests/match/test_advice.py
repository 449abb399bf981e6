"""Warnings: what AWS accepts and nobody means. Each case has a pattern beside it that is not warned of."""

import pytest

from cdk_event_flow.match import EventPattern, FilterPolicy

WARNED = [
    ({"a": [{"anything-but": "x"}, {"anything-but": "y"}]}, "EF-PATTERN-ALWAYS"),
    ({"a": [{"anything-but": ["x"]}, "x"]}, "EF-PATTERN-ALWAYS"),
    ({"a": [{"anything-but": {"prefix": "ab"}}, {"prefix": "a"}]}, "EF-PATTERN-ALWAYS"),
    ({"a": [{"prefix": "a"}, {"prefix": "ab"}]}, "EF-PATTERN-REDUNDANT"),
    ({"a": ["abc", {"prefix": "ab"}]}, "EF-PATTERN-REDUNDANT"),
    ({"a": ["x", "x"]}, "EF-PATTERN-REDUNDANT"),
    ({"a": [5, 5.0]}, "EF-PATTERN-REDUNDANT"),
    ({"a": [{"numeric": [">", 5]}, {"numeric": [">", 6]}]}, "EF-PATTERN-REDUNDANT"),
    ({"a": [{"exists": True}, "x"]}, "EF-PATTERN-REDUNDANT"),
    ({"a": [{"wildcard": "*x*x*x*x*"}]}, "EF-PATTERN-COMPLEXITY"),
    ({"a": [{"wildcard": "*x*x*x*y*"}]}, "EF-PATTERN-COMPLEXITY"),
    ({"a": [{"anything-but": {"wildcard": "*x*x*x*x*"}}]}, "EF-PATTERN-COMPLEXITY"),
    ({"a": ["1"], "$or": [{"a": ["2"]}, {"b": ["3"]}]}, "EF-PATTERN-REPLACED"),
    ({"$or": [{"a": ["2"]}, {"b": ["3"]}], "a": ["1"]}, "EF-PATTERN-REPLACED"),
    ({"a": {"b": ["1"]}, "a.b": ["2"]}, "EF-PATTERN-REPLACED"),
    ({"$or": [{"a": ["1"]}, {"a": ["1", "2"]}]}, "EF-PATTERN-UNREACHABLE"),
    ({"$or": [{"a": ["1"]}, {"a": ["1"], "b": ["2"]}]}, "EF-PATTERN-UNREACHABLE"),
    ({"a": ["x" * 2_039]}, "EF-PATTERN-LENGTH"),
    ({"a": [*(str(number) for number in range(19)), "0"]}, "EF-PATTERN-REDUNDANT"),
]

FINE = [
    {"a": [{"anything-but": ["x", "y"]}]},
    {"a": [{"anything-but": {"prefix": "a"}}, {"prefix": "ab"}]},
    {"a": ["x", "y", {"prefix": "z"}, None, 5]},
    {"a": [{"exists": True}]},
    {"a": [{"exists": False}, "x"]},
    {"a": [{"numeric": [">", 5]}, {"numeric": ["<", 3]}]},
    {"a": [{"wildcard": "*x*x*x*"}]},
    {"$or": [{"a": ["1"]}, {"b": ["2"]}], "c": ["3"]},
    {"$or": [{"a": ["1"]}, {"a": ["2"]}]},
    {"a": ["x" * 2_038]},  # 2,048 in all
    {"a": [*(str(number) for number in range(20)), "0"]},  # too long a list to be searched
    {"a": [{"prefix": "x"}, {"suffix": "y"}], "b": [{"prefix": "z"}, {"suffix": "w"}]},
    {"$or": ["x", "y"], "a": ["z"]},  # a field of that name
]


@pytest.mark.parametrize(("pattern", "code"), WARNED)
def test_what_nobody_means_is_warned_of(pattern, code):
    assert code in {warning.code for warning in EventPattern(pattern).warnings}


@pytest.mark.parametrize("pattern", FINE)
def test_what_is_meant_is_not_warned_of(pattern):
    assert EventPattern(pattern).warnings == ()


def test_a_warning_names_the_path_what_stands_there_and_what_to_do():
    [warning] = EventPattern({"detail": {"state": [{"anything-but": "a"}, {"anything-but": "b"}]}}).warnings
    assert warning.given == "detail.state passes whatever its value"
    assert warning.fix == 'write one anything-but with all values, or [{"exists": true}]'


def test_a_warning_names_fields_and_alternatives_as_people_count_them():
    [twice] = EventPattern({"a": ["1"], "$or": [{"a": ["2"]}, {"b": ["3"]}]}).warnings
    assert twice.given == "a is written twice"
    [unreachable] = EventPattern({"$or": [{"a": ["1"]}, {"b": ["2"]}, {"a": ["1"], "c": ["3"]}]}).warnings
    assert unreachable.given == "alternative 3 of $or asks for a, c"
    assert unreachable.allowed == "alternative 1 lets all of its events through"
    assert len(EventPattern({"$or": [{"a": ["1"]}, {"a": ["1"]}]}).warnings) == 1


def test_so_many_alternatives_are_compared_and_no_more():
    branches = [{f"key{number}": ["x"]} for number in range(50)]
    assert [each.code for each in EventPattern({"$or": [*branches[:49], branches[0]]}).warnings] == ["EF-PATTERN-UNREACHABLE"]
    assert EventPattern({"$or": [*branches, branches[0]]}).warnings == ()


def test_policies_are_warned_of_too():
    assert [each.code for each in FilterPolicy({"a": [{"anything-but": "x"}, {"anything-but": "y"}]}).warnings] == [
        "EF-PATTERN-ALWAYS"
    ]
    assert FilterPolicy({}).warnings == ()
