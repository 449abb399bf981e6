"""One customer-managed key a stack, and its policy closed over every service that must use it."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

from constructs import Construct

KEY_ID = "EventFlowKey"

# Services that put messages into our encrypted queues and topics. They are limited to this account rather than to the ARN
# of one topic or rule: the key would depend on the topic and the topic on the key.
DELIVERING_SERVICES = ("events.amazonaws.com", "sns.amazonaws.com")


def stack_key(scope: Construct) -> kms.IKey:
    """The stack's key for queues, topics, logs, environments and tables; made on first use, rotated yearly."""
    stack = cdk.Stack.of(scope)
    found = stack.node.try_find_child(KEY_ID)
    if found is not None:
        return found  # type: ignore[return-value]
    return kms.Key(
        stack,
        KEY_ID,
        description=f"Messages, logs and state of {stack.stack_name}",
        enable_key_rotation=True,
        policy=iam.PolicyDocument.from_json({"Version": "2012-10-17", "Statement": _statements(stack)}),
    )


def allow_key(role: iam.Role, key: kms.IKey) -> None:
    """Let `role` read what `key` encrypted and send to encrypted queues, without a wildcard in an action."""
    role.add_to_principal_policy(iam.PolicyStatement(actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=[key.key_arn]))


def allow_bus(key: kms.IKey, stack: cdk.Stack) -> None:
    """Let EventBridge encrypt the events of this account's buses with `key`.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-encryption-event-bus-cmkey.html
    """
    key.add_to_resource_policy(
        iam.PolicyStatement(
            sid="EncryptEventsOnBuses",
            principals=[iam.ServicePrincipal("events.amazonaws.com")],
            actions=["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"],
            resources=["*"],
            conditions={"StringEquals": {"aws:SourceAccount": stack.account}},
        )
    )


def _statements(stack: cdk.Stack) -> list[dict[str, object]]:
    return [
        {
            "Sid": "TheAccountDecidesByItsIamPolicies",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:{cdk.Aws.PARTITION}:iam::{stack.account}:root"},
            "Action": "kms:*",
            "Resource": "*",
        },
        {
            "Sid": "DeliverEncryptedMessages",
            "Effect": "Allow",
            "Principal": {"Service": list(DELIVERING_SERVICES)},
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceAccount": stack.account}},
        },
        {
            "Sid": "EncryptLogGroups",
            "Effect": "Allow",
            "Principal": {"Service": f"logs.{stack.region}.amazonaws.com"},
            "Action": ["kms:Decrypt*", "kms:Describe*", "kms:Encrypt*", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
            "Resource": "*",
            "Condition": {
                "ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:{cdk.Aws.PARTITION}:logs:{stack.region}:{stack.account}:*"}
            },
        },
    ]
