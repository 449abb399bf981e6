"""`wildcard`: `*` stands for any characters."""

import pytest

from cdk_event_flow.match import EventPattern, PatternError, Router
from cdk_event_flow.match.operators import wildcard
from tests.match import reference
from tests.match.tables import refusals, rows

PASSES = [
    ({"wildcard": "dir/*.png"}, ["dir/a.png", "dir/a/b.png", "dir/.png"], ["dir/apng", "xdir/a.png", "dir/a.png2", "", 5, None]),
    ({"wildcard": "*"}, ["", "x", "a\nb"], [5, None, True]),
    ({"wildcard": "a*"}, ["a", "ab", "a*"], ["", "ba", "A"]),
    ({"wildcard": "*a"}, ["a", "ba"], ["ab", ""]),
    ({"wildcard": "a*a"}, ["aa", "aba", "aaa"], ["a", "ab"]),
    ({"wildcard": "*a*"}, ["a", "xax", "aaa"], ["", "x"]),
    ({"wildcard": "a*b*c"}, ["abc", "a-b-c", "abbc", "abcbc"], ["acb", "ab", "ac"]),
    ({"wildcard": "a*b*b"}, ["abb", "a-b-b"], ["ab", "a-b"]),
    ({"wildcard": "*ab*ab*"}, ["abab", "xabxabx"], ["ab", "aba", "aabb"]),
    ({"wildcard": "abc"}, ["abc"], ["ab", "abcd", "ABC"]),
    ({"wildcard": ""}, [""], ["x", None, 0]),
    ({"wildcard": "x\\*y"}, ["x*y"], ["xy", "xay", "x\\*y"]),
    ({"wildcard": "x\\\\y"}, ["x\\y"], ["xy", "x\\\\y"]),
    ({"wildcard": "*\\*"}, ["*", "x*"], ["x", "*x"]),
    ({"wildcard": "\\**"}, ["*", "*x"], ["x*", ""]),
    ({"wildcard": "*é*"}, ["é", "café!"], ["e"]),
    ({"wildcard": "1*1"}, ["11", "1.1"], [11, 1.1, "1"]),
]

REFUSED = [
    ({"wildcard": 5}, "wildcard match pattern must be a string"),
    ({"wildcard": ["a*"]}, "wildcard match pattern must be a string"),
    ({"wildcard": "a**b"}, "Consecutive wildcard characters at pos 2"),
    ({"wildcard": "**"}, "Consecutive wildcard characters at pos 1"),
    ({"wildcard": "a\\*b**"}, "Consecutive wildcard characters at pos 5"),
    ({"wildcard": "x\\***"}, "Consecutive wildcard characters at pos 4"),
    ({"wildcard": "x\\*\\q"}, "Invalid escape character at pos 3"),
    ({"wildcard": "a\\b"}, "Invalid escape character at pos 1"),
    ({"wildcard": "a\\"}, "Invalid escape character at pos 1"),
    (
        {"wildcard": "*:*:*:*:*:event-bus/*"},
        "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character",
    ),
]


@pytest.mark.parametrize(("element", "value", "passes"), rows(PASSES))
def test_wildcard_passes_what_eventbridge_passes(element, value, passes):
    pattern, event = {"a": [element]}, {"a": value}
    assert EventPattern(pattern).matches(event) is passes
    verdict = EventPattern(pattern).explain(event)
    assert (verdict.matched, not verdict.misses) == (passes, passes)
    assert Router({"rule": pattern, "other": {"b": ["x"]}}).route(event) == ({"rule"} if passes else set())
    assert reference.matches(pattern, event) is passes


@pytest.mark.parametrize(("element", "reason"), refusals(REFUSED))
def test_a_refused_wildcard_is_met_with_the_words_of_aws(element, reason):
    with pytest.raises(PatternError) as refused:
        EventPattern({"detail": {"a": ["x", element]}})
    assert refused.value.reason == reason
    assert refused.value.path == "detail.a"


COMPLEXITIES = [
    ("abc", 0),
    ("*", 1),
    ("*a*b*c*", 5),
    ("*:*:*", 5),
    ("a*b", 2),
    ("*aa*aa", 6),
    ("*ab", 2),
    ("*aaa", 4),
    ("*aab*b*b", 6),
    ("*x*x*x*", 7),
    ("a*a", 2),
    ("abc*", 1),
]


@pytest.mark.parametrize(("text", "complexity"), COMPLEXITIES)
def test_complexity_counts_the_beginnings_that_one_text_can_match_at_once(text, complexity):
    assert wildcard.complexity(text) == complexity


def test_many_wildcards_on_one_path_answer_as_each_alone():
    texts = ["*", "a*", "*b", "a*b", "*a*", "x\\*y", "*é", "ab", "", "*a*b*", "b*a"]
    router = Router({text: {"a": [{"wildcard": text}]} for text in texts})
    for value in ["", "a", "b", "ab", "ba", "aab", "x*y", "xay", "é", "bé", "abab", "a" * 2_000]:
        alone = {text for text in texts if EventPattern({"a": [{"wildcard": text}]}).matches({"a": value})}
        assert router.route({"a": value}) == alone
