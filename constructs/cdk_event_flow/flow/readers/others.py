"""Resources that no event is sent through here, and whose properties tell where events go all the same."""

from cdk_event_flow.flow.model import Other
from cdk_event_flow.flow.readers.resource import Resource, text_at
from cdk_event_flow.flow.sources import Alarm, Stream


def other(resource: Resource) -> Other:
    """A part of a network, with its properties."""
    return Other(**resource.identity(), type=resource.type, properties=resource.properties)


def stream(resource: Resource) -> Stream:
    """A Kinesis data stream."""
    return Stream(**resource.identity(), type=resource.type)


def alarm(resource: Resource) -> Alarm:
    """A CloudWatch alarm, with what it tells when it goes off."""
    enabled = resource.flag("ActionsEnabled", True)
    actions = tuple(text_at(each) or "" for each in resource.items("AlarmActions")) if enabled else ()
    return Alarm(**resource.identity(), type=resource.type, properties=resource.properties, actions=actions)
