"""Endpoints for exactly what roles use, and what may go through them."""

from collections.abc import Iterable, Mapping
from typing import Any

import aws_cdk as cdk

GATEWAY_SERVICES = ("dynamodb", "s3")

# How endpoints are called whose services' actions begin otherwise.
# https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
ENDPOINT_NAMES = {"cloudwatch": "monitoring", "firehose": "kinesis-firehose", "kinesis": "kinesis-streams"}

# Actions that Lambda's own service performs with the role, from its side: the function's subnets need no way to them.
# The key decrypts environments, and what SQS and SNS read and write for the function.
PERFORMED_BY_LAMBDA = ("ec2", "kms", "logs", "xray")

# What a container's role names and the container does not ask for itself: SQS and SNS decrypt with its rights, the ECS agent
# protects its task. Its image comes from two endpoints and from S3, where ECR keeps layers.
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
PERFORMED_ELSEWHERE = ("ecs", "kms")
TO_START_A_TASK = ("ecr.api", "ecr.dkr", "s3")
LAYERS = "arn:{partition}:s3:::prod-{region}-starport-layer-bucket/*"

# Services whose endpoints take a policy, by what their actions begin with.
# https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
WITH_POLICY = frozenset(
    {
        "athena", "cloudwatch", "dynamodb", "ecr", "events", "firehose", "glue", "kinesis", "lambda", "logs", "s3", "scheduler",
        "secretsmanager", "sns", "sqs", "ssm", "states", "sts",
    }
)  # fmt: skip


def policy_of(service: str, actions: Iterable[str], *, tasks: bool, stack: cdk.Stack) -> Mapping[str, Any] | None:
    """Only this account's roles, and only for what the roles of the network name; None for a service that takes no policy.

    Which resources, the roles say: an endpoint that named them would stand in their stack's way.
    """
    if service.partition(".")[0] not in WITH_POLICY:
        return None
    statements: list[Mapping[str, Any]] = []
    if named := sorted(actions):
        statements.append(
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": named,
                "Resource": "*",
                "Condition": {"StringEquals": {"aws:PrincipalAccount": stack.account}},
            }
        )
    if tasks and service == "s3":
        layers = LAYERS.format(partition=cdk.Aws.PARTITION, region=stack.region)
        statements.append({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": layers})
    return {"Version": "2012-10-17", "Statement": statements}
