"""Templates that are wrong, or made to hurt: one clear error, or unknown said as such; never a traceback, never hanging."""

import contextlib
import copy
import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdk_event_flow.errors import EventFlowError, TemplateError
from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import Queue

from .every_type import EVENTS, EVERY, MISSING, TEMPLATE

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10)
    | st.sampled_from(["arn:aws:sqs:eu-west-1:1:q", "*", "{}", "[1]", '{"a": {"b": 1}}', "rate(1 day)", "${", "arn:"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["Ref", "Fn::GetAtt", "Fn::Sub", "Fn::Join", "Fn::If", "Fn::Select", "Fn::Split", "Fn::FindInMap",
                         "Fn::ImportValue", "Fn::Cidr", "Fn::GetStackOutput", "Fn::Transform", "Fn::ToJsonString", "Fn::Base64",
                         "Fn::Length", "Fn::GetAZs", "$or", "Condition"]),
        inner | st.sampled_from([*EVERY, "AWS::NoValue", "Bus.Arn", "${Bus.Arn}"]), min_size=1, max_size=1,
    ),
    max_leaves=6,
)  # fmt: skip


def places(value, path=()):
    """Every place inside a value, by the keys that lead there."""
    for key, each in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*path, key)
        yield from places(each, (*path, key))


PLACES = list(places(TEMPLATE["Resources"]))


def replaced(place, value):
    """The template with something else in one place."""
    template = copy.deepcopy(TEMPLATE)
    at = template["Resources"]
    for key in place[:-1]:
        at = at[key]
    at[place[-1]] = value
    return template


def used(template):
    """Read, check, and send to all there is; every error is one of ours."""
    try:
        flow = Flow.from_template(template)
    except TemplateError:
        return
    flow.check()
    for name, event in EVENTS.items():
        try:
            sent = flow.send(name, event)
        except EventFlowError:
            continue
        assert sent.explain()
        json.dumps([each.payload for each in sent.deliveries], default=str)


def test_the_template_has_every_type_that_is_read():
    assert not MISSING
    flow = Flow.from_template(TEMPLATE)
    assert all(flow.send(name, event).explain() for name, event in EVENTS.items())


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(PLACES), JSON)
def test_any_value_in_any_place_is_read_or_refused(place, value):
    used(replaced(place, value))


@pytest.mark.parametrize("value", [None, True, 0, -1, 1e400, float("nan"), "", "x", [], {}, [[]], [{}], {"": None}, {"Ref": []}])
def test_every_property_may_have_any_type(value):
    for nth in range(max(len(properties) for _, properties in EVERY.values())):
        template = copy.deepcopy(TEMPLATE)
        for resource in template["Resources"].values():
            if nth < len(resource["Properties"]):
                resource["Properties"][list(resource["Properties"])[nth]] = value
        used(template)


@pytest.mark.parametrize("section", ["Parameters", "Conditions", "Mappings", "Outputs", "Metadata", "Transform"])
@pytest.mark.parametrize("value", [None, 1, "x", [], {"A": None}, {"A": {"Export": 1}}, {"A": {"Export": {"Name": {"Ref": "A"}}}}])
def test_every_section_may_be_of_any_type(section, value):
    used({**TEMPLATE, section: value})


SELF = {"Fn::Sub": "${A}"}


