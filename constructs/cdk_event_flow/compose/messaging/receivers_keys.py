"""Keys that are not a stack's own, opened to the services that deliver to what they encrypt."""

from typing import Any

from aws_cdk import aws_kms as kms

from cdk_event_flow.compose.messaging.encryption import allow_service, is_closed
from constructs import Construct

# The CDK's own queues and topics, by the attribute that gives their ARN, and where their key is.
_KEYS = {"queue_arn": "encryption_master_key", "topic_arn": "master_key"}


def key_of(receiver: Any) -> kms.IKey | None:
    """What encrypts a queue or topic, ours or the CDK's, where that is known here."""
    name = "key" if hasattr(receiver, "receiver") else next((name for arn, name in _KEYS.items() if hasattr(receiver, arn)), "")
    key: kms.IKey | None = getattr(receiver, name, None) if name else None
    return key


def open_key(receiver: Any, service: str, scope: Construct) -> None:
    """Let a service of AWS in this account (`sns.amazonaws.com`) put messages into `receiver`, whatever key encrypts it.

    The policy of a key made here gets the statement. Of an imported key a note of the synth says which statement it needs.
    """
    key = key_of(receiver)
    if key is not None and not is_closed(key):
        allow_service(key, service, scope=scope)
