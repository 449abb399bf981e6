"""`exists`: only leaves exist."""

import pytest

from cdk_event_flow.match import EventPattern, PatternError, Router
from tests.match import reference
from tests.match.tables import refusals, rows

PASSES = [
    ({"exists": True}, ["x", "", 0, None, False, [None], ["x", {}], [[1]]], [{}, [], [[]], [{}], {"b": 1}]),
    ({"exists": False}, [{}, [], [[]], [{}], {"b": 1}, [{"b": 1}]], ["x", "", 0, None, False, [None]]),
]

REFUSED = [
    ({"exists": "yes"}, "exists match pattern must be either true or false."),
    ({"exists": 1}, "exists match pattern must be either true or false."),
    ({"exists": None}, "exists match pattern must be either true or false."),
    ({"exists": [True]}, "exists match pattern must be either true or false."),
]


@pytest.mark.parametrize(("element", "value", "passes"), rows(PASSES))
def test_exists_passes_what_eventbridge_passes(element, value, passes):
    pattern, event = {"a": [element]}, {"a": value}
    assert EventPattern(pattern).matches(event) is passes
    verdict = EventPattern(pattern).explain(event)
    assert (verdict.matched, not verdict.misses) == (passes, passes)
    assert Router({"rule": pattern, "other": {"b": ["x"]}}).route(event) == ({"rule"} if passes else set())
    assert reference.matches(pattern, event) is passes


@pytest.mark.parametrize(("element", "reason"), refusals(REFUSED))
def test_a_refused_exists_is_met_with_the_words_of_aws(element, reason):
    with pytest.raises(PatternError) as refused:
        EventPattern({"detail": {"a": ["x", element]}})
    assert refused.value.reason == reason
    assert refused.value.path == "detail.a"
