"""Keys, dots, `$or` and arrays, case by case: (pattern, event, matches)."""

import json

import pytest

from cdk_event_flow.match import EventPattern, PatternError, Router
from cdk_event_flow.match.parser import size
from tests.match import reference

ONE_OR_TWO = {"$or": [{"a": ["1"]}, {"b": ["2"]}]}
BOTH_IN_ONE = {"a": {"b": ["1"], "c": ["2"]}}
OTHER_ABSENT = {"a": {"b": ["1"], "c": [{"exists": False}]}}
FIRST_ABSENT = {"a": {"c": ["x"], "b": [{"exists": False}]}}

CASES = [
    # keys join with a dot on both sides
    ({"a.b": ["x"]}, {"a": {"b": "x"}}, True),
    ({"a": {"b": ["x"]}}, {"a.b": "x"}, True),
    ({"a": {"b.c": ["x"]}}, {"a.b": {"c": "x"}}, True),
    ({"a.b.c": ["x"]}, {"a": {"b": {"c": "x"}}}, True),
    ({"a": {"b": {"c": ["x"]}}}, {"a.b.c": "x"}, True),
    ({"a.b": ["x"]}, {"a": {"c": "x"}}, False),
    ({"a.b": ["x"]}, {"a.b.c": "x"}, False),
    ({"a": {"b": ["x"]}}, {"a": {"b": "y"}, "a.b": "x"}, True),
    ({"a": {"b": [{"anything-but": "x"}]}}, {"a": {"b": "x"}, "a.b": "x"}, False),
    ({"a": ["x"], "a.b": ["y"]}, {"a": "x", "a.b": "y"}, True),
    ({"": ["x"]}, {"": "x"}, True),
    ({"": {"b": ["x"]}}, {"": {"b": "x"}}, True),
    ({"a": {"": ["x"]}}, {"a.": "x"}, True),
    # only leaves are there
    ({"a": {"b": [{"exists": False}]}}, {"a": "x"}, True),
    ({"a": [{"exists": False}]}, {"a": {"b": 1}}, True),
    ({"a": [{"exists": True}]}, {"a": [{"b": 1}]}, False),
    ({"a": [{"exists": False}, "x"]}, {"a": "x"}, True),
    ({"a": [{"exists": False}, "x"]}, {"a": "y"}, False),
    ({"a": [{"exists": False}, "x"]}, {}, True),
    ({"a": [None]}, {}, False),
    ({"a": [{"anything-but": "x"}]}, {"a": []}, False),
    ({"a": [{"anything-but": "x"}]}, {"a": ["x", "y"]}, True),
    ({"a": [{"anything-but": "x"}]}, {"a": ["x", "x"]}, False),
    # all keys, any element of the list
    ({"a": ["1"], "b": ["2"]}, {"a": "1", "b": "2"}, True),
    ({"a": ["1"], "b": ["2"]}, {"a": "1"}, False),
    ({"a": ["1", "2"]}, {"a": ["3", "2"]}, True),
    ({"a": ["1"]}, {"a": [["1"]]}, True),
    ({"a": ["1"]}, {"a": [[], [["2", "1"]]]}, True),
    # $or
    (ONE_OR_TWO, {"b": "2"}, True),
    (ONE_OR_TWO, {"a": "1", "b": "3"}, True),
    (ONE_OR_TWO, {"a": "2"}, False),
    (ONE_OR_TWO, {}, False),
    ({"c": ["3"], **ONE_OR_TWO}, {"a": "1", "c": "3"}, True),
    ({"c": ["3"], **ONE_OR_TWO}, {"a": "1"}, False),
    ({"d": ONE_OR_TWO}, {"d": {"b": "2"}}, True),
    ({"d": ONE_OR_TWO}, {"b": "2"}, False),
    ({"$or": [{"$or": [{"a": ["1"]}, {"b": ["2"]}]}, {"c": ["3"]}]}, {"b": "2"}, True),
    ({"a": ["1"], "$or": [{"a": ["2"]}, {"b": ["3"]}]}, {"a": "2"}, True),
    ({"a": ["1"], "$or": [{"a": ["2"]}, {"b": ["3"]}]}, {"a": "1"}, False),
    ({"a": ["1"], "$or": [{"a": ["2"]}, {"b": ["3"]}]}, {"a": "1", "b": "3"}, True),
    ({"$or": [{"a": ["2"]}, {"b": ["3"]}], "a": ["1"]}, {"a": "2"}, False),
    ({"$or": [{"a": ["2"]}, {"b": ["3"]}], "a": ["1"]}, {"a": "1"}, True),
    ({"$or": [{"a": {"b": ["1"]}}, {"c": ["2"]}]}, {"a": {"b": "1"}}, True),
    ({"$or": ["x"]}, {"$or": "x"}, True),
    ({"$or": [{"prefix": "x"}]}, {"$or": "xy"}, True),
    ({"$or": [{"prefix": "x"}, {"prefix": "y"}]}, {"$or": "yy"}, True),
    ({"$or": {"a": ["x"]}}, {"$or": {"a": "x"}}, True),
    # one element of an array
    (BOTH_IN_ONE, {"a": [{"b": "1", "c": "2"}]}, True),
    (BOTH_IN_ONE, {"a": [{"b": "1"}, {"c": "2"}]}, False),
    (BOTH_IN_ONE, {"a": [{"b": "1"}, {"c": "2"}, {"b": "1", "c": "2"}]}, True),
    (BOTH_IN_ONE, {"a": [{"b": ["0", "1"], "c": ["2"]}]}, True),
    (BOTH_IN_ONE, {"a": [[{"b": "1"}], [{"c": "2"}]]}, False),
    (BOTH_IN_ONE, {"a": [[{"b": "1", "c": "2"}]]}, True),
    (BOTH_IN_ONE, {"a": [[{"b": "1"}, {"c": "2"}]]}, False),
    (BOTH_IN_ONE, {"a.b": "1", "a": [{"c": "2"}]}, True),
    ({"a": {"b": {"x": ["1"], "y": ["2"]}}}, {"a": [{"b": [{"x": "1"}, {"y": "2"}]}, {"b": [{"x": "1", "y": "2"}]}]}, True),
    ({"a": {"b": {"x": ["1"]}, "c": ["2"]}}, {"a": [{"b": [{"x": "0"}, {"x": "1"}]}, {"c": "2"}]}, False),
    ({"a": {"b": {"x": ["1"]}, "c": ["2"]}}, {"a": [{"b": [{"x": "0"}, {"x": "1"}], "c": "2"}]}, True),
    ({"a": {"x": ["1"]}, "b": {"x": ["2"]}}, {"a": [{"x": "1"}], "b": [{"x": "3"}, {"x": "2"}]}, True),
    ({"a": ["1"], "a.b": ["2"]}, {"a": ["1", {"b": "2"}]}, False),
    # exists: false beside arrays, paths in alphabetical order
    (OTHER_ABSENT, {"a": [{"b": "1"}, {"b": "2", "c": "x"}]}, True),
    (OTHER_ABSENT, {"a": [{"b": "1", "c": "x"}]}, False),
    (OTHER_ABSENT, {"a": [{"b": "1", "c": "x"}, {"b": "1"}]}, True),
    (FIRST_ABSENT, {"a": [{"c": "x"}, {"b": 1}]}, False),
    (FIRST_ABSENT, {"a": [{"c": "x"}]}, True),
    ({"a": {"b": [{"exists": False}]}}, {"a": [{"c": 1}, {"b": 1}]}, False),
    ({"a": {"b": [{"exists": False}]}}, {"a": [{"c": 1}]}, True),
    ({"a": {"b": ["1"], "c": [{"exists": False}, "y"]}}, {"a": [{"b": "1", "c": "y"}, {"c": "x"}]}, True),
]

