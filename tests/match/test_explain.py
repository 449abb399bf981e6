"""Explanations: each path in a sentence, the misses first, of several alternatives the nearest."""

import pytest

from cdk_event_flow.match import EventPattern, FilterPolicy, PatternError

# (list on a, what a is, the sentence)
SAID = [
    (["x"], "y", 'a is "y", wanted "x"'),
    (["x", 5, None, True], "é", 'a is "é", wanted "x", 5, null or true'),
    (["x", "y"], ["a", "b"], 'a is ["a", "b"], wanted "x" or "y"'),
    (["x"], ["x", "y"], 'a is ["x", "y"], matches "x"'),
    (["x"], ["y"], 'a is "y", wanted "x"'),
    ([None], None, "a is null, matches null"),
    ([{"prefix": "ab"}], "y", 'a is "y", wanted text starting with "ab"'),
    ([{"prefix": {"equals-ignore-case": "ab"}}], "y", 'a is "y", wanted text starting with "ab" in any case'),
    ([{"suffix": "ab"}], "y", 'a is "y", wanted text ending with "ab"'),
    ([{"suffix": {"equals-ignore-case": "ab"}}], "y", 'a is "y", wanted text ending with "ab" in any case'),
    ([{"equals-ignore-case": "ab"}], "y", 'a is "y", wanted "ab" in any case'),
    ([{"wildcard": "a*b"}], "y", 'a is "y", wanted text like "a*b"'),
    ([{"cidr": "10.0.0.0/8"}], "y", 'a is "y", wanted an address in 10.0.0.0/8'),
    ([{"numeric": [">", 5]}], 5, "a is 5, wanted a number greater than 5"),
    ([{"numeric": [">=", 0.5, "<", 7.25]}], 8, "a is 8, wanted a number at least 0.5 and less than 7.25"),
    ([{"numeric": ["<=", 5]}], 6, "a is 6, wanted a number at most 5"),
    ([{"numeric": ["=", 5]}], 6, "a is 6, wanted a number equal to 5"),
    ([{"anything-but": ["x", "w"]}], "x", 'a is "x", wanted anything but "x" or "w"'),
    ([{"anything-but": {"prefix": "a"}}], "ab", 'a is "ab", wanted anything but text starting with "a"'),
    ([{"exists": False}], "y", 'a is "y", wanted it to be absent'),
    ([{"exists": True}], None, "a is null, matches it to be present"),
]


@pytest.mark.parametrize(("wanted", "value", "sentence"), SAID)
def test_a_path_is_explained_in_a_sentence(wanted, value, sentence):
    assert str(EventPattern({"a": wanted}).explain({"a": value})) == sentence


def test_what_is_absent_is_said_to_be_whether_that_is_wanted_or_not():
    assert str(EventPattern({"a": [{"exists": True}]}).explain({})) == "a is absent, wanted it to be present"
    assert str(EventPattern({"a": ["x", {"exists": False}]}).explain({})) == 'a is absent, matches "x" or it to be absent'


def test_the_misses_come_first():
    verdict = EventPattern({"b": ["x"], "a": ["y"], "c": ["z"]}).explain({"b": "x", "c": "?"})
    assert str(verdict) == 'a is absent, wanted "y"\nc is "?", wanted "z"\nb is "x", matches "x"'
    assert [(path.path, path.outcome) for path in verdict.paths] == [("a", "absent"), ("c", "rejected"), ("b", "matched")]
    assert [miss.path for miss in verdict.misses] == ["a", "c"]
    assert not verdict


def test_of_alternatives_the_one_that_matches_is_explained_else_the_nearest_else_the_first():
    pattern = EventPattern({"$or": [{"a": ["1"], "b": ["2"]}, {"c": ["3"]}, {"d": ["4"], "e": ["5"]}], "f": ["6"]})

    def explained(**event):
        return [path.path for path in pattern.explain(event).paths]

    assert explained(c="3", f="6") == ["c", "f"]
    assert explained(a="1", b="2", f="6") == ["a", "b", "f"]
    assert explained(f="6") == ["c", "f"]
    assert explained(d="4", f="6") == ["c", "f"]
    assert explained(c="9", e="5", d="4") == ["f", "d", "e"]
    assert EventPattern({"$or": [{"a": ["1"]}, {"b": ["2"]}]}).explain({}).paths[0].path == "a"


def test_an_alternative_that_arrays_keep_apart_is_not_explained_where_another_matches():
    pattern = EventPattern({"$or": [{"a": {"b": ["1"], "c": ["2"]}}, {"d": ["x"]}]})
    verdict = pattern.explain({"a": [{"b": "1"}, {"c": "2"}], "d": "x"})
    assert (verdict.matched, [path.path for path in verdict.paths]) == (True, ["d"])


ALL = "use one of anything-but, cidr, equals-ignore-case, exists, numeric, prefix, suffix"


@pytest.mark.parametrize(
    ("spelt", "kind", "fix"),
    [
        ("wildcrd", EventPattern, "did you mean wildcard?"),
        ("equals_ignore_case", EventPattern, "did you mean equals-ignore-case?"),
        ("Prefix", FilterPolicy, "did you mean prefix?"),
        ("xyz", FilterPolicy, ALL),
        ("wildcard", FilterPolicy, f"SNS has no wildcard; {ALL}"),
    ],
)
def test_an_operator_that_is_none_is_met_with_the_nearest_or_with_all(spelt, kind, fix):
    with pytest.raises(PatternError) as refused:
        kind({"a": [{spelt: "x"}]})
    assert refused.value.problems[0].fix == fix
