"""The managed policies of AWS that matter to events, by the end of their ARN: what they allow on all resources.

https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
"""

from collections.abc import Mapping, Sequence

_LOGS = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
_INTERFACES = (
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
)

_XRAY = ("xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets",
         "xray:GetSamplingStatisticSummaries")  # fmt: skip

MANAGED: Mapping[str, Sequence[str]] = {
    "AdministratorAccess": ("*",),
    "AWSLambda_FullAccess": ("lambda:*",),
    "AWSXRayDaemonWriteAccess": _XRAY,
    "AWSXrayWriteOnlyAccess": _XRAY,
    "AmazonDynamoDBFullAccess": ("dynamodb:*",),
    "AmazonEventBridgeFullAccess": ("events:*", "schemas:*", "scheduler:*", "pipes:*"),
    "AmazonKinesisFullAccess": ("kinesis:*",),
    "AmazonS3FullAccess": ("s3:*", "s3-object-lambda:*"),
    "AmazonS3ReadOnlyAccess": ("s3:Get*", "s3:List*", "s3:Describe*", "s3-object-lambda:Get*", "s3-object-lambda:List*"),
    "AmazonSNSFullAccess": ("sns:*",),
    "AmazonSQSFullAccess": ("sqs:*",),
    "CloudWatchLambdaInsightsExecutionRolePolicy": _LOGS,
    "CloudWatchLogsFullAccess": ("logs:*",),
    "service-role/AWSLambdaBasicExecutionRole": _LOGS,
    "service-role/AWSLambdaDynamoDBExecutionRole": (*_LOGS, "dynamodb:DescribeStream", "dynamodb:GetRecords",
                                                    "dynamodb:GetShardIterator", "dynamodb:ListStreams"),
    "service-role/AWSLambdaKinesisExecutionRole": (*_LOGS, "kinesis:DescribeStream", "kinesis:DescribeStreamSummary",
                                                   "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards",
                                                   "kinesis:ListStreams", "kinesis:SubscribeToShard"),
    "service-role/AWSLambdaRole": ("lambda:InvokeFunction",),
    "service-role/AWSLambdaSQSQueueExecutionRole": (*_LOGS, "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
    "service-role/AWSLambdaVPCAccessExecutionRole": (*_LOGS, *_INTERFACES),
}  # fmt: skip
