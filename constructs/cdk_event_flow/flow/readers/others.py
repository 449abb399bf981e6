"""Resources that no event is sent through here, and whose properties tell where events go all the same."""

from cdk_event_flow.flow.model import Other, ResourcePolicy, Unknown
from cdk_event_flow.flow.readers.resource import Resource, as_document, as_mapping, first, text_at
from cdk_event_flow.flow.sources import Alarm, Stream


def other(resource: Resource) -> Other:
    """A part of a network, a stage of an API, a task, what is scaled, what forwards onto a custom bus: with its properties."""
    return Other(**resource.identity(), type=resource.type, properties=resource.properties)


def stream(resource: Resource) -> Stream:
    """A Kinesis data stream."""
    encryption = resource.properties.get("StreamEncryption")
    key = encryption if isinstance(encryption, Unknown) else as_mapping(encryption).get("KeyId")
    return Stream(
        **resource.identity(),
        type=resource.type,
        properties=resource.properties,
        key=first(key),
    )


def stream_policy(resource: Resource) -> ResourcePolicy:
    """The policy of a Kinesis data stream, or of a consumer of it."""
    return ResourcePolicy(
        **resource.identity(),
        resources=resource.values("ResourceArn"),
        document=as_document(resource.properties.get("ResourcePolicy")),
    )


def alarm(resource: Resource) -> Alarm:
    """A CloudWatch alarm, with what it tells when it goes off."""
    enabled = resource.flag("ActionsEnabled", True)
    actions = tuple(text_at(each) or "" for each in resource.items("AlarmActions")) if enabled else ()
    return Alarm(**resource.identity(), type=resource.type, properties=resource.properties, actions=actions)
