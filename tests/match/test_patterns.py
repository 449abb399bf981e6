"""The semantics of MATCHING, case by case: (pattern, event, matches)."""

import pytest

from cdk_event_flow.match import EventPattern, FilterCriteria, FilterPolicy, PatternError, Router

CASES = [
    ({"a": ["x"]}, {"a": "x"}, True),
    ({"a": ["x"]}, {"a": "X"}, False),
    ({"a": ["x", "y"]}, {"a": "y"}, True),
    ({"a": ["x"]}, {"a": ["z", "x"]}, True),
    ({"a": ["x"]}, {"a": []}, False),
    ({"a": ["x"]}, {"b": "x"}, False),
    ({"a": [5]}, {"a": 5.0}, True),
    ({"a": [5]}, {"a": "5"}, False),
    ({"a": [True]}, {"a": 1}, False),
    ({"a": [1]}, {"a": True}, False),
    ({"a": [None]}, {"a": None}, True),
    ({"a": [None]}, {}, False),
    ({"a": [{"prefix": "ab"}]}, {"a": "abc"}, True),
    ({"a": [{"prefix": ""}]}, {"a": "anything"}, True),
    ({"a": [{"prefix": ""}]}, {"a": 5}, False),
    ({"a": [{"prefix": {"equals-ignore-case": "AB"}}]}, {"a": "abc"}, True),
    ({"a": [{"suffix": ".png"}]}, {"a": "x.png"}, True),
    ({"a": [{"suffix": {"equals-ignore-case": ".PNG"}}]}, {"a": "x.png"}, True),
    ({"a": [{"suffix": ".png"}]}, {"a": "x.PNG"}, False),
    ({"a": [{"equals-ignore-case": "alice"}]}, {"a": "ALICE"}, True),
    ({"a": [{"equals-ignore-case": "alice"}]}, {"a": "ALICE!"}, False),
    ({"a": [{"wildcard": "dir/*.png"}]}, {"a": "dir/a/b.png"}, True),
    ({"a": [{"wildcard": "a*a"}]}, {"a": "a"}, False),
    ({"a": [{"wildcard": r"a\*b"}]}, {"a": "a*b"}, True),
    ({"a": [{"wildcard": r"a\*b"}]}, {"a": "axb"}, False),
    ({"a": [{"anything-but": ["x"]}]}, {"a": "y"}, True),
    ({"a": [{"anything-but": ["x"]}]}, {"a": None}, True),
    ({"a": [{"anything-but": ["x"]}]}, {}, False),
    ({"a": [{"anything-but": [5]}]}, {"a": "5"}, True),
    ({"a": [{"anything-but": {"prefix": "ab"}}]}, {"a": "abc"}, False),
    ({"a": [{"anything-but": {"suffix": ["x", "y"]}}]}, {"a": "ay"}, False),
    ({"a": [{"anything-but": {"wildcard": "a*c"}}]}, {"a": "abc"}, False),
    ({"a": [{"anything-but": {"equals-ignore-case": ["AB"]}}]}, {"a": "ab"}, False),
    ({"a": [{"numeric": [">", 0]}]}, {"a": 0}, False),
    ({"a": [{"numeric": [">=", 0, "<", 5]}]}, {"a": 4.999}, True),
    ({"a": [{"numeric": ["=", 3]}]}, {"a": 3.0}, True),
    ({"a": [{"numeric": [">", 0]}]}, {"a": "1"}, False),
    ({"a": [{"exists": True}]}, {"a": None}, True),
    ({"a": [{"exists": True}]}, {"a": {}}, False),
    ({"a": [{"exists": False}]}, {"a": []}, True),
    ({"a": [{"exists": False}]}, {"a": 0}, False),
    ({"a": [{"exists": False}, "x"]}, {"a": "x"}, True),
    ({"a": [{"cidr": "10.0.0.0/24"}]}, {"a": "10.0.0.255"}, True),
    ({"a": [{"cidr": "10.0.0.0/24"}]}, {"a": "10.0.1.0"}, False),
    ({"a": [{"cidr": "2001:db8::/32"}]}, {"a": "2001:db8::1"}, True),
    ({"a.b": ["x"]}, {"a": {"b": "x"}}, True),
    ({"a": {"b": ["x"]}}, {"a.b": "x"}, True),
    ({"$or": [{"a": ["1"]}, {"b": ["2"]}]}, {"b": "2"}, True),
    ({"$or": [{"a": ["1"]}, {"b": ["2"]}]}, {"a": "2"}, False),
    ({"a": ["1"], "$or": [{"a": ["2"]}, {"b": ["3"]}]}, {"a": "2"}, True),
    ({"a": ["1"], "$or": [{"a": ["2"]}, {"b": ["3"]}]}, {"a": "1"}, False),
    ({"a": {"b": ["1"], "c": ["2"]}}, {"a": [{"b": "1", "c": "2"}]}, True),
    ({"a": {"b": ["1"], "c": ["2"]}}, {"a": [{"b": "1"}, {"c": "2"}]}, False),
    ({"a": {"b": ["1"], "c": [{"exists": False}]}}, {"a": [{"b": "1"}, {"b": "2", "c": "x"}]}, True),
    ({"a": {"c": ["x"], "b": [{"exists": False}]}}, {"a": [{"c": "x"}, {"b": 1}]}, False),
]

