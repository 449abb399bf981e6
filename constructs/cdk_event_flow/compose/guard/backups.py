"""A daily backup of all tables of a stack, in an encrypted vault."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_backup as backup
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam

from cdk_event_flow.compose.acknowledge import Acknowledged, acknowledge
from cdk_event_flow.compose.edge import within
from cdk_event_flow.compose.functions.role import managed_role
from cdk_event_flow.compose.known import stack_of
from cdk_event_flow.compose.messaging.encryption import stack_key
from cdk_event_flow.compose.statements import allowing
from cdk_event_flow.errors import Problem
from constructs import Construct, IConstruct

ID = "Backups"
LIFECYCLE = "AWS Backup (https://docs.aws.amazon.com/aws-backup/latest/devguide/API_Lifecycle.html)"
_STARTING = ("CreateBackup", "DescribeTable", "ListTagsOfResource", "StartAwsBackupJob")
NIGHTLY = "cron(0 3 * * ? *)"
Kept = dynamodb.CfnTable | dynamodb.CfnGlobalTable


def kept_problems(kept: timedelta) -> list[Problem]:
    """What AWS Backup would refuse, or round."""
    if kept % timedelta(days=1):
        return [Problem(code="EF-GUARD-BACKUPS", given=f"backups are kept {kept}", allowed=f"{LIFECYCLE} counts days",
                        fix="give whole days")]  # fmt: skip
    return within("EF-GUARD-BACKUPS", "backups are kept: it", kept.days, 1, 36_500, unit="days", source=LIFECYCLE,
                  fix="choose a number in that range")  # fmt: skip


def back_up(nodes: Iterable[IConstruct], kept: timedelta) -> None:
    """Give each stack that has tables a plan, and select all of them, whoever made them."""
    tables: dict[cdk.Stack, list[Kept]] = defaultdict(list)
    for node in nodes:
        if isinstance(node, dynamodb.CfnTable | dynamodb.CfnGlobalTable):
            tables[stack_of(node)].append(node)
    for stack, found in tables.items():
        _plan(Construct(stack, ID), found, kept)


def _plan(scope: Construct, tables: list[Kept], kept: timedelta) -> None:
    key = stack_key(scope)
    vault = backup.CfnBackupVault(
        scope,
        "Vault",
        backup_vault_name=cdk.Names.unique_resource_name(scope, max_length=50, separator="-"),
        encryption_key_arn=key.key_arn,
    )
    vault.apply_removal_policy(cdk.RemovalPolicy.RETAIN)  # one with backups in it cannot be deleted
    plan = backup.CfnBackupPlan(
        scope,
        "Plan",
        backup_plan={
            "backupPlanName": cdk.Names.unique_resource_name(scope, max_length=50, separator="-"),
            "backupPlanRule": [
                {
                    "ruleName": "Nightly",
                    "targetBackupVault": vault.ref,
                    "scheduleExpression": NIGHTLY,
                    "lifecycle": {"deleteAfterDays": kept.days},
                }
            ],
        },
    )
    arns = [table.attr_arn for table in tables]
    role = _role(scope, arns, vault, [key.key_arn, *_keys(tables)])
    backup.CfnBackupSelection(
        scope,
        "Tables",
        backup_plan_id=plan.attr_backup_plan_id,
        backup_selection={"selectionName": "Tables", "iamRoleArn": role.role_arn, "resources": arns},
    )


def _role(scope: Construct, tables: list[str], vault: backup.CfnBackupVault, keys: list[str]) -> iam.Role:
    """What AWSBackupServiceRolePolicyForBackup allows for tables, on these tables only.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/security-iam-awsmanpol.html
    """
    copies = [f"{table}/backup/*" for table in tables]
    role = managed_role(
        scope,
        "Role",
        "backup",
        [
            allowing(
                ["dynamodb:CreateBackup", "dynamodb:DescribeTable", "dynamodb:ListTagsOfResource", "dynamodb:StartAwsBackupJob"],
                tables,
            ),
            allowing(["dynamodb:DeleteBackup", "dynamodb:DescribeBackup"], copies),
            allowing(["backup:CopyIntoBackupVault", "backup:DescribeBackupVault"], [vault.attr_backup_vault_arn]),
            allowing(["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"], list(dict.fromkeys(keys))),
            allowing(["kms:CreateGrant"], list(dict.fromkeys(keys)), {"Bool": {"kms:GrantIsForAWSResource": "true"}}),
        ],
    )
    for each in copies:
        acknowledge(role, Acknowledged.BACKUPS_OF_ONE_TABLE, each)
    return role


def _keys(tables: list[Kept]) -> list[str]:
    """The keys that encrypt them, where they say so."""
    found = []
    for table in tables:
        encryption: Any = table.sse_specification if isinstance(table, dynamodb.CfnTable) else None
        if encryption is not None and encryption.kms_master_key_id:
            found.append(encryption.kms_master_key_id)
    return found
