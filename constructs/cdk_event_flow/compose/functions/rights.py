"""What every function of a stack may do: one managed policy, which their roles share."""

from aws_cdk import aws_iam as iam

from cdk_event_flow.compose.functions.role import managed_policy
from cdk_event_flow.compose.known import once
from cdk_event_flow.compose.messaging.encryption import USING, stack_key
from cdk_event_flow.compose.messaging.queue import undelivered
from cdk_event_flow.compose.statements import allowing
from constructs import Construct

RIGHTS_ID = "FunctionRights"
TRACING = ("xray:PutTelemetryRecords", "xray:PutTraceSegments")


def common_rights(scope: Construct) -> iam.ManagedPolicy:
    """The stack's policy for functions with the usual settings: traces, the stack's key, and its queue `Undelivered`."""
    return once(
        scope,
        RIGHTS_ID,
        lambda stack: managed_policy(
            stack,
            RIGHTS_ID,
            "What every function of the stack may do",
            [
                allowing(TRACING, ["*"]),
                allowing(USING, [stack_key(stack).key_arn]),
                allowing(["sqs:SendMessage"], [undelivered(stack).queue_arn]),
            ],
        ),
    )
