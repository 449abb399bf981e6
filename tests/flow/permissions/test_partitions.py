"""In China and GovCloud ARNs begin otherwise: policies are found, and account and managed policies known, all the same."""

import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.access import access

ROOT = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}
MANAGED = {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"}
JOBS = {"Fn::GetAtt": ["Jobs", "Arn"]}
TEMPLATE = {
    "Resources": {
        "Key": {
            "Type": "AWS::KMS::Key",
            "Properties": {"KeyPolicy": {"Statement": [
                {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"},
                {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "kms:*", "Resource": "*"},
            ]}},
        },
        "News": {"Type": "AWS::SNS::Topic"},
        "Jobs": {"Type": "AWS::SQS::Queue", "Properties": {"KmsMasterKeyId": {"Ref": "Key"}}},
        "Told": {"Type": "AWS::SNS::Subscription", "Properties": {"TopicArn": {"Ref": "News"}, "Protocol": "sqs", "Endpoint": JOBS}},
        "Allowed": {
            "Type": "AWS::SQS::QueuePolicy",
            "Properties": {
                "Queues": [{"Ref": "Jobs"}],
                "PolicyDocument": {"Statement": [
                    {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": JOBS},
                    {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "sqs:SendMessage", "Resource": JOBS},
                ]},
            },
        },
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "ManagedPolicyArns": [MANAGED],
                "Policies": [
                    {"PolicyDocument": {"Statement": {
                        "Effect": "Allow", "Action": "kms:Decrypt", "Resource": {"Fn::GetAtt": ["Key", "Arn"]},
                    }}},
                ],
                "AssumeRolePolicyDocument": {"Statement": {
                    "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole",
                }},
            },
        },
        "Work": {"Type": "AWS::Lambda::Function", "Properties": {"Role": {"Fn::GetAtt": ["Role", "Arn"]}}},
        "Polls": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {"EventSourceArn": JOBS, "FunctionName": {"Ref": "Work"}},
        },
    }
}  # fmt: skip


@pytest.mark.parametrize("region", ["eu-west-1", "cn-north-1", "us-gov-west-1"])
def test_policies_are_found_and_understood_in_every_partition(region):
    flow = Flow.from_template(TEMPLATE, region=region)
    sent = flow.send("News", "text")
    assert [(each.receiver.path, each.doubts) for each in sent.deliveries] == [("Jobs", ()), ("Work", ())]
    assert [finding for finding in flow.check() if finding.id.startswith("EF5")] == []
    assert any("the account 123456789012" in str(each) for each in access(flow))


def test_what_is_made_up_of_an_account_is_of_its_partition():
    resources = {"Key": {"Type": "AWS::KMS::Key"}, "Logs": {"Type": "AWS::Logs::ResourcePolicy"}}
    flow = Flow.from_template({"Resources": resources}, region="cn-north-1")
    assert flow.find("Key").policy["Statement"][0]["Principal"] == {"AWS": "arn:aws-cn:iam::123456789012:root"}
    assert flow.find("Logs").resources == ("arn:aws-cn:logs:cn-north-1:123456789012:*",)
