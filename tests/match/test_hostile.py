"""Input that was made to hurt: a clear refusal or a right answer, in bounded time, never a crash."""

import contextlib
import json
import time

import pytest

from cdk_event_flow.errors import EventError, PatternError
from cdk_event_flow.match import EventPattern, FilterCriteria, FilterPolicy, Router, Unknown

COMPILE, MATCH = 0.5, 0.05  # seconds: ten times what is promised, for a machine that is busy with something else


def deep(levels, leaf):
    """JSON text of an object so many levels deep."""
    return '{"a":' * levels + leaf + "}" * levels


def compiled(pattern):
    """The pattern, compiled and asked once, within the time for that."""
    began = time.perf_counter()
    made = EventPattern(pattern)
    made.matches({})
    assert time.perf_counter() - began < COMPILE
    return made


def answer(pattern, event):
    """Whether it matches, within the time for that; the second time, for automata are built as they are needed."""
    pattern.matches(event)
    began = time.perf_counter()
    found = pattern.matches(event)
    assert time.perf_counter() - began < MATCH
    return found


def answered(pattern, event):
    """The answer, or None for an event that is refused; anything else that is raised is a failure."""
    with contextlib.suppress(EventError):
        return pattern.matches(event)


def test_a_pattern_of_a_megabyte_is_refused():
    with pytest.raises(PatternError):
        EventPattern({"a": [f"value-{number:06d}" for number in range(70_000)]})
    with pytest.raises(PatternError):
        EventPattern("[" * 1_000_000)


def test_an_event_of_a_megabyte_is_answered():
    pattern = compiled({"detail": {"items": {"sku": ["last"]}}})
    event = {"detail": {"items": [{"sku": f"sku-{number}"} for number in range(40_000)] + [{"sku": "last"}]}}
    assert pattern.matches(json.dumps(event))


@pytest.mark.parametrize("levels", [900, 1_001, 100_000])
def test_depth_is_answered_or_refused(levels):
    pattern = compiled({"b": ["x"]})
    assert not answered(pattern, deep(levels, '"x"'))
    with pytest.raises(PatternError):
        EventPattern(deep(levels + 1_000, '["x"]'))


def test_or_at_its_limit_is_taken_and_one_over_is_refused():
    def forked(one, other):
        return {key: {"$or": [{f"{n}": ["x"]} for n in range(count)]} for key, count in (("a", one), ("b", other))}

    assert answer(compiled(forked(40, 25)), {"a": {"39": "x"}, "b": {"24": "x"}})
    with pytest.raises(PatternError, match="too complex"):
        EventPattern(forked(77, 13))


def test_or_products_at_the_limit_are_compiled_in_time():
    pattern = {"a": {"$or": [{f"x{n}": ["1"]} for n in range(10)]}, "b": {"$or": [{f"y{n}": ["1"]} for n in range(10)]}}
    pattern["c"] = {"$or": [{f"z{n}": ["1"]} for n in range(10)]}
    made = compiled(pattern)
    assert answer(made, {"a": {"x9": "1"}, "b": {"y9": "1"}, "c": {"z9": "1"}})
    assert not answer(made, {"a": {"x9": "1"}, "b": {"y9": "1"}, "c": {"z9": "2"}})


@pytest.mark.parametrize("stars", [1, 2, 3])
def test_wildcards_made_to_explode_do_not(stars):
    pattern = compiled({"a": [{"wildcard": "*a" * stars + "*b"}]})
    assert not answer(pattern, {"a": "a" * 20_000})
    assert answer(pattern, {"a": "a" * 20_000 + "b"})
    with pytest.raises(PatternError, match="too complex"):
        EventPattern({"a": [{"wildcard": "*a" * 10 + "*b"}]})


def test_many_wildcards_on_one_path_are_matched_in_time():
    router = Router({str(n): {"a": [{"wildcard": f"*{n % 10}*{n}*"}]} for n in range(300)})
    router.route({"a": "0123456789" * 50})
    began = time.perf_counter()
    assert "299" in router.route({"a": "9" * 10 + "299"})
    assert time.perf_counter() - began < MATCH


@pytest.mark.parametrize("text", ['{"a": NaN}', '{"a": Infinity}', '{"a": -Infinity}'])
def test_numbers_that_json_has_not_match_nothing_or_are_refused(text):
    pattern = compiled({"a": [{"numeric": [">", 0]}]})
    assert not answered(pattern, text)


