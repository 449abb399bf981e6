"""Templates as people write them, and what is no template."""

import pytest

from cdk_event_flow.errors import TemplateError
from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.template import read_template


def test_yaml_with_short_forms_reads_the_same(tmp_path):
    file = tmp_path / "template.yaml"
    file.write_text(
        "Resources:\n"
        "  Queue: {Type: AWS::SQS::Queue}\n"
        "  Topic: {Type: AWS::SNS::Topic}\n"
        "  Subscription:\n"
        "    Type: AWS::SNS::Subscription\n"
        "    Properties: {TopicArn: !Ref Topic, Protocol: sqs, Endpoint: !GetAtt Queue.Arn, RawMessageDelivery: true}\n"
        "  Policy:\n"
        "    Type: AWS::SQS::QueuePolicy\n"
        "    Properties:\n"
        "      Queues: [!Ref Queue]\n"
        "      PolicyDocument:\n"
        "        Statement:\n"
        "          Effect: Allow\n"
        "          Principal: {Service: sns.amazonaws.com}\n"
        "          Action: sqs:SendMessage\n"
        "          Resource: !GetAtt Queue.Arn\n"
        "          Condition: {ArnEquals: {aws:SourceArn: !Ref Topic}}\n"
    )
    assert Flow.from_template(file).send("Topic", {"any": "message"}).reaches("Queue")


@pytest.mark.parametrize("text", ["", "[]", "{}", "{", "a: [", '{"Resources": []}', '{"Resources": {"A": 1}}'])
def test_what_is_no_template_is_one_clear_error(tmp_path, text):
    file = tmp_path / "template.json"
    file.write_text(text)
    with pytest.raises(TemplateError, match="EF-TEMPLATE"):
        Flow.from_template(file)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("!Ref Queue", {"Ref": "Queue"}),
        ("!Condition IsDev", {"Condition": "IsDev"}),
        ("!GetAtt Queue.Arn", {"Fn::GetAtt": ["Queue", "Arn"]}),
        ("!GetAtt Inner.Outputs.Queue", {"Fn::GetAtt": ["Inner", "Outputs.Queue"]}),
        ("!GetAtt [Queue, Arn]", {"Fn::GetAtt": ["Queue", "Arn"]}),
        ("!Sub a.${b}", {"Fn::Sub": "a.${b}"}),
        ("!Sub ['${a}', {a: !Ref B}]", {"Fn::Sub": ["${a}", {"a": {"Ref": "B"}}]}),
        ("!Join [',', [a, !Ref B]]", {"Fn::Join": [",", ["a", {"Ref": "B"}]]}),
        ("!Transform {Name: A, Parameters: {B: c}}", {"Fn::Transform": {"Name": "A", "Parameters": {"B": "c"}}}),
        ("2012-10-17", "2012-10-17"),
        ("2012-10-17T10:00:00Z", "2012-10-17T10:00:00Z"),
        ("{a: 5, b: yes, c: 1.5, d: null, e: '5'}", {"a": 5, "b": True, "c": 1.5, "d": None, "e": "5"}),
    ],
)
def test_each_short_form_is_read_as_its_long_one(tmp_path, written, read):
    file = tmp_path / "template.yaml"
    file.write_text(f"Resources:\n  A:\n    Type: T\n    Properties:\n      X: {written}\n")
    assert read_template(file)["Resources"]["A"]["Properties"]["X"] == read


@pytest.mark.parametrize(
    ("text", "at", "code", "given"),
    [
        ("[]", "file", "EF-TEMPLATE", "it has no Resources"),
        ("{}", "file", "EF-TEMPLATE", "it has no Resources"),
        ('{"Resources": []}', "file", "EF-TEMPLATE", "it has no Resources"),
        ('{"Resources": {"A": 1}}', "A", "EF-TEMPLATE", "the resource has no Type"),
        ('{"Resources": {"A": {"Type": 1}}}', "A", "EF-TEMPLATE", "the resource has no Type"),
        ("[" * 100_000, "file", "EF-TEMPLATE", "it is nested too deeply"),
        ("a: [", "file", "EF-TEMPLATE", "it is neither JSON nor YAML: while parsing a flow node expected"),
        (b"\xff", "file", "EF-TEMPLATE", "it is not text in UTF-8"),
        (None, "file", "EF-TEMPLATE", "it cannot be read: No such file or directory"),
        (
            '{"Resources": {"Fn::ForEach::A": []}}', "file, Resources", "EF-TEMPLATE-TRANSFORM",
            "Fn::ForEach::A stands for resources that a transform makes",
        ),
        (
            '{"Resources": {"A": {"Type": "AWS::Serverless::Api"}}}', "A", "EF-TEMPLATE-TRANSFORM",
            "AWS::Serverless::Api is written for SAM, which makes other resources of it",
        ),
    ],
)  # fmt: skip
def test_what_is_no_template_says_where_and_why(tmp_path, text, at, code, given):
    file = tmp_path / "template.json"
    if text is not None:
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(TemplateError) as refused:
        read_template(file)
    (problem,) = refused.value.problems
    assert (refused.value.at, problem.code) == (at.replace("file", str(file)), code)
    assert problem.given.startswith(given)
    assert "\n" not in problem.given


def test_a_stack_of_an_app_may_have_no_resources_and_other_templates_may_not(tmp_path):
    file = tmp_path / "template.json"
    file.write_text('{"Description": "nothing yet"}')
    assert read_template(file, written_by_cdk=True) == {"Description": "nothing yet", "Resources": {}}
    with pytest.raises(TemplateError):
        read_template(file)
    file.write_text("[]")
    with pytest.raises(TemplateError):
        read_template(file, written_by_cdk=True)


def test_what_aliases_stand_for_is_counted(tmp_path):
    file = tmp_path / "template.yaml"
    lines = ["Resources: {A: {Type: T}}", "a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} {{{', '.join(f'k{each}: *a{n - 1}' for each in range(10))}}}" for n in range(1, 6)]
    file.write_text("\n".join(lines))
    assert len(read_template(file)["a5"]) == 10
    file.write_text("\n".join([*lines, "b: [*a5, *a5]"]))
    with pytest.raises(TemplateError, match="its YAML aliases stand for more values than a template can have"):
        read_template(file)


@pytest.mark.parametrize("alike", ["{A: {Type: T, X: [1]}}", "{A: &a {Type: T, X: [1]}, B: *a}"])
def test_a_template_may_have_so_many_values_and_no_more(tmp_path, monkeypatch, alike):
    file = tmp_path / "template.yaml"
    file.write_text(f"Resources: {alike}")
    values = 6 if "B" not in alike else 10
    monkeypatch.setattr("cdk_event_flow.flow.template.MOST_VALUES", values)
    assert read_template(file)["Resources"]["A"] == {"Type": "T", "X": [1]}
    monkeypatch.setattr("cdk_event_flow.flow.template.MOST_VALUES", values - 1)
    with pytest.raises(TemplateError, match="aliases"):
        read_template(file)


def test_a_template_that_contains_itself_stands_for_more_than_there_can_be(tmp_path):
    file = tmp_path / "template.yaml"
    file.write_text("Resources: {A: {Type: T}}\nMetadata: &a {B: [*a]}")
    with pytest.raises(TemplateError, match="aliases"):
        read_template(file)
