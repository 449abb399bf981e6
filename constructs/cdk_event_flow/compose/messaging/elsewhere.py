"""A topic of another account or region: what its subscriptions here need, and what they cannot have."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns

from cdk_event_flow.compose.messaging.encryption import allow_service_of
from constructs import Construct

DEAD_LETTERS = "https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html"


def elsewhere(topic: sns.ITopic, scope: Construct) -> tuple[str | None, str | None]:
    """The account and the region of the topic, each None where it is that of `scope` or not known."""
    stack, env = cdk.Stack.of(scope), topic.env
    if env.account == stack.account and env.region == stack.region:
        return None, None

    def other(theirs: str, ours: str) -> str | None:
        return theirs if theirs != ours and not cdk.Token.is_unresolved(theirs) else None

    return other(env.account, stack.account), other(env.region, stack.region)


def subscribed_from(topic: sns.ITopic, scope: Construct, key: kms.IKey | None) -> dict[str, Any] | None:
    """What a subscription in `scope` says of a topic elsewhere; None for a topic that is here.

    SNS keeps dead letters in the topic's account and region only, so there are none, and a warning of the synth says so. `key`
    is what encrypts the receiver: SNS of the other account is let in to it.
    """
    account, region = elsewhere(topic, scope)
    if account is None and region is None:
        return None
    if account is not None and key is not None:
        allow_service_of(key, "sns.amazonaws.com", account, scope=scope)
    cdk.Annotations.of(scope).add_warning_v2(
        "cdk-event-flow:topic-elsewhere",
        f"the topic is in {' and '.join(filter(None, (account, region)))}: the subscription has no dead letters, for SNS keeps "
        f"them in the topic's account and region only ({DEAD_LETTERS}); ask its owner for some, or acknowledge this",
    )
    return {"region": region} if region is not None else {}
