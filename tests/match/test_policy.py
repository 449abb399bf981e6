"""SNS filter policies: both scopes, the limits, and what is dropped unseen."""

import pytest

from cdk_event_flow.match import EventError, FilterPolicy, PatternError


def text(value):
    return {"Type": "String", "Value": value}


def values(count):
    return [str(n) for n in range(count)]


def test_a_policy_takes_five_keys_and_not_six():
    keys = {f"key{n}": ["x"] for n in range(5)}
    assert FilterPolicy(keys).matches("", {name: text("x") for name in keys})
    with pytest.raises(PatternError, match="Filter policy can not have more than 5 keys") as refused:
        FilterPolicy({**keys, "key5": ["x"]})
    assert "key0, key1, key2, key3, key4, key5" in refused.value.problems[0].fix


def test_a_policy_has_256_kib_at_most():
    longest = f'{{"a":["{"x" * (256 * 1_024 - 10)}"]}}'
    assert FilterPolicy(longest).pattern
    with pytest.raises(PatternError, match="too long: 262,145 characters") as refused:
        FilterPolicy(longest + " ")
    assert refused.value.problems[0].fix == "SNS takes at most 262,144 characters; split it"


def test_in_body_scope_only_the_keys_at_the_top_count():
    deep = {"a": {f"key{n}": ["x"] for n in range(6)}}
    assert FilterPolicy(deep, scope="MessageBody").matches('{"a": ' + str({f"key{n}": "x" for n in range(6)}).replace("'", '"') + "}")


COMBINATIONS = [
    ({"a": values(150)}, "MessageAttributes", 150),
    ({"a": values(151)}, "MessageAttributes", 151),
    ({"a": values(152)}, "MessageAttributes", 152),
    ({"a": values(15), "b": values(10)}, "MessageAttributes", 150),
    ({"a": values(19), "b": values(8)}, "MessageAttributes", 152),
    ({"$or": [{"a": values(75)}, {"b": values(75)}]}, "MessageAttributes", 150),
    ({"$or": [{"a": values(76)}, {"b": values(76)}]}, "MessageAttributes", 152),
    ({"a": {"b": values(75)}}, "MessageBody", 150),
    ({"a": {"b": values(76)}}, "MessageBody", 152),
    ({"a": {"b": {"c": values(25)}}, "d": values(2)}, "MessageBody", 150),
    ({"a": [{"anything-but": values(1_000)}]}, "MessageAttributes", 1),
]


@pytest.mark.parametrize(("policy", "scope", "combinations"), COMBINATIONS)
def test_a_policy_takes_150_combinations(policy, scope, combinations):
    if combinations <= 150:
        assert FilterPolicy(policy, scope=scope).pattern
        return
    with pytest.raises(PatternError) as refused:
        FilterPolicy(policy, scope=scope)
    assert refused.value.reason == "Filter policy is too complex"
    assert f"{combinations} combinations" in refused.value.problems[0].fix


REFUSED = [
    ({"a": {"b": ["x"]}}, "Filter policy scope MessageAttributes does not support nested filter policy"),
    ({"a": [{"wildcard": "x*"}]}, "Unrecognized match type wildcard"),
    ({"a": [{"anything-but": {"suffix": "x"}}]}, "Unsupported anything-but pattern: suffix"),
    ({"a": [{"anything-but": {"equals-ignore-case": "x"}}]}, "Unsupported anything-but pattern: equals-ignore-case"),
    ({"a": [{"anything-but": {"prefix": ["x"]}}]}, "prefix match pattern must be a string"),
    ({"a": "x"}, '"a" must be an object or an array'),
    ({"a": {"b": "x"}}, '"b" must be an object or an array'),
    ({"a": {"b": "x", "c": ["y"]}}, "Filter policy scope MessageAttributes does not support nested filter policy"),
    ({"a": []}, "Empty arrays are not allowed"),
]


@pytest.mark.parametrize(
    "element", [10**9 + 1, -(10**9) - 1, 1.5e9, {"numeric": [">", 0, "<", 10**9 + 1]}, {"anything-but": [5, 2 * 10**9]}]
)
def test_numbers_are_at_most_a_thousand_million(element):
    with pytest.raises(PatternError, match=r"^Cannot compare number : -?[0-9]{10}$") as refused:
        FilterPolicy({"a": ["x", element]})
    assert refused.value.problems[0].fix == "SNS compares numbers up to ±1,000,000,000"


