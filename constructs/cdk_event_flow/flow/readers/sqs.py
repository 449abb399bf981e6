"""SQS queues."""

from cdk_event_flow.flow.model import Queue
from cdk_event_flow.flow.readers.resource import Resource, text_at, whole


def queue(resource: Resource) -> Queue:
    """A queue with its redrive policy."""
    redrive = resource.mapping("RedrivePolicy")
    return Queue(
        **resource.identity(),
        url=resource.resolver.url(resource.logical_id),
        fifo=resource.flag("FifoQueue"),
        content_deduplication=resource.flag("ContentBasedDeduplication"),
        visibility=resource.number("VisibilityTimeout", 30),
        retention=resource.number("MessageRetentionPeriod", 345_600),
        delay=resource.number("DelaySeconds", 0),
        max_receives=whole(redrive.get("maxReceiveCount"), 10) if redrive else None,
        dead_letter_arn=text_at(resource.properties, "RedrivePolicy", "deadLetterTargetArn"),
    )
