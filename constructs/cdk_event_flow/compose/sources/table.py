"""A DynamoDB table whose changes are events."""

from collections.abc import Sequence
from typing import Any, Literal

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_

from cdk_event_flow.compose.edge import place, refuse
from cdk_event_flow.compose.functions.consumer import Consumes, role_of
from cdk_event_flow.compose.functions.role import allow
from cdk_event_flow.compose.messaging.encryption import stack_key
from cdk_event_flow.compose.sources.polled import Polled
from cdk_event_flow.compose.sources.resources import polled_table
from cdk_event_flow.errors import Problem
from constructs import Construct

DYNAMODB = "DynamoDB (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html)"
ATTRIBUTE_NAME_BYTES = 255

View = Literal["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"]
Action = Literal[
    "BatchGetItem", "BatchWriteItem", "ConditionCheckItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan", "UpdateItem",
]  # fmt: skip

# What DynamoDB asks of a caller, each by its full name.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
_OF_THE_KEY = (
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)


class Table(Construct):
    """A DynamoDB table; `table` takes an existing or imported one in place of our own.

    `partition_key` and `sort_key` are names of texts, or the CDK's `Attribute` for numbers and binaries. On demand,
    point-in-time recovery, encrypted with the stack's key (or `key`), kept when the stack is deleted. `stream` says what of
    a changed item its stream carries (default both images; it costs nothing until it is read; None for no stream). `expires`
    names the attribute (seconds since 1970) after which an item may go. `table` is the CDK's own construct: indexes and all
    else are added there.

    Raises ConstructError: EF-TABLE-KEY.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        partition_key: str | dynamodb.Attribute | None = None,
        sort_key: str | dynamodb.Attribute | None = None,
        stream: View | None = "NEW_AND_OLD_IMAGES",
        expires: str | None = None,
        key: kms.IKey | None = None,
        table: dynamodb.ITable | dynamodb.ITableV2 | None = None,
    ) -> None:
        refuse(place(scope, id), [] if table else _problems(partition_key, sort_key))
        super().__init__(scope, id)
        self._id = id
        # What its stream carries of a changed item; None where it is not known.
        self.view = None if table else stream
        self.key = table.encryption_key if table else key or stack_key(self)
        self.table: Any = table or dynamodb.Table(
            self,
            "Table",
            partition_key=_attribute(partition_key),
            sort_key=_attribute(sort_key),
            stream=dynamodb.StreamViewType[stream] if stream else None,
            time_to_live_attribute=expires,
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
            encryption_key=self.key,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(point_in_time_recovery_enabled=True),
            removal_policy=cdk.RemovalPolicy.RETAIN,
        )

    @property
    def name(self) -> str:
        """The table's name, for a function's environment (a token until deployed)."""
        return str(self.table.table_name)

    def allow(self, function: Consumes | lambda_.IFunction | iam.IRole, *actions: Action, index: str | None = None) -> None:
        """Let a function, or whatever else has the role, do these actions (`"GetItem", "PutItem"`) on the table, or on one of
        its indexes, and use its key."""
        arn = f"{self.table.table_arn}/index/{index}" if index else self.table.table_arn
        allow_items(role_of(function), arn, actions, self.key)

    def polled(self, scope: Construct) -> Polled:  # noqa: ARG002
        """How its stream is polled for a function."""
        return polled_table(self.table, self._id)


def allow_items(role: iam.IRole, table_arn: str, actions: Sequence[Action], key: kms.IKey | None) -> None:
    """Let `role` do exactly these actions: the CDK's own grants also scan, batch and stream."""
    allow(role, [f"dynamodb:{each}" for each in sorted(actions)], [table_arn])
    if key is not None:
        allow(role, _OF_THE_KEY, [key.key_arn])


def _attribute(given: str | dynamodb.Attribute | None) -> dynamodb.Attribute | None:
    return dynamodb.Attribute(name=given, type=dynamodb.AttributeType.STRING) if isinstance(given, str) else given


def _problems(partition_key: str | dynamodb.Attribute | None, sort_key: str | dynamodb.Attribute | None) -> list[Problem]:
    given = [each for each in (partition_key or "", sort_key) if each is not None]
    names = [each if isinstance(each, str) else each.name for each in given]
    problems = [
        Problem(code="EF-TABLE-KEY", given=f"a key is named {name!r}",
                allowed=f"{DYNAMODB} wants 1 to {ATTRIBUTE_NAME_BYTES} bytes", fix='name it, as in partition_key="order_id"')
        for name in names if not 1 <= len(name.encode()) <= ATTRIBUTE_NAME_BYTES
    ]  # fmt: skip
    if len(set(names)) < len(names):
        problems.append(Problem(code="EF-TABLE-KEY", given=f"both keys are named {names[0]!r}", allowed=f"{DYNAMODB} wants two names",
                                fix="choose another for one"))  # fmt: skip
    return problems
