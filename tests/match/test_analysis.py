"""Overlap, cover and witness: every event that is given as proof is one, and what is said never to be is attacked."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdk_event_flow.match import UNKNOWN, EventPattern, Unknown
from cdk_event_flow.match.analysis import compare, globs
from cdk_event_flow.match.analysis.compare import ENVELOPE
from cdk_event_flow.match.analysis.values import ABSENT, NOTHING, find
from tests.match import generate


def leaves(some):
    """The leaves of a list of a pattern."""
    return EventPattern({"a": some}).alternatives[0]["a"]


# (one, other): lists on the envelope's source, where no array can stand; whether they overlap
OVERLAPS = [
    (["x"], ["x"], True),
    (["x"], ["y"], False),
    (["x", "y"], ["z", "y"], True),
    ([5], [5.0], True),
    ([5], ["5"], False),
    ([True], [1], False),
    ([{"prefix": "ab"}], [{"prefix": "abc"}], True),
    ([{"prefix": "ab"}], [{"prefix": "ac"}], False),
    ([{"prefix": "ab"}], [{"suffix": "yz"}], True),
    ([{"prefix": "ab"}], ["abc"], True),
    ([{"prefix": "ab"}], ["xab"], False),
    ([{"wildcard": "a*b*c"}], [{"wildcard": "a*x*c"}], True),
    ([{"wildcard": "a*b"}], [{"wildcard": "b*b"}], False),
    ([{"wildcard": "a*b"}], [{"wildcard": "a*c"}], False),
    ([{"wildcard": "*x*"}], [{"anything-but": {"wildcard": "*x*"}}], False),
    ([{"wildcard": "*x*"}], [{"anything-but": {"prefix": "x"}}], True),
    ([{"wildcard": "aaa*"}], [{"anything-but": {"prefix": "aa"}}], False),
    ([{"equals-ignore-case": "ab"}], [{"equals-ignore-case": "AB"}], True),
    ([{"equals-ignore-case": "ab"}], [{"equals-ignore-case": "AC"}], False),
    ([{"equals-ignore-case": "ß"}], ["SS"], True),
    ([{"equals-ignore-case": "ab"}], [{"anything-but": ["ab", "aB", "Ab", "AB"]}], False),
    ([{"equals-ignore-case": "ab"}], [{"anything-but": ["ab", "aB", "Ab"]}], True),
    ([{"numeric": [">", 5]}], [{"numeric": ["<", 6]}], True),
    ([{"numeric": [">", 5]}], [{"numeric": ["<", 5]}], False),
    ([{"numeric": [">=", 5]}], [{"numeric": ["<=", 5]}], True),
    ([{"numeric": [">=", 5]}], [{"numeric": ["<", 5]}], False),
    ([{"numeric": [">", 5, "<", 7]}], [{"anything-but": [6]}], True),
    ([{"numeric": ["=", 5]}], [{"anything-but": 5}], False),
    ([{"exists": False}], [{"exists": True}], False),
    ([{"exists": False}], ["x", {"exists": False}], True),
    ([{"exists": True}], [None], True),
    ([{"anything-but": "x"}], ["x"], False),
    ([{"anything-but": "x"}], [{"anything-but": "y"}], True),
    ([{"anything-but": {"prefix": "a"}}], [{"prefix": "a"}], False),
    ([{"anything-but": {"prefix": "a"}}], [{"prefix": ""}], True),
    ([{"cidr": "10.0.0.0/8"}], [{"cidr": "10.1.0.0/16"}], True),
    ([{"cidr": "10.0.0.0/16"}], [{"cidr": "10.1.0.0/16"}], False),
    ([{"cidr": "10.0.0.0/31"}], [{"anything-but": ["10.0.0.0", "10.0.0.1"]}], False),
    ([{"cidr": "10.0.0.0/30"}], [{"anything-but": ["10.0.0.0", "10.0.0.1", "10.0.0.3"]}], True),
    ([{"cidr": "10.0.0.0/8"}], ["10.1.2.3"], True),
    (["::1"], ["0:0:0:0:0:0:0:1"], True),
    (["::1"], ["::2"], False),
]


@pytest.mark.parametrize(("one", "other", "overlap"), OVERLAPS)
def test_lists_on_a_field_of_the_envelope_overlap_or_never_do(one, other, overlap):
    first, second = EventPattern({"source": one}), EventPattern({"source": other})
    for found in (first.overlap(second), second.overlap(first)):
        if overlap:
            assert first.matches(found)
            assert second.matches(found)
        else:
            assert found is None


# (cover, covered, whether it does)
COVERS = [
    (["x", "y"], ["x"], True),
    (["x"], ["x", "y"], False),
    ([{"prefix": "a"}], [{"prefix": "ab"}], True),
    ([{"prefix": "ab"}], [{"prefix": "a"}], False),
    ([{"prefix": "a"}, {"anything-but": {"prefix": "a"}}], [{"exists": True}], True),
    ([{"prefix": "a"}, {"anything-but": {"prefix": "ab"}}], [{"exists": True}], True),
    ([{"prefix": "ab"}, {"anything-but": {"prefix": "a"}}], [{"exists": True}], False),
    ([{"wildcard": "a*"}], [{"prefix": "a"}], True),
    ([{"wildcard": "*a*"}], [{"wildcard": "*aa*"}, {"suffix": "a"}], True),
    ([{"wildcard": "*aa*"}], [{"wildcard": "*a*"}], False),
    ([{"numeric": [">", 0]}], [{"numeric": [">", 5, "<", 9]}], True),
    ([{"numeric": [">", 0, "<", 6]}, {"numeric": [">=", 6]}], [{"numeric": [">", 5]}], True),
    ([{"numeric": [">", 0, "<", 6]}, {"numeric": [">", 6]}], [{"numeric": [">", 5]}], False),
    ([{"anything-but": "x"}, "x"], [{"exists": True}], True),
    ([{"anything-but": "x"}], [{"anything-but": ["x", "y"]}], True),
    ([{"anything-but": ["x", "y"]}], [{"anything-but": "x"}], False),
    ([{"exists": True}, {"exists": False}], ["x"], True),
    ([{"equals-ignore-case": "ab"}], ["aB"], True),
    ([{"cidr": "10.0.0.0/8"}], [{"cidr": "10.1.0.0/16"}], True),
    ([{"cidr": "10.1.0.0/16"}], [{"cidr": "10.0.0.0/8"}], False),
]


@pytest.mark.parametrize(("cover", "covered", "does"), COVERS)
def test_a_list_covers_another_or_an_event_shows_that_it_does_not(cover, covered, does):
    wide, narrow = EventPattern({"source": cover}), EventPattern({"source": covered})
    found = wide.covers(narrow)
    if does:
        assert found is None
    else:
        assert narrow.matches(found)
        assert not wide.matches(found)


def test_a_pattern_with_fewer_fields_covers_one_with_more_whatever_arrays_do():
    wide, narrow = EventPattern({"detail": {"a": ["x", "y"]}}), EventPattern({"detail": {"a": ["x"], "b": ["z"]}})
    assert wide.covers(narrow) is None
    missed = narrow.covers(wide)
    assert wide.matches(missed)
    assert not narrow.matches(missed)


NO_NUMBER = [{"numeric": [">", 1, "<", 1.0000000000000002]}]  # between two that a double can hold
# (cover, covered, what is found): None is covered, arrays and all
COVERED = [
    ({"detail": {"a": ["x"], "b": ["y"]}}, {"detail": {"a": ["x"], "b": ["z"]}}, {"detail": {"a": "x", "b": "z"}}),
    ({"source": [1]}, {"source": [True]}, {"source": True}),
    ({"account": ["1"]}, {"source": NO_NUMBER}, None),
    ({"account": ["1"]}, {"$or": [{"source": NO_NUMBER}, {"source": ["x"]}]}, {"source": "x"}),
    (
        {"$or": [{"source": ["x"], "account": [each]} for each in "12"] + [{"source": [{"anything-but": "x"}]}]},
        {"source": [{"exists": True}], "account": [{"exists": True}]},
        {"source": "x", "account": "x"},
    ),
    ({"detail": {"a": [{"exists": False}]}}, {"detail": {"a": [{"exists": False}]}}, None),
    ({"detail": {"a": ["x", {"exists": False}]}}, {"detail": {"a": [{"exists": False}]}}, UNKNOWN),
    ({"$or": [{"detail": {"a": ["x"]}}, {"detail": {"z": ["q"]}}]}, {"detail": {"a": ["x"], "b": ["1"]}}, None),
    ({"detail": {"a": ["x"]}}, {"$or": [{"detail": {"a": ["x"]}}, {"detail": {"c": ["y"]}}]}, {"detail": {"c": "y"}}),
    ({"$or": [{"source": ["q"]}, {"source": ["x"], "account": ["1"]}]}, {"source": ["x", "y"]}, {"source": "y"}),
    ({"$or": [{"source": ["q"]}, {"source": ["x"], "account": ["1"]}]}, {"source": ["x"]}, {"source": "x"}),
    (
        {"$or": [{"source": ["x"], "account": ["1"]}, {"source": ["y"]}]},
        {"source": ["x", "y"], "account": ["1", "2"]},
        {"source": "x", "account": "2"},
    ),
]


@pytest.mark.parametrize(("cover", "covered", "found"), COVERED)
def test_what_is_not_covered_is_shown(cover, covered, found):
    assert EventPattern(cover).covers(EventPattern(covered)) == found


@pytest.mark.parametrize("name", ["version", "id", "detail-type", "source", "account", "time", "region"])
def test_a_field_of_the_envelope_is_no_array(name):
    assert EventPattern({name: ["x"]}).overlap(EventPattern({name: ["y"]})) is None
    assert EventPattern({f"{name}s": ["x"]}).overlap(EventPattern({f"{name}s": ["y"]})) == UNKNOWN


def test_all_fields_of_the_envelope_are_decided():
    others = {name: ["1"] for name in ENVELOPE - {"source"}}
    wide = EventPattern({"$or": [{"source": ["x"]}, {"source": [{"anything-but": "x"}]}], **others})
    assert wide.covers(EventPattern({"source": [{"exists": True}], **others})) is None


def test_too_many_cases_are_said_to_be(monkeypatch):
    monkeypatch.setattr(compare, "MOST_BOXES", 1)
    cover = EventPattern({"$or": [{"detail": {"a": ["x"]}}, {"detail": {"a": [{"anything-but": "x"}]}}]})
    found = cover.covers(EventPattern({"detail": {"a": [{"exists": True}], "b": ["y"]}}))
    assert found == UNKNOWN
    assert found.reason == "covered for scalar fields; what arrays do is not known"
    monkeypatch.setattr(compare, "MOST_BOXES", 0)
    found = cover.covers(EventPattern({"detail": {"a": [{"exists": True}], "b": ["y"]}}))
    assert found.reason == "too many cases to decide"


# (one, other, an event that matches both)
TOGETHER = [
    ({"source": ["a"], "detail": {"x": ["1"]}}, {"account": ["1"]}, {"source": "a", "account": "1", "detail": {"x": "1"}}),
    ({"detail": {"a": ["x", "y"]}}, {"detail": {"a": ["y", "z"]}}, {"detail": {"a": "y"}}),
    ({"a": {"b": ["x"]}}, {"a": {"b": {"c": ["y"]}}}, {"a": {"b": "x", "b.c": "y"}}),
    ({"$or": [{"source": ["a"]}, {"source": ["b"]}]}, {"$or": [{"source": ["c"]}, {"source": ["b"]}]}, {"source": "b"}),
]


@pytest.mark.parametrize(("one", "other", "event"), TOGETHER)
def test_an_event_for_both_has_the_fields_of_both(one, other, event):
    assert EventPattern(one).overlap(EventPattern(other)) == event


def test_of_several_alternatives_the_first_event_is_given():
    assert EventPattern({"$or": [{"a": ["x"]}, {"b": ["y"]}]}).witness() == {"a": "x"}
    assert EventPattern({"$or": [{"a": NO_NUMBER}, {"b": ["y"]}]}).witness() == {"b": "y"}
    one = EventPattern({"$or": [{"detail": {"a": ["x"]}}, {"source": ["s"]}]})
    assert one.overlap(EventPattern({"detail": {"a": ["y"]}})) == {"source": "s", "detail": {"a": "y"}}
    assert EventPattern({"a": [{"exists": False}]}).overlap(EventPattern({"b": [{"exists": False}]})) == {}


def test_what_no_value_passes_is_never_met():
    never = EventPattern({"source": NO_NUMBER})
    assert never.witness() is None
    assert never.overlap(EventPattern({"account": ["1"]})) is None


def test_a_field_of_the_envelope_decides_whatever_other_fields_say():
    one, other = ({"source": [source], "detail": {"a": [source]}} for source in "xy")
    assert EventPattern(one).overlap(EventPattern(other)) is None


def test_why_a_pattern_has_no_witness_is_said(monkeypatch):
    monkeypatch.setattr(globs, "MOST_STEPS", 1)
    found = EventPattern({"source": [{"wildcard": "m*m"}]}).witness()
    assert (found, found.reason) == (UNKNOWN, "too many cases to decide")
    assert EventPattern({"$or": [{"source": [{"wildcard": "m*m"}]}, {"source": ["x"]}]}).witness() == {"source": "x"}


def test_why_it_is_not_known_whether_a_pattern_covers_is_said(monkeypatch):
    for path in ("source", "ip"):
        found = EventPattern({path: [{"prefix": "11"}]}).covers(EventPattern({path: [{"cidr": "11.0.0.0/8"}]}))
        assert (found, found.reason) == (UNKNOWN, "addresses can be written in several ways")
    monkeypatch.setattr(compare, "MOST_BOXES", 1)
    cover = EventPattern({"account": ["1"], "region": ["2"]})
    wide, narrow = ({"source": ["x"], "account": [account]} for account in ({"exists": True}, "2"))
    found = cover.covers(EventPattern(wide))
    assert (found, found.reason) == (UNKNOWN, "too many cases to decide")
    assert cover.covers(EventPattern({"$or": [wide, {**narrow, "version": ["3"]}]})) == {
        "source": "x",
        "account": "2",
        "version": "3",
    }


def test_of_several_reasons_not_to_know_the_first_is_given():
    one = EventPattern({"$or": [{"detail": {"a": ["x"]}}, {"detail": {"b": ["x"]}}]})
    assert "no value of detail.a passes" in one.overlap(EventPattern({"detail": {"a": ["y"], "b": ["y"]}})).reason


def test_each_redundant_place_is_given_with_one_that_is_wider():
    assert list(compare.redundant(leaves(["x", "x", "x"]))) == [(1, 0), (2, 0)]
    assert list(compare.redundant(leaves(["abc", {"prefix": "ab"}, "b", {"prefix": "a"}]))) == [(0, 1), (1, 3)]


def test_alternatives_cover_together_for_scalar_fields():
    wide = EventPattern({"$or": [{"a": ["x"]}, {"b": ["y"]}, {"a": [{"anything-but": "x"}]}]})
    assert wide.covers(EventPattern({"a": [{"exists": True}]})) == UNKNOWN
    envelope = EventPattern({"$or": [{"source": ["x"]}, {"source": [{"anything-but": "x"}]}]})
    assert envelope.covers(EventPattern({"source": [{"exists": True}]})) is None


def test_fields_that_may_be_arrays_are_disjoint_for_scalars_only():
    found = EventPattern({"detail": {"a": ["x"]}}).overlap(EventPattern({"detail": {"a": ["y"]}}))
    assert isinstance(found, Unknown)
    assert found == UNKNOWN
    assert found.reason == ("disjoint for scalar fields: no value of detail.a passes both, but an array could hold one for each")


def test_an_envelope_field_that_differs_is_enough():
    assert EventPattern({"source": ["a"], "detail": {"x": ["1"]}}).overlap(EventPattern({"source": ["b"]})) is None


def test_a_field_and_one_below_it_can_stand_in_one_event():
    one, other = EventPattern({"a": ["x"]}), EventPattern({"a": {"b": ["y"]}})
    assert one.overlap(other) == {"a": "x", "a.b": "y"}


NUMBERS = [{"numeric": ["<", 1]}, {"numeric": [">=", 1]}]  # all of them
# (lists that it passes, list that it does not, what is found): people see it as an example, so it is the plainest
FOUND = [
    ([["y", "x"], ["x", "y"]], [], "y"),
    ([["x", None]], ["x"], None),
    ([[True, {"exists": False}]], [], ABSENT),
    ([[{"exists": False}]], [{"exists": False}], NOTHING),
    ([[{"anything-but": ["x", "y"]}]], [], "z"),
    ([[{"exists": True}]], [{"anything-but": ["x"]}], "x"),
    ([[{"exists": True}]], [{"anything-but": ["x"]}, {"wildcard": "*"}], NOTHING),
    ([[{"anything-but": {"wildcard": "*"}}]], [0], -1),
    ([[{"anything-but": {"wildcard": "*"}}]], [*NUMBERS], True),
    ([[{"anything-but": {"wildcard": "*"}}]], [*NUMBERS, True], False),
    ([[{"anything-but": {"wildcard": "*"}}]], [*NUMBERS, True, False], None),
    ([[{"anything-but": {"wildcard": "*"}}]], [*NUMBERS, True, False, None], NOTHING),
    ([[{"prefix": "ab"}], [{"suffix": "yz"}]], [], "abyz"),
    ([[{"prefix": "ab"}], [{"suffix": "b"}]], [], "ab"),
    ([[{"prefix": "b"}], [{"suffix": "ab"}]], [], "bab"),
    ([[{"prefix": "a"}], [{"prefix": "abc"}], [{"suffix": "yz"}], [{"suffix": "z"}]], [], "abcyz"),
    ([[{"prefix": "z"}], [{"prefix": "za"}], [{"suffix": "ab"}], [{"suffix": "b"}]], [], "zaab"),
    ([[{"wildcard": "a*b*c"}], [{"wildcard": "a*x*c"}]], [], "abxc"),
    ([[{"wildcard": "*b"}], [{"wildcard": "*ab*"}]], [], "abb"),
    ([[{"wildcard": "*a*a*"}]], [{"wildcard": "*aa*"}], "axa"),
    ([[{"wildcard": "*ab*"}], [{"wildcard": "*ba*"}]], [{"wildcard": "*bb*"}], "aba"),
    ([[{"prefix": {"equals-ignore-case": "ß"}}], [{"prefix": "S"}]], ["SS"], "SSS"),
    ([[{"prefix": {"equals-ignore-case": "ß"}}], [{"prefix": "ß"}]], ["ß"], "ßS"),
    ([[{"suffix": {"equals-ignore-case": "ab"}}], [{"prefix": "a"}]], ["AB"], "aAB"),
    ([[{"suffix": {"equals-ignore-case": "ab"}}]], ["ab", "AB", "aB", "Ab"], "AAB"),
    ([[{"numeric": [">", 5]}], [{"numeric": ["<", 6]}]], [], 5.5),
    ([[{"numeric": [">", 5]}], [{"numeric": ["<", 7]}]], [], 6),
    ([[{"numeric": [">", 5]}], [{"numeric": ["<", 100]}]], [], 6),
    ([[{"numeric": [">", 0.25]}], [{"numeric": ["<", 0.5]}]], [], 0.375),
    ([[{"numeric": [">", 5]}]], [], 10),
    ([[{"numeric": [">", 0]}]], [], 1),
    ([[{"numeric": [">", -5]}]], [], -4),
    ([[{"numeric": ["<", 5]}]], [], 4),
    ([[{"numeric": ["<", 0]}]], [], -1),
    ([[{"numeric": ["<", -5]}]], [], -10),
    ([[{"numeric": ["<=", 2.5]}]], [], 2.5),
    ([[{"numeric": ["<=", 1000]}]], [], 1000),
    ([[{"numeric": ["<=", 2**53]}]], [], 2.0**53),
    ([[{"numeric": ["<=", 1e300]}]], [], 1e300),
    ([[{"anything-but": {"wildcard": "*"}}]], [], 0),
    ([[{"wildcard": "*b"}], [{"wildcard": "*ab*"}], [{"exists": True}]], [], "abb"),
    ([[{"prefix": "abb"}], [{"wildcard": "*b*a*b"}]], [], "abbbab"),
    ([[{"exists": True}]], [{"anything-but": {"wildcard": "*ab*"}}], "ab"),
    ([[{"prefix": "a"}]], [{"exists": True}], NOTHING),
    ([[{"exists": False}], [{"prefix": "a"}]], [], NOTHING),
    ([["FE80::A"], [{"prefix": "fe80"}]], [], "fe80::a"),
    ([["fe80::a"], [{"prefix": "FE80"}]], [], "FE80::A"),
    ([["::1"], [{"prefix": "0000"}]], [], "0000:0000:0000:0000:0000:0000:0000:0001"),
    ([[{"anything-but": "x"}], [{"cidr": "10.0.0.0/8"}]], [], "10.0.0.0"),
    ([[{"anything-but": {"prefix": "x"}}], [{"cidr": "10.0.0.0/8"}]], [], "10.0.0.0"),
    ([[{"anything-but": [5]}], [{"cidr": "0.0.0.0/0"}]], [], "0.0.0.0"),
    ([[{"anything-but": "abcdefghijklmnopqrstuvwxyz"}]], [], "Ā"),
    ([[{"cidr": "10.0.0.0/29"}]], ["10.0.0.0", "10.0.0.1", "10.0.0.6", "10.0.0.7"], "10.0.0.2"),
    ([[{"cidr": "10.0.0.0/29"}]], [{"cidr": "10.0.0.0/31"}, {"cidr": "10.0.0.4/30"}], "10.0.0.2"),
    ([[{"cidr": "0.0.0.0/0"}]], ["0.0.0.0", "0.0.0.1", "255.255.255.255"], "0.0.0.2"),
    ([[{"cidr": "10.0.0.0/8"}], [{"cidr": "10.1.0.0/16"}]], [], "10.1.0.0"),
    ([[{"cidr": "10.0.0.0/8"}]], ["10.0.0.0", "10.255.255.255"], "10.0.0.1"),
    ([[{"cidr": "10.0.0.0/31"}]], ["10.0.0.0"], "10.0.0.1"),
    ([[{"cidr": "10.0.0.0/30"}]], ["10.0.0.0", "10.0.0.3", "10.0.0.1"], "10.0.0.2"),
    ([[{"cidr": "0.0.0.0/0"}]], [{"cidr": "0.0.0.1/32"}, {"cidr": "128.0.0.0/1"}], "0.0.0.0"),
    ([[{"cidr": "0.0.0.0/0"}]], [{"cidr": "0.0.0.0/1"}, {"cidr": "128.0.0.0/2"}], "255.255.255.255"),
    ([[{"cidr": "::/127"}]], ["::", "::1"], NOTHING),
    ([["::1"], ["0:0:0:0:0:0:0:1"]], [], "::1"),
    ([["fe80::a"], ["FE80::A"]], [], "fe80::a"),
]


@pytest.mark.parametrize(("all_of", "none_of", "found"), FOUND)
def test_the_plainest_value_is_found_first(all_of, none_of, found):
    value = find(tuple(leaves(each) for each in all_of), leaves(none_of) if none_of else ())
    assert value is found if found in (ABSENT, NOTHING, None) or isinstance(found, bool) else value == found
    assert type(value) is type(found)


def test_what_is_not_known_has_its_reason(monkeypatch):
    inside = find((leaves([{"cidr": "10.0.0.0/8"}]), leaves([{"prefix": "11"}])))
    assert inside == UNKNOWN
    assert inside.reason == "addresses can be written in several ways"
    assert find((leaves(["10.0.0.1"]), leaves([{"prefix": "11"}]))) is NOTHING
    spelt = find((leaves([{"wildcard": "0:*:1"}]),), leaves(["::1"]))
    assert (spelt, spelt.reason) == (UNKNOWN, "too many cases to decide")
    other = find((leaves(["::1"]), leaves([{"prefix": "0:"}])))
    assert (other, other.reason) == (UNKNOWN, "addresses can be written in several ways")
    monkeypatch.setattr(globs, "MOST_STEPS", 10)
    many = find((leaves([{"wildcard": "*m*n*"}]),), leaves([{"wildcard": "*mn*"}]))
    assert many == UNKNOWN
    assert many.reason == "too many cases to decide"
    assert find((leaves(["x"]), leaves([{"wildcard": "*m*n*"}]))) is NOTHING


def test_of_literals_alone_the_least_that_both_have_is_given():
    one, other = EventPattern({"source": ["y", "x", "z"]}), EventPattern({"source": ["z", "x", "y"]})
    assert one.overlap(other) == {"source": "x"}
    assert EventPattern({"source": ["x", {"prefix": "y"}]}).overlap(EventPattern({"source": ["yes"]})) == {"source": "yes"}


def test_so_many_pairs_of_alternatives_are_not_compared():
    many = [{"source": [f"a{number}"]} for number in range(137)]

    def branches(count, account):
        return EventPattern({"$or": many[:count], "account": [account]})

    found = branches(73, "1").overlap(branches(137, "2"))
    assert isinstance(found, Unknown)
    assert found.reason == "there are more than 10,000 pairs of alternatives"
    assert branches(100, "1").overlap(branches(100, "2")) is None


@pytest.mark.parametrize(("one", "other", "decided"), [(4, 125, True), (3, 167, False)])
def test_what_is_left_uncovered_is_followed_in_500_cases(one, other, decided):
    cover = EventPattern(
        {"$or": [{f"{name}{number}": ["x"] for number in range(count)} for name, count in (("a", one), ("b", other))]}
    )
    found = cover.covers(EventPattern({"source": ["s"]}))
    assert found == ({"source": "s"} if decided else UNKNOWN)


def test_the_witness_is_the_shortest_text_where_it_must_be_searched():
    assert find(((EventPattern({"a": [{"wildcard": "*ab*"}]}).alternatives[0]["a"][0],),)) == "ab"


def test_addresses_beside_other_texts_are_not_decided():
    found = EventPattern({"source": [{"cidr": "10.0.0.0/8"}]}).overlap(EventPattern({"source": [{"prefix": "11"}]}))
    assert found == UNKNOWN
    assert "addresses" in found.reason


RANDOM = st.randoms(use_true_random=False)


@settings(max_examples=120, deadline=None)
@given(RANDOM)
def test_every_pattern_has_a_witness_that_matches(rnd):
    pattern = EventPattern(generate.pattern(rnd))
    found = pattern.witness()
    assert found == UNKNOWN or pattern.matches(found)


@settings(max_examples=120, deadline=None)
@given(RANDOM)
def test_what_is_said_of_two_patterns_survives_attack(rnd):
    lists = [generate.pattern(rnd) for _ in range(2)]
    one, other = map(EventPattern, lists)
    both, missed = one.overlap(other), one.covers(other)
    if both != UNKNOWN and both is not None:
        assert one.matches(both)
        assert other.matches(both)
    if missed != UNKNOWN and missed is not None:
        assert other.matches(missed)
        assert not one.matches(missed)
    for _ in range(10):
        event = generate.event(rnd, rnd.choice(lists))
        assert not (both is None and one.matches(event) and other.matches(event))
        assert not (missed is None and other.matches(event) and not one.matches(event))


@settings(max_examples=120, deadline=None)
@given(RANDOM)
def test_one_field_of_the_envelope_is_decided_and_survives_attack(rnd):
    lists = [[generate.leaf(rnd) for _ in range(rnd.randint(1, 2))] for _ in range(2)]
    one, other = (EventPattern({"source": each}) for each in lists)
    both, missed = one.overlap(other), one.covers(other)
    for _ in range(20):
        value = generate.close(rnd, rnd.choice(rnd.choice(lists)))
        event = {"source": value} if not isinstance(value, dict | list) else {}
        assert not (both is None and one.matches(event) and other.matches(event))
        assert not (missed is None and other.matches(event) and not one.matches(event))
    if both != UNKNOWN and both is not None:
        assert one.matches(both)
        assert other.matches(both)
    if missed != UNKNOWN and missed is not None:
        assert other.matches(missed)
        assert not one.matches(missed)


def test_all_pairs_of_many_rules_are_compared():
    rnd = random.Random(5)
    patterns = [EventPattern({"source": [f"s{rnd.randint(0, 5)}"], "detail": generate.pattern(rnd)}) for _ in range(40)]
    answers = [one.overlap(other) for one in patterns for other in patterns]
    assert sum(each is None for each in answers) > 400
    assert all(one.overlap(one) is not None for one in patterns)
