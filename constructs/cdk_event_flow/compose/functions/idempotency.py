"""The stack's one table for idempotency records."""

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam

from cdk_event_flow.compose.messaging.encryption import stack_key
from cdk_event_flow.compose.sources.table import allow_items
from constructs import Construct

TABLE_ID = "Idempotency"
TABLE_VARIABLE = "IDEMPOTENCY_TABLE"


def idempotency_table(scope: Construct) -> dynamodb.Table:
    """The table that Powertools' `DynamoDBPersistenceLayer` expects: key `id`, expiry in `expiration`.

    On demand, point-in-time recovery, encrypted with the stack's key. It goes with the stack: its records say only what
    was done lately.
    """
    stack = cdk.Stack.of(scope)
    found = stack.node.try_find_child(TABLE_ID)
    if found is not None:
        return found  # type: ignore[return-value]
    return dynamodb.Table(
        stack,
        TABLE_ID,
        partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
        time_to_live_attribute="expiration",
        billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
        encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
        encryption_key=stack_key(stack),
        point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(point_in_time_recovery_enabled=True),
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )


def remember_in(table: dynamodb.Table, role: iam.Role) -> None:
    """Let `role` do what the persistence layer does, and no more."""
    allow_items(role, table.table_arn, ["DeleteItem", "GetItem", "PutItem", "UpdateItem"], stack_key(table))
