"""`suffix`: how a string ends."""

import pytest

from cdk_event_flow.match import EventPattern, PatternError, Router
from tests.match import reference
from tests.match.tables import refusals, rows

PASSES = [
    ({"suffix": ".png"}, [".png", "a.png", "..png"], ["a.PNG", ".png ", "png", "", 5, None, False]),
    ({"suffix": ""}, ["", "x"], [5, None, True]),
    ({"suffix": "é"}, ["é", "café"], ["cafe", "café"]),
    ({"suffix": {"equals-ignore-case": ".PnG"}}, ["a.png", "a.PNG", ".Png"], ["png", "a.png!", 5, None]),
    ({"suffix": {"equals-ignore-case": ""}}, ["", "x"], [0, None]),
    ({"suffix": {"equals-ignore-case": "ße"}}, ["straße", "STRASSE"], ["strase", "e"]),
    ({"suffix": {"equals-ignore-case": "S"}}, ["s", "xS"], ["ſ", "sx"]),
]

REFUSED = [
    ({"suffix": 5}, "suffix match pattern must be a string"),
    ({"suffix": [".png"]}, "suffix match pattern must be a string"),
    ({"suffix": None}, "suffix match pattern must be a string"),
    ({"suffix": {"equals-ignore-case": [".png"]}}, "equals-ignore-case match pattern must be a string"),
    ({"suffix": {"wildcard": "*"}}, "Unsupported suffix pattern: wildcard"),
]


@pytest.mark.parametrize(("element", "value", "passes"), rows(PASSES))
def test_suffix_passes_what_eventbridge_passes(element, value, passes):
    pattern, event = {"a": [element]}, {"a": value}
    assert EventPattern(pattern).matches(event) is passes
    verdict = EventPattern(pattern).explain(event)
    assert (verdict.matched, not verdict.misses) == (passes, passes)
    assert Router({"rule": pattern, "other": {"b": ["x"]}}).route(event) == ({"rule"} if passes else set())
    assert reference.matches(pattern, event) is passes


@pytest.mark.parametrize(("element", "reason"), refusals(REFUSED))
def test_a_refused_suffix_is_met_with_the_words_of_aws(element, reason):
    with pytest.raises(PatternError) as refused:
        EventPattern({"detail": {"a": ["x", element]}})
    assert refused.value.reason == reason
    assert refused.value.path == "detail.a"
