"""Findings of security packs that our constructs cannot meet by design, acknowledged where they arise, each with its reason."""

from enum import Enum

import aws_cdk as cdk

from constructs import IConstruct


class Acknowledged(Enum):
    """Every kind there is: the findings' ids, and the reason a reviewer reads."""

    DEAD_LETTERS_OF_DEAD_LETTERS = (
        ("AwsSolutions::AwsSolutions-SQS3", "Serverless::Serverless-SQSRedrivePolicy"),
        "This queue is itself a dead-letter queue: what arrives here is kept 14 days, alarmed on, and redriven by a person.",
    )
    SQS_MAPPING_HAS_NO_DESTINATION = (
        ("Serverless::Serverless-LambdaEventSourceMappingDestination",),
        "Lambda has no failure destination for SQS event source mappings; the source queue's redrive policy does this.",
    )
    ACTION_WITHOUT_RESOURCE = (
        ("AwsSolutions::AwsSolutions-IAM5[Resource::*]",),
        "These actions (X-Ray segments, elastic network interfaces) have no resource-level permission in IAM.",
    )
    LOG_GROUPS_NAMED_BY_SNS = (
        (
            "AwsSolutions::AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>"
            ":log-group:sns/<AWS::Region>/*]",
        ),
        "SNS makes these log groups itself and names them after the topic; the role is made before the topic is named.",
    )


def acknowledge(construct: IConstruct, kind: Acknowledged) -> None:
    """Write `kind` beside `construct`, once."""
    ids, reason = kind.value
    cdk.Validations.of(construct).acknowledge(*(cdk.Acknowledgment(id=finding, reason=reason) for finding in ids))