REFUSED = [
    ({}, "Empty objects are not allowed"),
    ({"a": []}, "Empty arrays are not allowed"),
    ({"a": {}}, "Empty objects are not allowed"),
    ({"a": "x"}, '"a" must be an object or an array'),
    ({"a": [["x"]]}, "Match value must be String, number, true, false, or null"),
    ({"a": [{"NUMERIC": ["=", 5]}]}, "Unrecognized match type NUMERIC"),
    ({"a": [{"prefix": 5}]}, "prefix match pattern must be a string"),
    ({"a": [{"numeric": 5}]}, "Value of numeric must be an array."),
    ({"a": [{"numeric": [">", 5, "<", 1]}]}, "Bottom must be less than top"),
    ({"a": [{"cidr": "10.0.0.0"}]}, "Malformed CIDR, one '/' required"),
    ({"a": [{"wildcard": "a**b"}]}, "Consecutive wildcard characters at pos 2"),
    ({"a": [{"exists": "yes"}]}, "exists match pattern must be either true or false."),
    ({"a": [{"prefix": "a", "suffix": "b"}]}, "Only one key allowed in match expression"),
]


@pytest.mark.parametrize(("pattern", "event", "matches"), CASES)
def test_a_pattern_matches_as_eventbridge_does(pattern, event, matches):
    assert EventPattern(pattern).matches(event) is matches


@pytest.mark.parametrize(("pattern", "event", "matches"), CASES)
def test_the_router_and_the_explanation_agree_with_the_pattern(pattern, event, matches):
    assert Router({"rule": pattern}).route(event) == ({"rule"} if matches else set())
    assert bool(EventPattern(pattern).explain(event)) is matches


@pytest.mark.parametrize(("pattern", "reason"), REFUSED)
def test_a_refusal_has_the_wording_of_aws(pattern, reason):
    with pytest.raises(PatternError) as refused:
        EventPattern(pattern)
    assert refused.value.reason == reason


def test_a_misspelt_operator_is_met_with_the_right_one():
    with pytest.raises(PatternError) as refused:
        EventPattern({"detail": {"total": [{"numerik": [">", 1]}]}})
    assert refused.value.path == "detail.total"
    assert refused.value.problems[0].fix == "did you mean numeric?"


def test_an_explanation_reads_as_a_sentence():
    verdict = EventPattern({"detail": {"region": ["eu", "us"], "coupon": [{"exists": True}]}}).explain(
        {"detail": {"region": "apac"}}
    )
    assert str(verdict).splitlines() == [
        'detail.region is "apac", wanted "eu" or "us"',
        "detail.coupon is absent, wanted it to be present",
    ]


def test_sns_takes_five_keys_and_not_six():
    keys = {f"key{n}": ["x"] for n in range(5)}
    assert FilterPolicy(keys).matches("", {name: {"Type": "String", "Value": "x"} for name in keys})
    with pytest.raises(PatternError, match="more than 5 keys"):
        FilterPolicy({**keys, "key5": ["x"]})


@pytest.mark.parametrize(("values", "refused"), [(150, False), (151, True)])
def test_sns_takes_150_combinations(values, refused):
    policy = {"key": [str(n) for n in range(values)]}
    if refused:
        with pytest.raises(PatternError, match="too complex"):
            FilterPolicy(policy)
    else:
        assert FilterPolicy(policy).matches("", {"key": {"Type": "String", "Value": "7"}})


def test_a_body_that_is_not_json_is_dropped_in_body_scope():
    policy = FilterPolicy({"a": ["x"]}, scope="MessageBody")
    assert [policy.matches(body) for body in ('{"a": "x"}', "x", "[1]")] == [True, False, False]


def test_a_mapping_filter_sees_the_body_parsed_and_not_the_metadata():
    record = {"messageId": "1", "body": '{"region": "eu"}'}
    assert FilterCriteria([{"body": {"region": ["eu"]}}]).matches(record)
    assert not FilterCriteria([{"messageId": ["1"]}]).matches(record)
    assert not FilterCriteria([{"body": ["eu"]}]).matches(record)
