"""Literals: equal in type and value."""

import pytest

from cdk_event_flow.match import EventPattern, PatternError, Router
from tests.match import reference
from tests.match.tables import refusals, rows

PASSES = [
    ("x", ["x"], ["X", "xx", "", " x", 0, None, True, "é"]),
    ("", [""], [" ", "x", 0, False, None]),
    ("5", ["5"], [5, 5.0, "5.0", " 5"]),
    (5, [5, 5.0], ["5", 5.1, -5, True, None, ""]),
    (5.0, [5, 5.0], ["5.0", 6]),
    (0, [0, 0.0, -0.0], [False, "", None, "0", 1]),
    (1, [1, 1.0], [True, "1"]),
    (-1.5, [-1.5], [1.5, "-1.5", -1]),
    (300, [300, 300.0], [30, "3e2"]),
    (0.1, [0.1], [0.10000000000000002, "0.1"]),
    (9007199254740993, [9007199254740993], [9007199254740992, 9007199254740994]),
    (True, [True], [1, "true", False, None]),
    (False, [False], [0, "", "false", True, None]),
    (None, [None], ["null", 0, False, ""]),
    ("true", ["true"], [True, "TRUE"]),
    ("null", ["null"], [None]),
    ("10.0.0.1", ["10.0.0.1"], ["10.0.0.01", "10.0.0.10", "10.0.0"]),
    ("::1", ["::1", "0:0:0:0:0:0:0:1", "0000::0001"], ["::2", "1", "::", "0.0.0.1"]),
    ("FE80::1", ["fe80::1", "FE80::1", "fe80:0::1"], ["fe80::2", "fe80::1%eth0"]),
    ("12:30", ["12:30"], ["12:31", "12:030"]),
    ("straße", ["straße"], ["strasse", "STRASSE"]),
    ("日本", ["日本"], ["日", "日本 "]),
]

REFUSED = [
    (["x"], "Match value must be String, number, true, false, or null"),
    ([], "Match value must be String, number, true, false, or null"),
    (float("inf"), "Cannot compare number : inf"),
    ({}, "Only one key allowed in match expression"),
    ({"prefix": "a", "suffix": "b"}, "Only one key allowed in match expression"),
    ({"NUMERIC": ["=", 5]}, "Unrecognized match type NUMERIC"),
]


@pytest.mark.parametrize(("element", "value", "passes"), rows(PASSES))
def test_exact_passes_what_eventbridge_passes(element, value, passes):
    pattern, event = {"a": [element]}, {"a": value}
    assert EventPattern(pattern).matches(event) is passes
    verdict = EventPattern(pattern).explain(event)
    assert (verdict.matched, not verdict.misses) == (passes, passes)
    assert Router({"rule": pattern, "other": {"b": ["x"]}}).route(event) == ({"rule"} if passes else set())
    assert reference.matches(pattern, event) is passes


@pytest.mark.parametrize(("element", "reason"), refusals(REFUSED))
def test_a_refused_exact_is_met_with_the_words_of_aws(element, reason):
    with pytest.raises(PatternError) as refused:
        EventPattern({"detail": {"a": ["x", element]}})
    assert refused.value.reason == reason
    assert refused.value.path == "detail.a"


def test_a_misspelt_operator_is_met_with_the_right_one():
    meant = {"numerik": "numeric", "anythingbut": "anything-but", "Prefix": "prefix", "equals_ignore_case": "equals-ignore-case"}
    for misspelt, right in meant.items():
        with pytest.raises(PatternError) as refused:
            EventPattern({"a": [{misspelt: "x"}]})
        assert refused.value.problems[0].fix == f"did you mean {right}?"


def test_integers_beyond_64_bits_compare_as_doubles():
    assert EventPattern({"a": [2**64]}).matches('{"a": 18446744073709551617}')
    for beyond in (2**63, 2**64):
        assert EventPattern({"a": [beyond]}).matches({"a": beyond + 1})
    assert EventPattern({"a": [{"numeric": ["=", 2.0**64]}]}).matches({"a": 2**64 + 1})
    assert not EventPattern({"a": [2**62]}).matches({"a": 2**62 + 1})
    assert EventPattern({"a": [{"numeric": [">", 1e308]}]}).matches({"a": 10**400})
