"""`numeric`: a comparison or a range."""

import pytest

from cdk_event_flow.match import EventPattern, PatternError, Router
from tests.match import reference
from tests.match.tables import refusals, rows

PASSES = [
    ({"numeric": [">", 0]}, [1, 0.001, 1e300, 1180591620717411303424], [0, -0.0, -1, "1", None, True, ""]),
    ({"numeric": [">=", 0]}, [0, -0.0, 1], [-1, -0.001, False]),
    ({"numeric": ["<", 5]}, [4, 4.999, -1180591620717411303424], [5, 5.0, "4", None]),
    ({"numeric": ["<=", 5]}, [5, 5.0, 4], [5.001, 6]),
    ({"numeric": ["=", 3]}, [3, 3.0], ["3", 2.999, True]),
    ({"numeric": ["=", 0.1]}, [0.1], [0.1000001]),
    ({"numeric": [">", 0, "<", 5]}, [1, 4.99], [0, 5, -1, 6]),
    ({"numeric": [">=", 0, "<=", 5]}, [0, 5, 2.5], [-0.1, 5.1, "3"]),
    ({"numeric": [">=", 5, "<=", 5]}, [5, 5.0], [4.9, 5.1]),
    ({"numeric": [">", -5, "<=", -1]}, [-1, -4.9], [-5, 0]),
    ({"numeric": ["<", 1e300]}, [1e299, 0], [1e300, 1e301]),
    ({"numeric": ["<=", 9007199254740992]}, [9007199254740992], [9007199254740993]),
]

REFUSED = [
    ({"numeric": 5}, "Value of numeric must be an array."),
    ({"numeric": "= 5"}, "Value of numeric must be an array."),
    ({"numeric": []}, "Invalid member in numeric match: ]"),
    ({"numeric": [5]}, "Invalid member in numeric match: 5"),
    ({"numeric": ["<>", 5]}, "Unrecognized numeric range operator: <>"),
    ({"numeric": ["=="]}, "Unrecognized numeric range operator: =="),
    ({"numeric": ["="]}, "Value of equals must be numeric"),
    ({"numeric": [">"]}, "Value of > must be numeric"),
    ({"numeric": [">", "5"]}, "Value of > must be numeric"),
    ({"numeric": ["<=", True]}, "Value of <= must be numeric"),
    ({"numeric": ["<=", 5, ">", 1]}, "Too many elements in numeric expression"),
    ({"numeric": [">", 1, "<", 2, "<"]}, "Too many terms in numeric range expression"),
    ({"numeric": ["<", 5, ">", 1]}, "Too many elements in numeric expression"),
    ({"numeric": ["=", 5, "<", 6]}, "Too many elements in numeric expression"),
    ({"numeric": [">", 1, ">", 2]}, "Bad numeric range operator: >"),
    ({"numeric": [">", 1, 2]}, "Bad value in numeric range: 2"),
    ({"numeric": [">", 1, "<"]}, "Value of < must be numeric"),
    ({"numeric": [">", 1, "<", 2, "<", 3]}, "Too many terms in numeric range expression"),
    ({"numeric": [">", 5, "<", 1]}, "Bottom must be less than top"),
    ({"numeric": [">", 5, "<", 5]}, "Bottom must be less than top"),
    ({"numeric": ["=", float("inf")]}, "Cannot compare number : inf"),
    ({"numeric": [">", 2**53 + 1]}, "Cannot compare number : 9007199254740993"),
]


@pytest.mark.parametrize(("element", "value", "passes"), rows(PASSES))
def test_numeric_passes_what_eventbridge_passes(element, value, passes):
    pattern, event = {"a": [element]}, {"a": value}
    assert EventPattern(pattern).matches(event) is passes
    verdict = EventPattern(pattern).explain(event)
    assert (verdict.matched, not verdict.misses) == (passes, passes)
    assert Router({"rule": pattern, "other": {"b": ["x"]}}).route(event) == ({"rule"} if passes else set())
    assert reference.matches(pattern, event) is passes


@pytest.mark.parametrize(("element", "reason"), refusals(REFUSED))
def test_a_refused_numeric_is_met_with_the_words_of_aws(element, reason):
    with pytest.raises(PatternError) as refused:
        EventPattern({"detail": {"a": ["x", element]}})
    assert refused.value.reason == reason
    assert refused.value.path == "detail.a"


@pytest.mark.parametrize("written", ["1e-325", "2E-325", "2e422", "-2.0e422", f"0.{330 * '0'}1"])
def test_a_threshold_that_a_double_cannot_hold_is_refused_as_it_is_written(written):
    with pytest.raises(PatternError) as refused:
        EventPattern(f'{{"a": [{{"numeric": ["=", {written}]}}]}}')
    assert refused.value.reason == f"Cannot compare number : {written}"


def test_many_overlapping_ranges_answer_as_each_alone():
    ranges = {f"{low} {high}": [">=", low, "<", high] for low in range(0, 40, 3) for high in range(low + 1, 45, 4)}
    router = Router({name: {"a": [{"numeric": each}]} for name, each in ranges.items()})
    for value in [-1, 0, 0.5, 3, 17, 17.5, 39, 44, 45]:
        assert router.route({"a": value}) == {name for name, (_, low, _, high) in ranges.items() if low <= value < high}


@pytest.mark.parametrize("written", ["0.0", "-0.0", "0e5", "0.0E1", "0e-9"])
def test_a_threshold_of_nought_is_one_however_it_is_written(written):
    pattern = EventPattern(f'{{"a": [{{"numeric": [">=", {written}]}}]}}')
    assert pattern.matches({"a": 0})
    assert not pattern.matches({"a": -1})
