"""Templates as people write them, and what is no template."""

import pytest

from cdk_event_flow.errors import TemplateError
from cdk_event_flow.flow import Flow


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
