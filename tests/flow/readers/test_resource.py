"""Properties as people write them: numbers as text, objects as JSON, what is unknown, what is of another type."""

import json

import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import Unknown
from cdk_event_flow.flow.readers.resource import Resource, as_document, as_list, as_mapping, first, several, text_at, texts, whole
from cdk_event_flow.flow.resolve import Resolver

from .reading import OPEN, nodes

UNKNOWN = Unknown("why")
DEEP = "[" * 100_000


@pytest.mark.parametrize(
    ("value", "number"), [(5, 5), ("5", 5), (5.9, 5), (True, 1), (None, 7), ("five", 7), ([], 7), (UNKNOWN, 7), (float("inf"), 7)]
)
def test_a_number_may_be_written_as_text(value, number):
    assert whole(value, 7) == number


@pytest.mark.parametrize(
    ("value", "found"),
    [({"a": 1}, {"a": 1}), ('{"a": 1}', {"a": 1}), ("[1]", {}), ("no JSON", {}), (DEEP, {}), ([1], {}), (None, {}), (UNKNOWN, {})],
)
def test_an_object_may_be_written_as_json(value, found):
    assert as_mapping(value) == found


@pytest.mark.parametrize(
    ("value", "listed", "one_or_several", "written"),
    [
        ([1, UNKNOWN], [1, UNKNOWN], [1, UNKNOWN], ("1", UNKNOWN)),
        ("a", [], ["a"], ("a",)),
        (UNKNOWN, [], [UNKNOWN], (UNKNOWN,)),
        (None, [], [], ()),
        ([], [], [], ()),
    ],
)
def test_what_may_be_several_may_be_one(value, listed, one_or_several, written):
    assert (as_list(value), several(value), texts(value)) == (listed, one_or_several, written)
    assert first(value) == (written[0] if written else None)


@pytest.mark.parametrize(
    ("value", "keys", "text"),
    [
        ("a", (), "a"),
        (None, (), None),
        (True, (), "true"),
        (False, (), "false"),
        (5, (), "5"),
        (5.5, (), "5.5"),
        (UNKNOWN, (), "unknown (why)"),
        ({"a": {"b": "c"}}, ("a", "b"), "c"),
        ({"a": '{"b": "c"}'}, ("a", "b"), "c"),
        ({"a": UNKNOWN}, ("a", "b"), "unknown (why)"),
        ({"a": {}}, ("a", "b"), None),
        ({"a": 5}, ("a", "b"), None),
        ({"a": {"b": []}}, ("a", "b"), "unknown (a.b is not a text)"),
    ],
)
def test_a_text_is_found_inside_of_what_is_there(value, keys, text):
    assert text_at(value, *keys) == text


@pytest.mark.parametrize(
    ("value", "document"),
    [
        ({"Statement": []}, {"Statement": []}),
        ('{"Statement": []}', {"Statement": []}),
        ("{", Unknown("the policy document is not JSON")),
        ("5", Unknown("there is no policy document")),
        ([], Unknown("there is no policy document")),
        (None, Unknown("there is no policy document")),
        (UNKNOWN, UNKNOWN),
    ],
)
def test_a_policy_document_that_cannot_be_read_says_so(value, document):
    assert as_document(value) == document


@pytest.mark.parametrize(
    ("written", "by_default", "flag"),
    [
        (True, False, True), (False, True, False), ("true", False, True), ("TRUE", False, True), ("false", True, False),
        ("yes", True, False), (None, True, False),
    ],
)  # fmt: skip
def test_a_flag_may_be_written_as_text(written, by_default, flag):
    resource = Resource(Resolver({"Resources": {"It": {"Properties": {"Flag": written}}}}, "Shop"), "It")
    assert resource.flag("Flag", by_default) is flag
    assert (resource.flag("Other", by_default), resource.flag("Other")) == (by_default, False)