def test_the_greatest_number_and_the_least_are_compared():
    for number in (10**9, -(10**9)):
        for element in (number, {"numeric": ["=", number]}):
            assert FilterPolicy({"a": [element]}).matches("", {"a": {"Type": "Number", "Value": str(number)}})


def test_what_may_stand_inside_anything_but_is_said():
    with pytest.raises(PatternError) as refused:
        FilterPolicy({"a": [{"anything-but": {"suffix": "x"}}]})
    assert refused.value.problems[0].fix == "SNS takes prefix inside anything-but"


@pytest.mark.parametrize(("policy", "reason"), REFUSED)
def test_what_sns_refuses_is_refused_with_its_words(policy, reason):
    with pytest.raises(PatternError) as refused:
        FilterPolicy(policy)
    assert refused.value.reason == reason


def test_an_unknown_scope_is_refused():
    with pytest.raises(PatternError, match="MessageBodies"):
        FilterPolicy({"a": ["x"]}, scope="MessageBodies")


ATTRIBUTES = [
    ({"a": ["x"]}, {"a": text("x")}, True),
    ({"a": ["x"]}, {"b": text("x")}, False),
    ({"a": ["5"]}, {"a": {"Type": "Number", "Value": "5"}}, False),
    ({"a": [5]}, {"a": {"Type": "Number", "Value": "5.0"}}, True),
    ({"a": [5]}, {"a": text("5")}, False),
    ({"a": [{"numeric": [">", 4]}]}, {"a": {"Type": "Number", "Value": "4.5"}}, True),
    ({"a": [100.123456789]}, {"a": {"Type": "Number", "Value": "100.1234567"}}, True),
    ({"a": [100.12345]}, {"a": {"Type": "Number", "Value": "100.12346"}}, False),
    ({"a": [{"numeric": ["=", 100.123456789]}]}, {"a": {"Type": "Number", "Value": "100.1234567"}}, True),
    ({"a": [{"numeric": [">", 100.123456789]}]}, {"a": {"Type": "Number", "Value": "100.1234598"}}, False),
    ({"a": [{"anything-but": [5, 100.123456789]}]}, {"a": {"Type": "Number", "Value": "100.1234567"}}, False),
    ({"a": [{"anything-but": [5, 100.123456789]}]}, {"a": {"Type": "Number", "Value": "100.12347"}}, True),
    ({"a": [{"anything-but": {"prefix": "x"}}]}, {"a": text("yx")}, True),
    ({"a": [{"anything-but": {"prefix": "x"}}]}, {"a": text("xy")}, False),
    ({"a": ["x"]}, {"a": {"Type": "String.Array", "Value": '["y", "x"]'}}, True),
    ({"a": [True]}, {"a": {"Type": "String.Array", "Value": "[true]"}}, True),
    ({"a": [None]}, {"a": {"Type": "String.Array", "Value": "[null]"}}, True),
    ({"a": ["x"]}, {"a": {"Type": "String.Array", "Value": "not JSON"}}, False),
    ({"a": [None]}, {"a": {"Type": "String.Array", "Value": "not JSON"}}, False),
    ({"a": ["x"]}, {"a": {"Type": "String.Array", "Value": ["y", "x"]}}, True),
    ({"a": ["x"]}, {"a": {"Type": "String.Array", "Value": '[["x"]]'}}, False),
    ({"a": ["x"]}, {"a": {"Type": "String.Array", "Value": '"x"'}}, True),
    ({"a": ["x"]}, None, False),
    ({"a": [{"exists": True}]}, {"a": {"Type": "Binary", "Value": "eA=="}}, False),
    ({"a": [{"exists": False}]}, {"a": {"Type": "Binary", "Value": "eA=="}}, True),
    ({"a": [{"exists": False}]}, {}, True),
    ({"a.b": ["x"]}, {"a.b": text("x")}, True),
    ({}, {}, True),
]


@pytest.mark.parametrize(("policy", "attributes", "matches"), ATTRIBUTES)
def test_attribute_scope_reads_the_attributes_by_their_type(policy, attributes, matches):
    assert FilterPolicy(policy).matches('{"a": "x"}', attributes) is matches
    assert FilterPolicy(policy).explain('{"a": "x"}', attributes).matched is matches