@pytest.mark.parametrize(
    "template",
    [
        {"Resources": {"A": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": SELF}}}},
        {"Resources": {"A": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Ref": "B"}}},
                       "B": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Fn::GetAtt": ["A", "QueueName"]}}}}},
        {"Resources": {"A": {"Type": "AWS::SQS::Queue", "Condition": "C"}},
         "Conditions": {"C": {"Fn::Not": [{"Condition": "D"}]}, "D": {"Fn::And": [{"Condition": "C"}, {"Condition": "C"}]}}},
        {"Resources": {"A": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::ImportValue": "x"}}}},
         "Outputs": {"O": {"Value": {"Fn::ImportValue": "x"}, "Export": {"Name": "x"}}}},
        {"Resources": {"A": {"Type": "AWS::SQS::Queue"}},
         "Outputs": {"O": {"Value": "1", "Export": {"Name": {"Fn::ImportValue": "x"}}}}},
    ],
)  # fmt: skip
def test_what_refers_to_itself_is_read_with_a_name_all_the_same(template):
    [queue] = Flow.from_template(template).of(Queue)
    assert queue.arn.endswith(f":{queue.name}")
    assert queue.name.endswith(("Stack-A", "Stack-B"))


def chain(length):
    """Queues, each named after the one before."""
    queues = {
        f"Q{n}": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::Sub": f"${{Q{n - 1}.QueueName}}x"}}}
        for n in range(1, length)
    }
    return {"Resources": {**dict(reversed(queues.items())), "Q0": {"Type": "AWS::SQS::Queue"}}}  # fmt: skip


def test_long_chains_and_deep_values_are_read_without_exhausting_the_stack():
    assert len(Flow.from_template(chain(2000)).of(Queue)) == 2000
    value = "x"
    for _ in range(500):
        value = {"Fn::Join": ["", [value]]}
    for key in ("QueueName", "RedrivePolicy", "Tags"):
        template = {"Resources": {"A": {"Type": "AWS::SQS::Queue", "Properties": {key: value}}}}
        [queue] = Flow.from_template(template).of(Queue)
        assert queue.name == "Stack-A"


def test_deep_values_say_that_they_are_unknown():
    value = "x"
    for _ in range(500):
        value = [value]
    template = {"Resources": {"A": {"Type": "AWS::SQS::Queue", "Properties": {"Tags": value, "QueueName": {"Fn::Not": value}}}}}
    [queue] = Flow.from_template(template).of(Queue)
    assert queue.unknown == {"QueueName": "Fn::Not is not followed"}


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"Resources": ' * 5_000,
        "a: " + "[" * 3_000,
        "!Sub " * 2_000,
        "\x00\x01",
        "Resources: {? [a] : b}",
        "Resources:\n  A: &a\n    Type: AWS::SQS::Queue\n    Properties: *a\n",
        "Resources: !!python/object/apply:os.system [ls]",
        "Resources:\n  A: {Type: AWS::SQS::Queue, Properties: {X: !!float x}}",
        "- - - -\n  - {",
        "%YAML 9.9\n---\nResources: {}",
        "a: *nowhere",
        "\ufeff",
    ],
)  # fmt: skip
def test_text_that_is_no_template_is_one_clear_error(tmp_path, text):
    file = tmp_path / "template.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(TemplateError, match="EF-TEMPLATE"):
        Flow.from_template(file)


def test_bytes_that_are_no_text_are_one_clear_error(tmp_path):
    file = tmp_path / "template.json"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TemplateError, match="it is not text in UTF-8"):
        Flow.from_template(file)


def test_yaml_aliases_do_not_explode(tmp_path):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [" + ", ".join([f"*a{n - 1}"] * 10) + "]" for n in range(1, 12)]
    file = tmp_path / "template.yaml"
    file.write_text("\n".join([*lines, "Resources: {A: {Type: AWS::SQS::Queue, Properties: {X: *a11}}}"]))
    with pytest.raises(TemplateError, match="aliases"):
        Flow.from_template(file)


@pytest.mark.parametrize(
    "template", [None, 1, [], {}, {"Resources": []}, {"Resources": {"A": []}}, {"Resources": {"A": {"Type": 1}}}]
)
def test_what_is_no_template_is_one_clear_error(template):
    with pytest.raises(TemplateError, match="EF-TEMPLATE"):
        Flow.from_template(template)


def test_sam_is_to_be_transformed_first():
    template = {"Transform": "AWS::Serverless-2016-10-31", "Resources": {"Work": {"Type": "AWS::Serverless::Function"}}}
    with pytest.raises(TemplateError, match=r"EF-TEMPLATE-TRANSFORM at Work: .* --template-stage Processed"):
        Flow.from_template(template)


def test_resources_that_a_transform_makes_are_to_be_made_first():
    with pytest.raises(TemplateError, match="EF-TEMPLATE-TRANSFORM"):
        Flow.from_template({"Resources": {"Fn::ForEach::Topics": ["Name", ["a"], {}]}})


def test_a_megabyte_is_read_in_bounded_time():
    queues = {
        f"Queue{n}": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": f"q{n}", "Tags": ["x" * 1000]}} for n in range(1000)
    }
    began = time.perf_counter()
    Flow.from_template({"Resources": queues}).check()
    assert time.perf_counter() - began < 5


def test_buses_that_all_send_to_each_other_are_one_clear_error():
    names = [f"Bus{n}" for n in range(12)]
    buses = {name: {"Type": "AWS::Events::EventBus", "Properties": {"Name": name}} for name in names}
    rules = {
        f"Rule{n}": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "EventBusName": {"Ref": name},
                "EventPattern": {"source": ["a"]},
                "Targets": [
                    {"Id": to, "Arn": {"Fn::GetAtt": [to, "Arn"]}, "RoleArn": "arn:aws:iam::123456789012:role/x"} for to in names
                ],
            },
        }
        for n, name in enumerate(names)
    }
    with pytest.raises(EventFlowError, match="EF-SEND-ENDLESS.*more than 10,000 deliveries, or over more than 100 hops"):
        Flow.from_template({"Resources": buses | rules}).send("Bus0", {"source": "a", "detail-type": "b", "detail": {}})


@pytest.mark.parametrize(
    "manifest",
    ["[]", "{", "1", '{"artifacts": 1}', '{"artifacts": {"a": 1}}', '{"artifacts": {"a": {"type": "aws:cloudformation:stack"}}}'],
)
def test_an_assembly_that_is_none_is_an_error_or_empty(tmp_path, manifest):
    (tmp_path / "manifest.json").write_text(manifest)
    with contextlib.suppress(TemplateError):
        assert not Flow.from_assembly(tmp_path).of(Queue)
