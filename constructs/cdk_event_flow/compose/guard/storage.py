"""Buckets that keep old versions, and log groups that are encrypted and kept long enough."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3

from cdk_event_flow.compose.messaging.encryption import stack_key
from cdk_event_flow.compose.sources.bucket import Bucket
from constructs import IConstruct

OLD_VERSIONS = timedelta(days=30)


def keep_versions(nodes: Iterable[IConstruct]) -> None:
    """Let our buckets that keep none keep what is overwritten or deleted for 30 days."""
    for node in nodes:
        if isinstance(node, Bucket) and not node.versioned and isinstance(node.bucket, s3.Bucket):
            resource: Any = node.bucket.node.default_child
            resource.versioning_configuration = {"status": "Enabled"}
            node.bucket.add_lifecycle_rule(noncurrent_version_expiration=cdk.Duration.days(OLD_VERSIONS.days))


def encrypt(nodes: Iterable[IConstruct]) -> None:
    """Encrypt log groups that no key of the account encrypts with their stack's, which lets CloudWatch Logs in."""
    for node in nodes:
        if isinstance(node, logs.CfnLogGroup) and node.kms_key_id is None:
            node.kms_key_id = stack_key(node).key_arn


def keep_logs(nodes: Iterable[IConstruct], least: timedelta) -> None:
    """Keep all log groups at least so long."""
    for node in nodes:
        if isinstance(node, logs.CfnLogGroup):
            days = node.retention_in_days
            if days is not None and days < least.days:  # None: for ever
                node.retention_in_days = least.days
