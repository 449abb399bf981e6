"""`anything-but`: what is there, but for these."""

import pytest

from cdk_event_flow.match import EventPattern, PatternError, Router
from tests.match import reference
from tests.match.tables import refusals, rows

PASSES = [
    ({"anything-but": "x"}, ["y", "", "X", 5, None, True], ["x"]),
    ({"anything-but": ["x", "y"]}, ["z", None, 0], ["x", "y"]),
    ({"anything-but": ""}, ["x", 0], [""]),
    ({"anything-but": 5}, ["5", 6, None, True, ""], [5, 5.0]),
    ({"anything-but": [0, 1]}, [True, False, "0", 2], [0, 1, -0.0]),
    ({"anything-but": "::1"}, ["::2", "1"], ["::1", "0:0:0:0:0:0:0:1"]),
    ({"anything-but": {"prefix": "ab"}}, ["a", "xab", 5, None, "AB"], ["ab", "abc"]),
    ({"anything-but": {"prefix": ["ab", "x"]}}, ["a", ""], ["ab", "xy"]),
    ({"anything-but": {"suffix": ".png"}}, ["png", 5, None], [".png", "a.png"]),
    ({"anything-but": {"suffix": ["a", "b"]}}, ["c", ""], ["xa", "b"]),
    ({"anything-but": {"equals-ignore-case": "ab"}}, ["abc", "", 5, None], ["ab", "AB"]),
    ({"anything-but": {"equals-ignore-case": ["ab", "x"]}}, ["y"], ["Ab", "X"]),
    ({"anything-but": {"wildcard": "a*c"}}, ["ab", "c", 5, None], ["ac", "abc"]),
    ({"anything-but": {"wildcard": ["*x*", "y"]}}, ["a", "yy"], ["axb", "y"]),
]

REFUSED = [
    ({"anything-but": None}, "Value of anything-but must be an array or single string/number value."),
    ({"anything-but": True}, "Value of anything-but must be an array or single string/number value."),
    ({"anything-but": []}, "Empty arrays are not allowed"),
    ({"anything-but": ["x", None]}, "Inside anything but list, start|null|boolean is not supported."),
    ({"anything-but": [True]}, "Inside anything but list, start|null|boolean is not supported."),
    ({"anything-but": ["x", 5]}, "Inside anything but list, either all values are number or string, mixed type is not supported"),
    ({"anything-but": {"prefix": ""}}, "Null prefix/suffix not allowed"),
    ({"anything-but": {"suffix": ["a", ""]}}, "Null prefix/suffix not allowed"),
    ({"anything-but": {"prefix": 5}}, "prefix/suffix match pattern must be a string"),
    ({"anything-but": {"suffix": [5, "a"]}}, "prefix/suffix match pattern must be a string"),
    (
        {"anything-but": {"prefix": {"equals-ignore-case": "a"}}},
        "Value of anything-but must be an array or single string/number value.",
    ),
    (
        {"anything-but": {"equals-ignore-case": 5}},
        "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
    ),
    ({"anything-but": {"wildcard": 5}}, "wildcard match pattern must be a string"),
    ({"anything-but": {"wildcard": "a**b"}}, "Consecutive wildcard characters at pos 2"),
    ({"anything-but": {"exists": False}}, "Unsupported anything-but pattern: exists"),
    ({"anything-but": {"numeric": ["=", 5]}}, "Unsupported anything-but pattern: numeric"),
    ({"anything-but": {"prefix": "a", "suffix": "b"}}, "Only one key allowed in match expression"),
    ({"anything-but": {"prefix": []}}, "Empty arrays are not allowed"),
]


@pytest.mark.parametrize(("element", "value", "passes"), rows(PASSES))
def test_anything_but_passes_what_eventbridge_passes(element, value, passes):
    pattern, event = {"a": [element]}, {"a": value}
    assert EventPattern(pattern).matches(event) is passes
    verdict = EventPattern(pattern).explain(event)
    assert (verdict.matched, not verdict.misses) == (passes, passes)
    assert Router({"rule": pattern, "other": {"b": ["x"]}}).route(event) == ({"rule"} if passes else set())
    assert reference.matches(pattern, event) is passes


@pytest.mark.parametrize(("element", "reason"), refusals(REFUSED))
def test_a_refused_anything_but_is_met_with_the_words_of_aws(element, reason):
    with pytest.raises(PatternError) as refused:
        EventPattern({"detail": {"a": ["x", element]}})
    assert refused.value.reason == reason
    assert refused.value.path == "detail.a"


def test_two_of_them_in_one_list_are_always_true():
    pattern = {"a": [{"anything-but": "x"}, {"anything-but": "y"}]}
    for value in ["x", "y", "z", 5, None]:
        assert EventPattern(pattern).matches({"a": value})
    assert not EventPattern(pattern).matches({"b": "x"})