REFUSED = [
    ({}, "Empty objects are not allowed", ""),
    ({"a": {}}, "Empty objects are not allowed", "a"),
    ({"a": []}, "Empty arrays are not allowed", "a"),
    ({"a": {"b": []}}, "Empty arrays are not allowed", "a.b"),
    ({"a": "x"}, '"a" must be an object or an array', "a"),
    ({"a": {"b": 42}}, '"b" must be an object or an array', "a.b"),
    ({"a": None}, '"a" must be an object or an array', "a"),
    ({"a": [["x"]]}, "Match value must be String, number, true, false, or null", "a"),
    ({"a": [{"b": ["x"]}]}, "Unrecognized match type b", "a"),
    ({"a": [{"b": ["x"]}, {"c": ["y"]}]}, "Unrecognized match type b", "a"),
    ({"$or": ["x", {"prefix": "y"}, {"b": ["z"]}]}, "Unrecognized match type b", "$or"),
    *(
        ({"$or": [{word: ["x"]}, {"a": ["y"]}]}, f"Unrecognized match type {word}", "$or")
        for word in ("rule", "regex", "anything-but-prefix")
    ),
    ({"$or": [{"a": ["x"]}]}, "There must have at least 2 Objects in $or relationship.", "$or"),
    ({"a": {"$or": [{"a": ["x"]}, ["y"]]}}, "Only JSON object is allowed in array of $or relationship.", "a.$or"),
    ({"$or": [{"a": ["x"]}, {"b": "y"}]}, '"b" must be an object or an array', "b"),
    ({5: ["x"]}, "5 must be a string", ""),
    ({"a": {5: ["x"]}}, "5 must be a string", "a"),
    ({"$or": [{"a": ["x"]}, {}]}, "Unrecognized match type a", "$or"),
    ([1], "Filter is not an object", ""),
    ("[1]", "Filter is not an object", ""),
    ("{", "Event pattern is not valid JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)", ""),
]