BODIES = [
    ({"a": ["x"]}, '{"a": "x"}', True),
    ({"a": ["x"]}, '{"a": ["y", "x"]}', True),
    ({"a": {"b": ["x"]}}, '{"a": [{"b": "x"}]}', True),
    ({"a": [100.123456789]}, '{"a": [100.1234567]}', True),
    ({"a": ["x"]}, "x", False),
    ({"a": ["x"]}, '["x"]', False),
    ({"a": [{"exists": False}]}, "not JSON", False),
    ({"a": [{"exists": False}]}, "{}", True),
    ({}, "not JSON", True),
]


@pytest.mark.parametrize(("policy", "body", "matches"), BODIES)
def test_body_scope_drops_what_is_no_json_object(policy, body, matches):
    assert FilterPolicy(policy, scope="MessageBody").matches(body) is matches
    assert FilterPolicy(policy, scope="MessageBody").explain(body).matched is matches


def test_anything_but_on_a_part_of_a_string_array_is_said_to_be_undetermined():
    verdict = FilterPolicy({"a": [{"anything-but": ["x"]}]}).explain("", {"a": {"Type": "String.Array", "Value": '["x", "y"]'}})
    assert verdict.notes == ('a is a String.Array of which anything but "x" excludes a part: AWS\'s documents disagree on it',)


ARRAY = {"Type": "String.Array", "Value": '["x", "y"]'}


@pytest.mark.parametrize(
    ("policy", "attributes", "noted"),
    [
        ({"b": ["q"], "a": [{"anything-but": ["x"]}]}, {"b": text("q"), "a": ARRAY}, 1),
        ({"a": ["x"]}, {"a": ARRAY}, 0),
        ({"a": [{"anything-but": ["x", "y"]}]}, {"a": ARRAY}, 0),
        ({"a": [{"anything-but": ["x"]}]}, {"a": {"Type": "String.Array", "Value": '"xy"'}}, 0),
        ({"a": [{"anything-but": ["x"]}]}, {"a": {"Type": "String", "Value": ["x", "y"]}}, 0),
        ({"a": [{"anything-but": ["x"]}]}, {}, 0),
    ],
)
def test_no_other_answer_is_said_to_be_undetermined(policy, attributes, noted):
    assert len(FilterPolicy(policy).explain("", attributes).notes) == noted


def test_attributes_leave_nothing_open_in_body_scope():
    policy = FilterPolicy({"a": [{"anything-but": ["x"]}]}, scope="MessageBody")
    assert policy.explain('{"a": ["x", "y"]}', {"a": ARRAY}).notes == ()
    assert not policy.explain('{"a": "x"}')


def test_a_body_that_is_no_json_object_is_explained_as_such():
    verdict = FilterPolicy({"a": ["x"]}, scope="MessageBody").explain("plain")
    assert (str(verdict), verdict.paths[0].outcome) == ('the message body is "plain", wanted a JSON object', "rejected")


def test_the_keys_of_every_branch_count_and_or_does_not():
    four = {f"key{n}": ["x"] for n in range(4)}
    assert FilterPolicy({**four, "$or": [{"a": ["1"]}, {"a": ["2"]}]}).pattern
    with pytest.raises(PatternError) as refused:
        FilterPolicy({**four, "$or": [{"a": ["1"]}, {"b": ["2"]}]})
    assert "here are a, b, key0, key1, key2, key3" in refused.value.problems[0].fix
    assert FilterPolicy({**four, "$or": ["x"]}).pattern
    with pytest.raises(PatternError, match="more than 5 keys"):
        FilterPolicy({**four, "key4": ["x"], "$or": ["x"]})


def test_dots_in_names_of_attributes_are_no_depth():
    assert FilterPolicy({"a.b": values(100)}).pattern


def test_a_number_attribute_that_is_none_is_an_error_with_its_name():
    with pytest.raises(EventError) as refused:
        FilterPolicy({"a": [5]}).matches("", {"a": {"Type": "Number", "Value": "five"}})
    assert (refused.value.at, refused.value.code) == ("attribute a", "EF-EVENT-ATTRIBUTE")
    with pytest.raises(EventError) as refused:
        FilterPolicy({"a": [5]}).matches("", {"a": {"Type": "Number", "Value": "f" * 100}})
    assert refused.value.problems[0].given == f"its Type is Number and its Value '{'f' * 64}'"
