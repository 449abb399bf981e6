"""The managed policies of AWS, as AWS's reference of them says: what a role that has one may do."""

import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import Role
from cdk_event_flow.flow.permissions.language import Request, decide

from ..findings.cases.making import resource

LOGS = "logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents"
XRAY = (
    "xray:PutTraceSegments xray:PutTelemetryRecords xray:GetSamplingRules xray:GetSamplingTargets xray:GetSamplingStatisticSummaries"
)
ALLOWS = {
    "AdministratorAccess": "sqs:SendMessage iam:PassRole",
    "AWSLambda_FullAccess": "lambda:InvokeFunction",
    "AWSXRayDaemonWriteAccess": XRAY,
    "AWSXrayWriteOnlyAccess": XRAY,
    "AmazonDynamoDBFullAccess": "dynamodb:PutItem",
    "AmazonEventBridgeFullAccess": "events:PutEvents schemas:CreateSchema scheduler:CreateSchedule pipes:StartPipe",
    "AmazonKinesisFullAccess": "kinesis:PutRecord",
    "AmazonS3FullAccess": "s3:PutObject s3-object-lambda:WriteGetObjectResponse",
    "AmazonS3ReadOnlyAccess": "s3:GetObject s3:ListBucket s3:DescribeJob s3-object-lambda:GetObject s3-object-lambda:ListBucket",
    "AmazonSNSFullAccess": "sns:Publish",
    "AmazonSQSFullAccess": "sqs:SendMessage",
    "CloudWatchLambdaInsightsExecutionRolePolicy": LOGS,
    "CloudWatchLogsFullAccess": LOGS,
    "service-role/AWSLambdaBasicExecutionRole": LOGS,
    "service-role/AWSLambdaDynamoDBExecutionRole": f"{LOGS} dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator"
    " dynamodb:ListStreams",
    "service-role/AWSLambdaKinesisExecutionRole": f"{LOGS} kinesis:DescribeStream kinesis:DescribeStreamSummary kinesis:GetRecords"
    " kinesis:GetShardIterator kinesis:ListShards kinesis:ListStreams kinesis:SubscribeToShard",
    "service-role/AWSLambdaRole": "lambda:InvokeFunction",
    "service-role/AWSLambdaSQSQueueExecutionRole": f"{LOGS} sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes",
    "service-role/AWSLambdaVPCAccessExecutionRole": f"{LOGS} ec2:CreateNetworkInterface ec2:DescribeNetworkInterfaces"
    " ec2:DescribeSubnets ec2:DeleteNetworkInterface ec2:AssignPrivateIpAddresses ec2:UnassignPrivateIpAddresses",
}


def may(policy, action):
    """What a role with this managed policy alone may do."""
    flow = Flow.from_template({"Resources": {"Role": resource("IAM::Role", ManagedPolicyArns=[f"arn:aws:iam::aws:policy/{policy}"])}})
    asked = Request(principal="arn:aws:iam::123456789012:role/r", action=action, resource="arn:aws:sqs:us-east-1:123456789012:q")
    return decide(asked, flow.policies.of_role(flow.of(Role)[0].arn))


@pytest.mark.parametrize(("policy", "actions"), ALLOWS.items())
def test_a_managed_policy_allows_what_aws_says(policy, actions):
    assert [action for action in actions.split() if may(policy, action).verdict != "allowed"] == []
    decided = may(policy, actions.split()[0]).statement
    assert decided is not None
    assert decided.label == f"the managed policy {policy}"


@pytest.mark.parametrize("policy", [each for each in ALLOWS if each != "AdministratorAccess"])
def test_and_nothing_else(policy):
    assert may(policy, "iam:PassRole").verdict == "denied"
