"""What must hold for every pattern and every event: all ways of asking agree with the slow reference."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from cdk_event_flow.match import EventPattern, Router
from cdk_event_flow.match.parser import load, size
from tests.match import generate, reference

RANDOM = st.randoms(use_true_random=False)


@settings(max_examples=250, deadline=None)
@given(RANDOM)
def test_a_pattern_answers_as_the_slow_reference(rnd):
    pattern = generate.pattern(rnd)
    matcher = EventPattern(pattern)
    for _ in range(4):
        event = generate.event(rnd, pattern)
        right = reference.matches(pattern, event)
        assert matcher.matches(event) is right
        assert matcher.matches(json.dumps(event)) is right
        assert matcher.explain(event).matched is right


@settings(max_examples=60, deadline=None)
@given(RANDOM)
def test_a_router_answers_as_every_pattern_alone(rnd):
    patterns = {str(at): generate.pattern(rnd) for at in range(10)}
    router = Router(patterns)
    alone = {name: EventPattern(each) for name, each in patterns.items()}
    for pattern in patterns.values():
        event = generate.event(rnd, pattern)
        assert router.route(event) == {name for name, each in alone.items() if each.matches(event)}


@settings(max_examples=100, deadline=None)
@given(RANDOM)
def test_a_pattern_means_the_same_as_text_and_as_an_object(rnd):
    pattern = generate.pattern(rnd)
    text = json.dumps(pattern, ensure_ascii=False, separators=(",", ":"))
    assert size(pattern) == len(text)
    assert load(text) == load(pattern)
    event = generate.event(rnd, pattern)
    assert EventPattern(text).matches(event) is EventPattern(pattern).matches(event)


@settings(max_examples=100, deadline=None)
@given(RANDOM)
def test_a_rejection_names_a_path_unless_arrays_keep_the_fields_apart(rnd):
    pattern = generate.pattern(rnd)
    event = generate.event(rnd, pattern)
    verdict = EventPattern(pattern).explain(event)
    if not verdict.matched and "[" not in json.dumps(event):
        assert verdict.misses
    assert [each.outcome == "matched" for each in verdict.paths] == sorted(each.outcome == "matched" for each in verdict.paths)
