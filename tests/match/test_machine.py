"""Chosen patterns in one router, put to chosen events: each rule answers as the slow matcher says, alone and beside the others."""

from decimal import Decimal
from itertools import permutations, product

import pytest

from cdk_event_flow.match import EventError, EventPattern, Router
from cdk_event_flow.match.index import path
from tests.match import reference

ABSENT = {"exists": False}
ELEMENTS = [{"b": "1"}, {"b": "1", "c": "2"}, {"b": "0", "c": "y"}, {"c": "0"}, {"d": "3"}, {"b": ["0", "1"], "d": "3"}]
DEEP = [{"x": "1"}, {"x": "1", "y": "2"}, {"y": "2"}, {"x": "0", "y": "2"}]


def lists_of(*values):
    """A rule for each of the values on the field `a`, which each is a list, or the one element of one."""
    return [{"a": each if isinstance(each, list) else [each]} for each in values]


def on_a(*values):
    """An event for each of the values."""
    return [{"a": each} for each in values]


GROUPS = {
    "objects in an array": (
        [
            {"a": {"b": ["1"], "c": ["2"]}},
            {"a": {"b": ["1"], "c": ["2", ABSENT]}},
            {"a": {"b": ["1"], "c": [ABSENT], "d": ["3"]}},
            {"a": {"b": ["1"], "d": ["3"]}, "e": ["5", ABSENT]},
            {"a": {"c": [ABSENT]}},
            {"a": {"b": ["0"]}, "e": [ABSENT]},
            {"a": {"$or": [{"b": ["1"], "c": ["0", "2"]}, {"c": ["y"], "d": ["3"]}]}},
            {"$or": [{"a": {"b": ["1"]}, "e": ["5"]}, {"a": {"c": ["y"], "d": [ABSENT]}}]},
        ],
        [
            {"a": several, **rest}
            for rest in ({}, {"e": ["0", "5"]})
            for several in (*map(list, permutations(ELEMENTS, 2)), [[ELEMENTS[0]], [ELEMENTS[3]]], "1", ["1", ELEMENTS[1]])
        ],
    ),
    "objects in arrays in an array": (
        [
            {"a": {"b": {"x": ["1"], "y": ["2"]}}},
            {"a": {"b": {"x": ["1"]}, "c": ["3"]}},
            {"a": {"b": {"x": ["1"], "y": [ABSENT]}, "c": ["3"]}},
            {"a": {"b": {"x": ["1"], "y": ["2", ABSENT]}, "c": [ABSENT]}},
            {"a": {"b": {"$or": [{"x": ["0"]}, {"y": ["2"]}]}, "c": ["3"]}},
        ],
        [
            {"a": [{"b": [one, other]}, {"b": [third], "c": "3"}]}
            for (one, other), third in product(permutations(DEEP, 2), (DEEP[0], DEEP[3]))
        ],
    ),
    "keys with dots": (
        [
            {"a": {"b": ["x"]}},
            {"a": {"b": [{"anything-but": "x"}]}},
            {"a": {"b": ["x"], "c": ["y"]}},
            {"a.b": ["x"], "c": ["y"]},
            {"a": {"b.c": ["x"]}},
            {"a": {"b": {"c": ["x"], "d": ["y"]}}},
            {"a": {"b": [ABSENT]}, "c": ["y"]},
        ],
        [
            {"a": {"b": "x"}},
            {"a.b": "x"},
            {"a": {"b": "x"}, "a.b": "z"},
            {"a": {"b": "z"}, "a.b": "x"},
            {"a.b": "z", "a": {"b": "x"}},
            {"a.b": "z", "a": {"b": "x"}, "c": ["y"]},
            {"a.b": ["z", "x"], "a": [{"b": "z", "c": "y"}]},
            {"a": [{"b": "z", "c": "y"}], "a.b": ["z", "x"]},
            {"a": [{"b": "z"}, {"c": "y"}, {"b": "x"}], "a.b": "z"},
            {"a.b": "z", "a": [{"b": "x", "c": "y"}]},
            {"a": [{"b.c": "x"}]},
            {"a": [{"b.c": "x", "b.q": "y"}, {"b": {"d": "y"}}]},
            {"a": [{"b.c": "x", "b.d": "y", "q.c": "x"}]},
            {"a.q": "x", "a.b.q": "x", "q.b": "x", "c": "y"},
            {"a": {"b.c": ["x"], "b": [{"d": "y"}]}},
            {"a": ["x", {"b": ["z", {"c": "x"}]}], "c": "y"},
        ],
    ),
    "absent beside arrays of other fields": (
        [{"a": [ABSENT], "b": ["x"]}, {"a": ["1"], "b": ["x", ABSENT]}, {"a": [ABSENT, "2"]}, {"b": [ABSENT]}],
        [
            {**one, **other}
            for one in ({}, {"a": "1"}, {"a": ["1"]}, {"a": []}, {"a": ["2", "1"]}, {"a": [{"b": "x"}]})
            for other in ({}, {"b": "x"}, {"b": ["x"]}, {"b": ["y"]}, {"b": {}})
        ],
    ),
    "the same literals in many rules": (
        [{"a": {"b": [str(number % 7), 5], "c": [str(number % 3), None]}} for number in range(40)],
        [
            {"a": several}
            for several in (
                [{"b": "0"}, {"c": "0"}],
                [{"b": "0", "c": "0"}],
                [{"b": ["1", "2"]}, {"b": "6", "c": ["1", "2"]}],
                [{"b": 5.0, "c": None}],
                {"b": "3", "c": None},
            )
        ],
    ),
    "many rules that arrays keep apart": (
        [{"a": {"b": ["1"], "c": ["2", str(number)]}} for number in range(3, 23)],
        [{"a": [{"b": "1"}, {"c": ["2", "4"]}]}, {"a": [{"b": "1", "c": "4"}, {"c": "2"}]}, {"a": [{"b": "1", "c": "2"}]}],
    ),
    "ranges": (
        lists_of(
            *({"numeric": [">=", low, "<", low + 2]} for low in range(0, 32, 4)),
            [{"numeric": [">", 0, "<", 10]}, {"numeric": [">", 5, "<", 15]}],
            [{"numeric": [">", 0, "<=", 20]}, {"numeric": [">=", 3, "<", 9]}, {"numeric": ["=", 25]}],
            [{"numeric": [">", 30]}, {"numeric": ["<=", 1]}],
            [{"numeric": ["<", 5]}, {"numeric": [">=", 5, "<", 9]}],
        ),
        on_a(*(number / 2 for number in range(-2, 70)), 7, 10**30, "5", None, True, [50, 3]),
    ),
    "as many ranges as a stored set has changes": (
        lists_of(*({"numeric": [">=", low, "<", low + 2]} for low in range(0, 32, 4))),
        on_a(-1, 0, 2, 28.5, 30, 31),
    ),
    "ranges without an end": (
        lists_of(*({"numeric": [sign, number]} for number in range(9) for sign in (">", ">=", "<", "<=", "="))),
        on_a(*(number / 2 for number in range(-1, 19)), -1e300, 1e300),
    ),
    "wildcards that begin alike": (
        lists_of(
            *({"wildcard": f"ab{number}*{number % 4}"} for number in range(17)),
            *({"wildcard": text} for text in ("*", "a*", "ab*", "ab*b", "*ab", "*b*", "a*b*a", "*1*1", "ab\\*", "ab", "", "x*")),
            [{"wildcard": "*3"}, {"wildcard": "*33*"}],
        ),
        on_a("", "a", "ab", "ab*", "abb", "abab", "aba", "ab11", "ab1-1", "ab161-0", "ab160", "ab33", "x", "xab", "33x", 1, None),
    ),
    "all but": (
        lists_of(
            {"anything-but": ["x", "y"]},
            {"anything-but": "y"},
            [{"anything-but": ["x", "y"]}, {"anything-but": ["y", "z"]}],
            [{"anything-but": {"prefix": ["x", "a"]}}, "xy"],
            [{"anything-but": {"prefix": "x"}}, {"anything-but": {"suffix": "x"}}, {"anything-but": "z"}],
            {"anything-but": [1, 2.5]},
            [{"anything-but": 1}, 5, ABSENT],
            {"anything-but": {"wildcard": ["x*x", "*y*"]}},
            {"anything-but": {"equals-ignore-case": ["X", "straße"]}},
        ),
        [*on_a("x", "y", "z", "xx", "xy", "ax", "STRASSE", 1, 1.0, 2.5, "1", None, True, ["x", "y"], ["y", "y"], []), {}],
    ),
    "text in any case": (
        lists_of(
            *({operator: {"equals-ignore-case": text}} for operator in ("prefix", "suffix") for text in ("aB", "b", "ß", "é", "")),
            *({"equals-ignore-case": text} for text in ("aB", "straße", "AB", "é")),
            *({operator: text} for operator in ("prefix", "suffix") for text in ("a", "ab", "AB", "é", "")),
        ),
        on_a(
            "", "a", "ab", "AB", "abab", "bA", "bab", "aBé", "éab", "É", "é", "STRASSE", "straße", "SSab", "abSS", "SS", "ß", 1, None
        ),
    ),
    "addresses": (
        lists_of(
            *({"cidr": network} for network in ("10.0.0.0/8", "10.1.0.0/16", "10.1.2.3/32", "0.0.0.0/0", "::/0", "fe80::/10")),
            *("10.1.2.3", "::1", "FE80::1", "fe80:0::1", "12:30"),
            ["::2", {"cidr": "::1/128"}],
        ),
        on_a(
            "10.1.2.3", "10.1.2.4", "10.2.0.0", "::1", "::2", "0:0::1", "fe80::1", "fe81::", "12:30", "1", "", "::10.1.2.3", 10, None
        ),
    ),
}