def test_huge_integers_are_compared_or_refused():
    pattern = compiled({"a": [{"numeric": [">", 0]}], "b": [{"exists": False}]})
    for text in ('{"a": ' + "9" * 400 + "}", '{"a": ' + "9" * 5_000 + "}", '{"a": 1e400}'):
        assert answered(pattern, text) in (True, False, None)
    refused = [{"a": [{"numeric": ["=", number]}]} for number in (10**400, 1e400, float("nan"))]
    for each in refused:
        with pytest.raises(PatternError):
            EventPattern(each)


def test_lone_surrogates_are_texts_like_others():
    pattern = compiled({"a": ["\ud800"]})
    assert pattern.matches({"a": "\ud800"})
    assert pattern.matches('{"a": "\\ud800"}')
    assert not pattern.matches({"a": "\ud801"})


def test_of_duplicate_keys_the_last_counts():
    assert compiled({"a": ["2"]}).matches('{"a": "1", "a": "2"}')
    assert not compiled({"a": ["1"]}).matches('{"a": "1", "a": "2"}')


@pytest.mark.parametrize("event", ["[]", '"text"', "1", "null", "", "{", b"\xff", [], None, 1, {1: "a"}])
def test_what_is_no_event_is_refused(event):
    with pytest.raises(EventError):
        compiled({"a": ["x"]}).matches(event)
    with pytest.raises(EventError):
        Router({"r": {"a": ["x"]}}).route(event)


@pytest.mark.parametrize("pattern", ["[]", '"text"', "1", "null", "", "{", [], None, 1, {1: ["a"]}, {"a": "x"}, {"a": [object()]}])
def test_what_is_no_pattern_is_refused(pattern):
    for make in (EventPattern, FilterPolicy, lambda each: FilterCriteria([each])):
        with pytest.raises(PatternError):
            make(pattern)


def test_policies_and_criteria_answer_hostile_messages_too():
    policy = FilterPolicy({"a": ["x"]}, "MessageBody")
    for body in ("", "[]", "{", "[" * 100_000, '{"a": NaN}', "\ud800"):
        assert not policy.matches(body)
    criteria = FilterCriteria([{"body": {"a": ["x"]}}])
    for body in ("", "[]", "{", "[" * 100_000, '{"a": NaN}', "\ud800", None, 1):
        assert not criteria.matches({"body": body})


def test_not_a_number_in_a_dict_is_below_and_above_nothing():
    pattern = compiled({"a": [{"numeric": ["<", 5]}]})
    assert pattern.matches({"a": 4})
    assert not pattern.matches({"a": float("nan")})
    assert compiled({"a": [{"anything-but": 5}]}).matches({"a": float("nan")})


def spelt_every_way(parts, value):
    """An object in which the joined path leads to the value by every way of putting dots into keys."""
    made = {".".join(parts): value}
    for at in range(1, len(parts)):
        made[".".join(parts[:at])] = spelt_every_way(parts[at:], value)
    return made


def test_a_path_that_many_arrays_lead_to_is_answered_in_time():
    elements = [{"x": "1"}, {"y": "1"}, {"z": "1"}] * 3
    event = spelt_every_way("abcdef", elements)
    assert answer(compiled({"a.b.c.d.e.f": {"x": ["1"], "y": ["1"], "z": ["1"]}}), event)
    assert not answer(compiled({"a.b.c.d.e.f": {"x": ["1"], "y": ["1"], "z": ["2"]}}), event)


def test_arrays_that_have_nothing_to_do_with_each_other_are_not_multiplied():
    paths = "abcdefg"
    event = {**{path: [{"x": "1"}] * 100 for path in paths}, "z": [{"x": "1"}, {"y": "1"}]}
    fields = {path: {"x": ["1"]} for path in paths}
    assert not answer(compiled({**fields, "z": {"x": ["1"], "y": ["1"]}}), event)
    assert answer(compiled({**fields, "z": {"x": ["1"]}}), event)


def test_comparing_gives_up_on_automata_that_are_too_large():
    one = EventPattern({"source": [{"anything-but": {"wildcard": [f"*{n}*a*b*c" for n in range(100)]}}]})
    other = EventPattern({"source": [{"wildcard": "*1*a*b*c"}]})
    began = time.perf_counter()
    assert one.overlap(other) is None or isinstance(one.overlap(other), Unknown)
    assert isinstance(EventPattern({"source": [{"anything-but": {"wildcard": "*a*b*"}}, {"suffix": "a"}]}).warnings, tuple)
    assert time.perf_counter() - began < 20 * COMPILE
