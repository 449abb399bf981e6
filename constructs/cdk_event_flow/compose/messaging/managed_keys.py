"""Keys that AWS manages: no service can deliver to what they encrypt, and nothing says so before the messages are missed."""

from typing import Any

from aws_cdk import aws_sqs as sqs

from cdk_event_flow.errors import Problem

SQS_KEYS = "SQS (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html)"
SNS_KEYS = "SNS (https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html)"


def managed_key_problems(to: Any, what: str, service: str) -> list[Problem]:
    """That `service` (as people call it) cannot deliver to `to`, a queue or topic that is none of ours: its key is AWS's own."""
    if hasattr(to, "receiver"):  # ours never have such a key
        return []
    if hasattr(to, "queue_arn"):
        managed = getattr(to, "encryption_type", None) == sqs.QueueEncryption.KMS_MANAGED or _is_managed(to.encryption_master_key)
        kind, alias, source = "queue", "alias/aws/sqs", SQS_KEYS
    elif hasattr(to, "topic_arn"):
        managed, kind, alias, source = _is_managed(to.master_key), "topic", "alias/aws/sns", SNS_KEYS
    else:
        return []
    if not managed:
        return []
    return [
        Problem(code="EF-KEY-MANAGED", given=f"{what} is a {kind} encrypted with {alias}",
                allowed=f"{source} has no policy of that key to change, and it does not let {service} in: every delivery would fail",
                fix="encrypt it with a customer key, or with the key that SQS owns (SSE-SQS)" if kind == "queue"
                else "encrypt it with a customer key")
    ]  # fmt: skip


def _is_managed(key: Any) -> bool:
    return key is not None and str(getattr(key, "alias_name", "")).startswith("alias/aws/")
