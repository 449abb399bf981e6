"""What this house wants of every stack, by aspects."""

from typing import Any

import aws_cdk as cdk
import jsii
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import IConstruct


@jsii.implements(cdk.IAspect)
class ShortLogs:
    """Log groups are kept a week, and queues carry a tag of their own."""

    def visit(self, node: IConstruct) -> None:
        if isinstance(node, logs.CfnLogGroup):
            node.retention_in_days = 7
        if isinstance(node, sqs.CfnQueue):
            cdk.Tags.of(node).add("kind", "queue")


def tidy(scope: Any) -> None:
    """Tags, the aspect, and everything deleted with its stack."""
    cdk.Tags.of(scope).add("owner", "store")
    cdk.Aspects.of(scope).add(ShortLogs())
    cdk.RemovalPolicies.of(scope).destroy()
