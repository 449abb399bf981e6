"""SNS topics, their policies, and subscriptions."""

from cdk_event_flow.flow.model import ResourcePolicy, Subscription, Topic
from cdk_event_flow.flow.readers.resource import Resource, as_document


def topic(resource: Resource) -> Topic:
    """A topic."""
    return Topic(
        **resource.identity(),
        fifo=resource.flag("FifoTopic"),
        content_deduplication=resource.flag("ContentBasedDeduplication"),
        key=resource.maybe("KmsMasterKeyId"),
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
    body = resource.text("FilterPolicyScope", "MessageAttributes") == "MessageBody"
    return Subscription(
        **resource.identity(),
        topic_arn=resource.text("TopicArn"),
        protocol=resource.text("Protocol"),
        endpoint=resource.text("Endpoint"),
        filter_policy=resource.mapping("FilterPolicy") or None,
        filter_scope="MessageBody" if body else "MessageAttributes",
        raw=resource.flag("RawMessageDelivery"),
        dead_letter_arn=resource.mapping("RedrivePolicy").get("deadLetterTargetArn"),
    )
