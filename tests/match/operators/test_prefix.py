"""`prefix`: how a string starts."""

import pytest

from cdk_event_flow.match import EventPattern, PatternError, Router
from tests.match import reference
from tests.match.tables import refusals, rows

PASSES = [
    ({"prefix": "ab"}, ["ab", "abc", "ab*"], ["a", "Ab", "", "xab", 5, None, True, "b"]),
    ({"prefix": ""}, ["", "x", "日本"], [5, None, True, False, 0.5]),
    ({"prefix": "10."}, ["10.0.0.1", "10."], ["110.", 10, 10.5]),
    ({"prefix": "*"}, ["*", "*x"], ["x", ""]),
    ({"prefix": "é"}, ["é", "éx"], ["e", "É"]),
    ({"prefix": {"equals-ignore-case": "aB"}}, ["ab", "AB", "Abc", "aBX"], ["a", "ba", "xab", "", 5, None]),
    ({"prefix": {"equals-ignore-case": ""}}, ["", "x"], [5, None]),
    ({"prefix": {"equals-ignore-case": "straße"}}, ["STRASSE!", "straße", "Straßen"], ["strasSEn", "strase", ""]),
    ({"prefix": {"equals-ignore-case": "k"}}, ["k", "Kx"], ["K", "x"]),
    ({"prefix": {"equals-ignore-case": "é"}}, ["é", "Éx"], ["e", "E"]),
]

REFUSED = [
    ({"prefix": 5}, "prefix match pattern must be a string"),
    ({"prefix": ["a"]}, "prefix match pattern must be a string"),
    ({"prefix": None}, "prefix match pattern must be a string"),
    ({"prefix": {"equals-ignore-case": 5}}, "equals-ignore-case match pattern must be a string"),
    ({"prefix": {"suffix": "a"}}, "Unsupported prefix pattern: suffix"),
    ({"prefix": {}}, "Only one key allowed in match expression"),
    ({"prefix": {"equals-ignore-case": "a", "x": "b"}}, "Only one key allowed in match expression"),
]


@pytest.mark.parametrize(("element", "value", "passes"), rows(PASSES))
def test_prefix_passes_what_eventbridge_passes(element, value, passes):
    pattern, event = {"a": [element]}, {"a": value}
    assert EventPattern(pattern).matches(event) is passes
    verdict = EventPattern(pattern).explain(event)
    assert (verdict.matched, not verdict.misses) == (passes, passes)
    assert Router({"rule": pattern, "other": {"b": ["x"]}}).route(event) == ({"rule"} if passes else set())
    assert reference.matches(pattern, event) is passes


@pytest.mark.parametrize(("element", "reason"), refusals(REFUSED))
def test_a_refused_prefix_is_met_with_the_words_of_aws(element, reason):
    with pytest.raises(PatternError) as refused:
        EventPattern({"detail": {"a": ["x", element]}})
    assert refused.value.reason == reason
    assert refused.value.path == "detail.a"
