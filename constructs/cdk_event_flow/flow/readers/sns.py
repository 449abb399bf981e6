"""SNS topics, their policies, and subscriptions."""

from typing import Any

from cdk_event_flow.flow.model import Node, ResourcePolicy, Subscription, Topic
from cdk_event_flow.flow.readers.resource import Identity, Resource, as_document, as_mapping, text_at


def topic(resource: Resource) -> tuple[Node, ...]:
    """A topic, and the subscriptions that stand in it."""
    identity = resource.identity()
    inside = [as_mapping(each) for each in resource.items("Subscription")]
    return (
        Topic(
            **identity,
            fifo=resource.flag("FifoTopic"),
            content_deduplication=resource.flag("ContentBasedDeduplication"),
            key=resource.maybe("KmsMasterKeyId"),
        ),
        *(_inside(identity, number, each) for number, each in enumerate(inside, start=1)),
    )


def _inside(topic: Identity, number: int, raw: dict[str, Any]) -> Subscription:
    return Subscription(
        logical_id=topic["logical_id"],
        arn=f"{topic['arn']}:{number}",
        name=f"{topic['name']}-{number}",
        path=f"{topic['path']}/Subscription{number}",
        topic_arn=topic["arn"],
        protocol=text_at(raw, "Protocol") or "",
        endpoint=text_at(raw, "Endpoint") or "",
    )


def policy(resource: Resource) -> ResourcePolicy:
    """A policy of the topics it names (`Topics`, or `TopicArn` of an inline policy)."""
    return ResourcePolicy(
        **resource.identity(),
        resources=resource.values("Topics") + resource.values("TopicArn"),
        document=as_document(resource.properties.get("PolicyDocument")),
    )


def subscription(resource: Resource) -> Subscription:
    """A subscription; it has no name of its own."""
    body = resource.text("FilterPolicyScope") == "MessageBody"
    return Subscription(
        **resource.identity(),
        topic_arn=resource.text("TopicArn"),
        protocol=resource.text("Protocol"),
        endpoint=resource.text("Endpoint"),
        filter_policy=resource.pattern("FilterPolicy") or None,
        filter_scope="MessageBody" if body else "MessageAttributes",
        raw=resource.flag("RawMessageDelivery"),
        dead_letter_arn=text_at(resource.properties, "RedrivePolicy", "deadLetterTargetArn"),
    )