@pytest.mark.parametrize(("patterns", "events"), GROUPS.values(), ids=GROUPS)
def test_each_of_many_rules_answers_as_the_slow_matcher(patterns, events):
    router = Router({str(at): each for at, each in enumerate(patterns)})
    rights = [{str(at) for at, each in enumerate(patterns) if reference.matches(each, event)} for event in events]
    assert [router.route(event) for event in events] == rights
    for name in set.union(*rights):
        pattern = EventPattern(patterns[int(name)])
        assert [pattern.matches(event) for event in events] == [name in right for right in rights]
    assert not set.intersection(*rights)


def test_what_is_shared_by_many_rules_is_found_again_for_the_next_event():
    router = Router({"one": {"a": ["x"], "b": [ABSENT]}, "other": {"a": {"b": ["1"], "c": ["2"]}}})
    for _ in range(2):
        assert router.route({"a": "x"}) == {"one"}
        assert router.route({"a": "x", "b": "1"}) == set()
        assert router.route({"a": [{"b": "1"}, {"c": "2"}, "x"]}) == {"one"}
        assert router.route({"a": [{"b": "1", "c": "2"}]}) == {"other"}


def test_a_key_that_is_no_string_is_an_error_of_the_event():
    with pytest.raises(EventError) as refused:
        EventPattern({"a": ["x"]}).matches({1: "x"})
    assert (refused.value.at, refused.value.code) == ("event", "EF-EVENT")


def test_answers_that_were_remembered_and_forgotten_are_found_again(monkeypatch):
    monkeypatch.setattr(path, "REMEMBERED_BITS", 256)
    router = Router({"a": {"a": [{"anything-but": "x1"}]}, **{str(number): {"b": [str(number)]} for number in range(4)}})
    for _ in range(2):
        assert [number for number in range(70) if not router.route({"a": f"x{number}"})] == [1]


def test_what_json_has_no_word_for_is_there_and_equal_to_nothing():
    event = {"a": Decimal(5)}
    for wanted, matches in ((5, False), ({"numeric": [">", 1]}, False), ({"anything-but": 5}, True), ({"exists": True}, True)):
        pattern = EventPattern({"a": [wanted]})
        assert pattern.matches(event) is matches
        assert pattern.explain(event).matched is matches