def test_a_text_that_is_not_there_is_as_by_default():
    resource = Resource(Resolver({"Resources": {"It": {"Properties": {"Null": None, "Here": "text"}}}}, "Shop"), "It")
    assert [resource.text(name) for name in ("Here", "Null", "Other")] == ["text", "", ""]
    assert [resource.text(name, "usual") for name in ("Here", "Null", "Other")] == ["text", "usual", "usual"]


@pytest.mark.parametrize(
    ("written", "pattern"),
    [
        (None, None),
        (OPEN, None),
        ({}, {}),
        ({"a": [1]}, {"a": [1]}),
        ('{"a": [1]}', {"a": [1]}),
        ({"a": [1], "b": [OPEN]}, {"a": [1]}),
        ({"a": [OPEN]}, None),
        ("{}", None),
        ("no JSON", None),
    ],
)
def test_of_a_pattern_what_is_known_counts(written, pattern):
    (archive,) = nodes("AWS::Events::Archive", {} if written is None else {"EventPattern": written})
    assert archive.pattern == pattern


WHY = "parameter Open has no default"


@pytest.mark.parametrize(
    ("type", "properties", "unknown"),
    [
        ("AWS::SQS::Queue", {"QueueName": OPEN, "DelaySeconds": 5}, {"QueueName": WHY}),
        ("AWS::SQS::Queue", {"RedrivePolicy": {"maxReceiveCount": OPEN}}, {}),
        ("AWS::Events::Rule", {"EventPattern": {"source": [OPEN]}}, {"EventPattern": WHY}),
        (
            "AWS::SNS::Subscription",
            {"FilterPolicy": {"a": [OPEN, {"Ref": "Nobody"}]}},
            {"FilterPolicy": f"{WHY}; nothing is named Nobody"},
        ),
        ("AWS::Lambda::EventSourceMapping", {"FilterCriteria": {"Filters": [{"Pattern": OPEN}]}}, {"FilterCriteria": WHY}),
        ("AWS::EventsV2::Subscriber", {"FilterConfiguration": {"Filters": [{"Pattern": OPEN}]}}, {"FilterConfiguration": WHY}),
        ("AWS::Pipes::Pipe", {"SourceParameters": {"FilterCriteria": OPEN}}, {"SourceParameters": WHY}),
    ],
)
def test_a_node_says_what_of_it_is_unknown(type, properties, unknown):
    (node,) = nodes(type, properties)
    assert node.unknown == unknown


def test_a_resource_that_may_not_exist_says_so():
    template = {"Resources": {"It": {"Type": "AWS::SQS::Queue", "Condition": "Nobody"}}}
    assert Flow.from_template(template).find("It").unknown == {"Condition": "no condition is named Nobody"}


@pytest.mark.parametrize(
    ("written", "tags"),
    [
        ([{"Key": "Team", "Value": "shop"}, {"Key": "Cost", "Value": 5}], {"Team": "shop", "Cost": "5"}),
        ({"Team": "shop", "Open": OPEN}, {"Team": "shop", "Open": f"unknown ({WHY})"}),
        ([{"Key": "Team"}, {"Value": "shop"}, "Team", {"Key": OPEN, "Value": "x"}], {}),
        ("Team", {}),
        (None, {}),
    ],
)
def test_tags_are_a_list_or_an_object(written, tags):
    (queue,) = nodes("AWS::SQS::Queue", {"Tags": written})
    assert queue.tags == tags


@pytest.mark.parametrize("metadata", ["text", [], None, {"aws:cdk:path": 5}])
def test_metadata_of_another_type_say_nothing(metadata):
    template = {"Resources": {"It": {"Type": "AWS::Lambda::Function", "Metadata": metadata}}}
    function = Flow.from_template(template).find("It")
    assert (function.path, function.code.asset) == ("It", None)


def test_a_document_in_json_is_read_as_one_that_is_written_out():
    document = {"Statement": [{"Effect": "Allow"}]}
    (written,) = nodes("AWS::SQS::QueuePolicy", {"PolicyDocument": json.dumps(document)})
    (read,) = nodes("AWS::SQS::QueuePolicy", {"PolicyDocument": document})
    assert written.document == read.document == document
