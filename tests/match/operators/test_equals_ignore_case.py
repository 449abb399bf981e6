"""`equals-ignore-case`: a string in any case, character by character."""

import pytest

from cdk_event_flow.match import EventPattern, PatternError, Router
from tests.match import reference
from tests.match.tables import refusals, rows

PASSES = [
    ({"equals-ignore-case": "Alice"}, ["alice", "ALICE", "aLiCe"], ["alic", "alice!", " alice", "", 5, None]),
    ({"equals-ignore-case": ""}, [""], [" ", "x", 0, None]),
    ({"equals-ignore-case": "5"}, ["5"], [5]),
    ({"equals-ignore-case": "TRUE"}, ["true", "True"], [True]),
    ({"equals-ignore-case": "straße"}, ["STRASSE", "straße", "STRAßE"], ["strasSe", "strase", "straSs"]),
    ({"equals-ignore-case": "STRASSE"}, ["strasse", "STRASSE"], ["straße"]),
    ({"equals-ignore-case": "k"}, ["k", "K"], ["K"]),
    ({"equals-ignore-case": "K"}, ["k", "K"], ["K"]),
    ({"equals-ignore-case": "ſ"}, ["S", "ſ"], ["s"]),
    ({"equals-ignore-case": "É"}, ["é", "É"], ["e", "E"]),
    ({"equals-ignore-case": "İ"}, ["İ", "i̇"], ["i", "I", "ı"]),
    ({"equals-ignore-case": "a*b"}, ["A*B"], ["axb"]),
    ({"equals-ignore-case": "日本"}, ["日本"], ["日"]),
]

REFUSED = [
    ({"equals-ignore-case": 5}, "equals-ignore-case match pattern must be a string"),
    ({"equals-ignore-case": ["a"]}, "equals-ignore-case match pattern must be a string"),
    ({"equals-ignore-case": {"prefix": "a"}}, "equals-ignore-case match pattern must be a string"),
]


@pytest.mark.parametrize(("element", "value", "passes"), rows(PASSES))
def test_equals_ignore_case_passes_what_eventbridge_passes(element, value, passes):
    pattern, event = {"a": [element]}, {"a": value}
    assert EventPattern(pattern).matches(event) is passes
    verdict = EventPattern(pattern).explain(event)
    assert (verdict.matched, not verdict.misses) == (passes, passes)
    assert Router({"rule": pattern, "other": {"b": ["x"]}}).route(event) == ({"rule"} if passes else set())
    assert reference.matches(pattern, event) is passes


@pytest.mark.parametrize(("element", "reason"), refusals(REFUSED))
def test_a_refused_equals_ignore_case_is_met_with_the_words_of_aws(element, reason):
    with pytest.raises(PatternError) as refused:
        EventPattern({"detail": {"a": ["x", element]}})
    assert refused.value.reason == reason
    assert refused.value.path == "detail.a"
