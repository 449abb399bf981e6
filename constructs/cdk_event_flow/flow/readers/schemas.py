"""EventBridge's schema registry: the events that a template declares."""

from cdk_event_flow.flow.contracts import literal
from cdk_event_flow.flow.model import EventSchema, Node, Other
from cdk_event_flow.flow.readers.resource import Resource, as_mapping


def schema(resource: Resource) -> Node:
    """A JSON Schema of a whole event; a schema of anything else is not followed."""
    content = resource.mapping("Content")
    fields = as_mapping(content.get("properties"))
    source, detail_type = (literal(as_mapping(fields.get(name))) for name in ("source", "detail-type"))
    if isinstance(source, str) and isinstance(detail_type, str):
        return EventSchema(**resource.identity(), source=source, detail_type=detail_type, schema=content)
    return Other(**resource.identity(), type="AWS::EventSchemas::Schema")
