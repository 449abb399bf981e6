"""SQS queues and their policies."""

from cdk_event_flow.flow.arns import arn_of
from cdk_event_flow.flow.model import Queue, ResourcePolicy, Unknown
from cdk_event_flow.flow.readers.resource import Resource, as_document, text_at, whole


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
        key=resource.maybe("KmsMasterKeyId"),
    )


def policy(resource: Resource) -> ResourcePolicy:
    """A policy of the queues it names by their URLs (`Queues`, or `Queue` of an inline policy)."""
    resolver = resource.resolver
    named = resource.values("Queues") + resource.values("Queue")
    return ResourcePolicy(
        **resource.identity(),
        resources=tuple(
            each if isinstance(each, Unknown) else arn_of("sqs", each.rpartition("/")[2], resolver.region, resolver.account)
            for each in named
        ),
        document=as_document(resource.properties.get("PolicyDocument")),
    )
