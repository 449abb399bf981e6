"""S3 buckets and what they notify: queues, topics and functions, and the default event bus."""

from typing import Any

from cdk_event_flow.flow.arns import arn_of
from cdk_event_flow.flow.model import ResourcePolicy, Unknown
from cdk_event_flow.flow.readers.resource import Resource, as_document, as_list, as_mapping, text_at
from cdk_event_flow.flow.sources import Bucket, BucketNotifications, Notification

# In a bucket's own properties, and in the custom resource's, which has the names of S3's API.
_BUCKETS_OWN = (("LambdaConfigurations", "Function"), ("QueueConfigurations", "Queue"), ("TopicConfigurations", "Topic"))
_CUSTOM = (
    ("LambdaFunctionConfigurations", "LambdaFunctionArn"),
    ("QueueConfigurations", "QueueArn"),
    ("TopicConfigurations", "TopicArn"),
)


def bucket(resource: Resource) -> Bucket:
    """A bucket with its own notifications."""
    configuration = resource.mapping("NotificationConfiguration")
    event_bridge = configuration.get("EventBridgeConfiguration")
    enabled = text_at(event_bridge, "EventBridgeEnabled") != "false" if event_bridge is not None else False
    return Bucket(
        **resource.identity(),
        type=resource.type,
        notifications=tuple(
            Notification(
                destination=text_at(each, destination) or "",
                events=(text_at(each, "Event") or "",),
                **_keys(as_mapping(as_mapping(each.get("Filter")).get("S3Key")).get("Rules")),
            )
            for kind, destination in _BUCKETS_OWN
            for each in map(as_mapping, as_list(configuration.get(kind)))
        ),
        to_default_bus=enabled,
        properties=resource.properties,
    )


def notifications(resource: Resource) -> BucketNotifications:
    """CDK's custom resource, which names the bucket and has S3's own shape."""
    configuration = resource.mapping("NotificationConfiguration")
    return BucketNotifications(
        **resource.identity(),
        type=resource.type,
        bucket_arn=_arn(resource, resource.text("BucketName")),
        notifications=tuple(
            Notification(
                destination=text_at(each, destination) or "",
                events=tuple(text_at(event) or "" for event in as_list(each.get("Events"))),
                **_keys(as_mapping(as_mapping(each.get("Filter")).get("Key")).get("FilterRules")),
            )
            for kind, destination in _CUSTOM
            for each in map(as_mapping, as_list(configuration.get(kind)))
        ),
        to_default_bus="EventBridgeConfiguration" in configuration,
    )


def policy(resource: Resource) -> ResourcePolicy:
    """The policy of a bucket."""
    return ResourcePolicy(
        **resource.identity(),
        resources=tuple(each if isinstance(each, Unknown) else _arn(resource, each) for each in resource.values("Bucket")),
        document=as_document(resource.properties.get("PolicyDocument")),
    )


def _arn(beside: Resource, bucket: str) -> str:
    return arn_of("s3", bucket, beside.resolver.region, beside.resolver.account)


def _keys(rules: Any) -> dict[str, str]:
    """`prefix` and `suffix`, whose names are written in small or capital letters."""
    named = {str(text_at(each, "Name")).lower(): text_at(each, "Value") or "" for each in as_list(rules)}
    return {name: named[name] for name in ("prefix", "suffix") if name in named}