@pytest.mark.parametrize(("pattern", "event", "matches"), CASES)
def test_fields_are_found_as_eventbridge_finds_them(pattern, event, matches):
    assert EventPattern(pattern).matches(event) is matches
    assert EventPattern(pattern).explain(event).matched is matches
    assert Router({"rule": pattern, "other": {"zz": ["x"]}}).route(event) == ({"rule"} if matches else set())
    assert reference.matches(pattern, event) is matches


@pytest.mark.parametrize(("pattern", "reason", "path"), REFUSED)
def test_a_refusal_has_the_words_of_aws_and_the_place(pattern, reason, path):
    with pytest.raises(PatternError) as refused:
        EventPattern(pattern)
    assert (refused.value.reason, refused.value.path) == (reason, path)


@pytest.mark.parametrize(
    ("value", "fix"),
    [("x", "write ['x']"), (5, "write [5]"), (None, "write [None]"), (("x",), "write a list of values")],
)
def test_what_is_no_list_is_met_with_the_list(value, fix):
    with pytest.raises(PatternError) as refused:
        EventPattern({"a": value})
    assert refused.value.problems[0].fix == fix


def test_a_pattern_has_4096_characters_at_most_as_an_object_and_as_text():
    longest = {"a": ["é" * 4_086]}
    assert EventPattern(longest).matches({"a": "é" * 4_086})
    assert EventPattern(json.dumps(longest, ensure_ascii=False, separators=(",", ":"))).matches({"a": "é" * 4_086})
    for longer in ({"a": ["é" * 4_087]}, json.dumps(longest, ensure_ascii=False)):
        with pytest.raises(PatternError, match=r"Event pattern is too long: 4,09[78] characters") as refused:
            EventPattern(longer)
        assert refused.value.problems[0].fix == "EventBridge takes at most 4,096 characters; split it"


@pytest.mark.parametrize(
    ("text", "value", "matches"),
    [
        ('{"a": [5.5]}', 5.5, True),
        ('{"a": [0.0]}', 0, True),
        ('{"a": [0e5]}', 0, True),
        ('{"a": [1.5E1]}', 15, True),
        ('{"a": [{"numeric": [">=", 1.5, "<=", 2.5]}]}', 2.5, True),
        ('{"a": [{"numeric": ["<=", 2.5]}]}', 2.6, False),
        ('{"a": [{"numeric": ["=", 2.5]}]}', 2.5, True),
    ],
)
def test_numbers_of_a_text_are_compared_by_value(text, value, matches):
    assert EventPattern(text).matches({"a": value}) is matches


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_what_json_has_no_number_for_is_refused(number):
    with pytest.raises(PatternError, match=f"{number} is no JSON number"):
        EventPattern(f'{{"a": [{number}]}}')


def test_a_list_of_operators_that_all_fields_share_is_no_choice_of_fields():
    assert EventPattern({"a": [{"prefix": "x"}, {"suffix": "y"}]}).matches({"a": "xz"})
    assert not EventPattern({"a": [{"prefix": "x"}, {"suffix": "y"}]}).matches({"prefix": "x"})


def test_an_explanation_reads_as_a_sentence():
    verdict = EventPattern({"detail": {"region": ["eu", "us"], "coupon": [{"exists": True}]}}).explain({"detail": {"region": "apac"}})
    assert str(verdict).splitlines() == [
        'detail.region is "apac", wanted "eu" or "us"',
        "detail.coupon is absent, wanted it to be present",
    ]


def test_of_several_alternatives_the_nearest_miss_is_explained():
    verdict = EventPattern({"$or": [{"a": ["1"], "b": ["1"]}, {"a": ["2"], "c": ["2"]}]}).explain({"a": "2", "c": "3"})
    assert [str(miss) for miss in verdict.misses] == ['c is "3", wanted "2"']


def test_an_object_that_is_nested_too_deeply_is_refused():
    deep = ["x"]
    for _ in range(5_000):
        deep = {"a": deep}
    with pytest.raises(PatternError, match="Event pattern is nested too deeply"):
        EventPattern(deep)


def test_a_pattern_is_as_long_as_it_is_without_spaces():
    assert size({"a": [1, 2], "b": {"c": ["ü"]}}) == len('{"a":[1,2],"b":{"c":["ü"]}}')
