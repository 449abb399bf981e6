"""Each finding has a template that raises it, and one that does not."""

import copy

import pytest

from cdk_event_flow.errors import TemplateError
from cdk_event_flow.flow import Flow

SOUND = {
    "Resources": {
        "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "orders"}},
        "Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "EventBusName": {"Ref": "Bus"},
                "EventPattern": {"source": ["shop"]},
                "Targets": [{"Id": "T", "Arn": {"Ref": "Topic"}, "DeadLetterConfig": {"Arn": {"Fn::GetAtt": ["Dead", "Arn"]}}}],
            },
        },
        "Topic": {"Type": "AWS::SNS::Topic"},
        "Subscription": {
            "Type": "AWS::SNS::Subscription",
            "Properties": {
                "TopicArn": {"Ref": "Topic"},
                "Protocol": "sqs",
                "Endpoint": {"Fn::GetAtt": ["Queue", "Arn"]},
                "RawMessageDelivery": True,
                "FilterPolicyScope": "MessageBody",
                "FilterPolicy": {"detail": {"region": ["eu"]}},
                "RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}},
            },
        },
        "Dead": {"Type": "AWS::SQS::Queue"},
        "Queue": {
            "Type": "AWS::SQS::Queue",
            "Properties": {
                "VisibilityTimeout": 60,
                "RedrivePolicy": {"maxReceiveCount": 5, "deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}},
            },
        },
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {"Timeout": 10, "DeadLetterConfig": {"TargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}}},
        },
        "Mapping": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {"EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]}, "FunctionName": {"Ref": "Function"}},
        },
    }
}

MUTATIONS = {
    "EF101": ("Rule", lambda p: p.update(EventPattern={"source": []})),
    "EF102": ("Subscription", lambda p: p.update(FilterPolicy={"a": [{"sufix": "x"}]})),
    "EF103": ("Subscription", lambda p: p.pop("FilterPolicyScope") and p.update(FilterPolicy={"region": ["eu"]})),
    "EF201": ("Rule", lambda p: p["Targets"][0].pop("DeadLetterConfig")),
    "EF202": ("Subscription", lambda p: p.pop("RedrivePolicy")),
    "EF203": ("Queue", lambda p: p.pop("RedrivePolicy")),
    "EF301": ("Queue", lambda p: p.update(VisibilityTimeout=5)),
    "EF302": ("Queue", lambda p: p.update(VisibilityTimeout=59)),
    "EF401": ("Dead", lambda p: p.update(FifoQueue=True)),
}


def test_the_sound_template_has_no_finding():
    assert Flow.from_template(SOUND).check() == []


@pytest.mark.parametrize("id", sorted(MUTATIONS))
def test_a_mutation_is_found_and_nothing_else(id):
    template = copy.deepcopy(SOUND)
    logical_id, mutate = MUTATIONS[id]
    mutate(template["Resources"][logical_id].setdefault("Properties", {}))
    assert [finding.id for finding in Flow.from_template(template).check()] == [id]


def test_yaml_with_short_forms_reads_the_same(tmp_path):
    file = tmp_path / "template.yaml"
    file.write_text(
        "Resources:\n"
        "  Queue: {Type: AWS::SQS::Queue}\n"
        "  Topic: {Type: AWS::SNS::Topic}\n"
        "  Subscription:\n"
        "    Type: AWS::SNS::Subscription\n"
        "    Properties: {TopicArn: !Ref Topic, Protocol: sqs, Endpoint: !GetAtt Queue.Arn, RawMessageDelivery: true}\n"
    )
    assert Flow.from_template(file).send("Topic", {"any": "message"}).reaches("Queue")


@pytest.mark.parametrize("text", ["", "[]", "{}", "{", "a: [", '{"Resources": []}', '{"Resources": {"A": 1}}'])
def test_what_is_no_template_is_one_clear_error(tmp_path, text):
    file = tmp_path / "template.json"
    file.write_text(text)
    with pytest.raises(TemplateError, match="EF-TEMPLATE"):
        Flow.from_template(file)
