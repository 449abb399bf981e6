"""One customer-managed key a stack, and its policy closed over every service that must use it."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakSet

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

from cdk_event_flow.compose.functions.role import OwnRole, allow
from cdk_event_flow.compose.known import once
from constructs import Construct

KEY_ID = "EventFlowKey"
# What reading, and sending to, what a key encrypted needs.
USING = ("kms:Decrypt", "kms:GenerateDataKey")

# Services that put messages into our encrypted queues and topics. They are limited to this account rather than to the ARN
# of one topic or rule: the key would depend on the topic and the topic on the key.
SENDING = ["kms:Decrypt", "kms:GenerateDataKey*"]
DELIVERING_SERVICES = ("events.amazonaws.com", "sns.amazonaws.com")
# The keys that stacks made for themselves, in this process only, so that nothing has to be read back over jsii.
_CLOSED: WeakSet[kms.IKey] = WeakSet()


def stack_key(scope: Construct) -> kms.IKey:
    """The stack's key for queues, topics, logs, environments and tables; made on first use, rotated yearly."""
    return once(scope, KEY_ID, _make)


def is_closed(key: kms.IKey) -> bool:
    """Whether the policy of `key` lets all in that deliver to queues and topics: that of every stack's own key does."""
    return key in _CLOSED


def _make(stack: cdk.Stack) -> kms.IKey:
    key = kms.Key(
        stack,
        KEY_ID,
        description=f"Messages, logs and state of {stack.stack_name}",
        enable_key_rotation=True,
        policy=iam.PolicyDocument.from_json({"Version": "2012-10-17", "Statement": _statements(stack)}),
    )
    _CLOSED.add(key)
    return key


def allow_key(role: iam.IRole, key: kms.IKey) -> None:
    """Let `role` read what `key` encrypted and send to encrypted queues, without a wildcard in an action."""
    if not (isinstance(role, OwnRole) and role.key is key):
        allow(role, USING, [key.key_arn])


def allow_bus(key: kms.IKey, *, scope: Construct) -> None:
    """Let EventBridge encrypt the events of this account's buses with `key`.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-encryption-event-bus-cmkey.html
    """
    actions = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
    _allow(key, scope, "EncryptEventsOnBuses", {"Service": "events.amazonaws.com"}, actions, _from_here(scope))


def allow_bus_logs(key: kms.IKey, *, scope: Construct) -> None:
    """Let EventBridge encrypt what an encrypted bus logs, and CloudWatch Logs read it on its way to the group.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/encryption-bus-logs.html
    """
    stack = cdk.Stack.of(scope)
    logged = {"StringLike": {"kms:EncryptionContext:SourceArn": f"arn:{cdk.Aws.PARTITION}:logs:{stack.region}:{stack.account}:*"}}
    _allow(key, scope, "EncryptLogsOfBuses", {"Service": "events.amazonaws.com"}, ["kms:GenerateDataKey"], logged)
    reading = ["kms:Decrypt", "kms:GenerateDataKey"]
    _allow(key, scope, "DeliverLogsOfBuses", {"Service": "delivery.logs.amazonaws.com"}, reading, logged)


def allow_service(key: kms.IKey, service: str, *, scope: Construct) -> None:
    """Let a service of AWS (`s3.amazonaws.com`) put messages into what `key` encrypts."""
    if service not in DELIVERING_SERVICES or not _is_stack_key(key, scope):
        sid = f"DeliverFrom{service.split('.', maxsplit=1)[0].title().replace('-', '')}"
        _allow(key, scope, sid, {"Service": service}, SENDING, _from_here(scope))


def allow_service_of(key: kms.IKey, service: str, account: str, *, scope: Construct) -> None:
    """Let a service of AWS that acts for another account put messages into what `key` encrypts."""
    sid = f"DeliverFrom{service.split('.', maxsplit=1)[0].title().replace('-', '')}Of{account}"
    _allow(key, scope, sid, {"Service": service}, SENDING, {"StringEquals": {"aws:SourceAccount": account}})


def allow_accounts(key: kms.IKey, accounts: Sequence[str], organization: str | None, *, scope: Construct) -> None:
    """Let other accounts send to what `key` encrypts: their own policies decide which of their roles may.

    Only through SNS: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    """
    through = {"StringEquals": {"kms:ViaService": f"sns.{cdk.Stack.of(scope).region}.amazonaws.com"}}
    for account in accounts:
        principal = {"AWS": f"arn:{cdk.Aws.PARTITION}:iam::{account}:root"}
        _allow(key, scope, f"SendFrom{account}", principal, SENDING, through)
    if organization:
        within = {"StringEquals": {**through["StringEquals"], "aws:PrincipalOrgID": organization}}
        _allow(key, scope, "SendFromOrganization", {"AWS": "*"}, SENDING, within)


def _is_stack_key(key: kms.IKey, scope: Construct) -> bool:
    found = cdk.Stack.of(scope).node.try_find_child(KEY_ID)
    return found is not None and found.node.path == key.node.path


def _allow(
    key: kms.IKey, scope: Construct, sid: str, principal: Mapping[str, str], actions: Sequence[str], condition: Mapping[str, Any]
) -> None:
    """Add the statement to a key made here; an imported key's owner is told what to add."""
    statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": principal,
        "Action": actions,
        "Resource": "*",
        "Condition": condition,
    }
    if isinstance(key, kms.Key):
        key.add_to_resource_policy(iam.PolicyStatement.from_json(statement))  # said twice, the CDK writes it once
        return
    said = re.sub(r"\$\{Token\[AWS\.AccountId\.\d+\]\}", "<this account>", json.dumps(statement))
    said = re.sub(r"\$\{Token\[AWS\.(\w+)\.\d+\]\}", r"<AWS::\1>", said)
    cdk.Annotations.of(scope).add_info_v2(
        f"cdk-event-flow:key:{sid}", f"the key {key.node.path} is imported: its policy must have {said}"
    )


def _from_here(scope: Construct) -> dict[str, Any]:
    return {"StringEquals": {"aws:SourceAccount": cdk.Stack.of(scope).account}}


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
            "Action": SENDING,
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
