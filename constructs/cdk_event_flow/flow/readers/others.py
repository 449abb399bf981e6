"""Resources that no event is sent through here, and whose properties tell where events go all the same."""

from cdk_event_flow.flow.model import Other
from cdk_event_flow.flow.readers.resource import Resource


def other(resource: Resource) -> Other:
    """An alarm, an archive, a pipe or a part of a network, with its properties."""
    kind = resource.resolver.template["Resources"][resource.logical_id]["Type"]
    return Other(**resource.identity(), type=str(kind), properties=resource.properties)
