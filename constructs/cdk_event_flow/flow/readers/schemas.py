"""EventBridge's schema registry: the events that a template declares."""

from collections.abc import Mapping
from typing import Any

from cdk_event_flow.flow.contracts import literal
from cdk_event_flow.flow.model import EventSchema, Node, Other
from cdk_event_flow.flow.readers.resource import Resource, as_mapping

# What EventBridge writes into the OpenAPI documents of events that it discovers.
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-schema-create.html
_EVENT, _SOURCE, _DETAIL_TYPE = "AWSEvent", "x-amazon-events-source", "x-amazon-events-detail-type"


def schema(resource: Resource) -> Node:
    """A JSON Schema of a whole event, or an OpenAPI document with one; a schema of anything else is not followed."""
    content = resource.mapping("Content")
    if resource.text("Type") == "OpenApi3":
        content = _of_openapi(content)
    content = _as_today(content)
    fields = as_mapping(content.get("properties"))
    source, detail_type = (literal(as_mapping(fields.get(name))) for name in ("source", "detail-type"))
    if isinstance(source, str) and isinstance(detail_type, str):
        return EventSchema(**resource.identity(), source=source, detail_type=detail_type, schema=content)
    return Other(**resource.identity(), type="AWS::EventSchemas::Schema")


def _of_openapi(document: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON Schema of the event that an OpenAPI document describes; empty where it describes none."""
    schemas = as_mapping(as_mapping(document.get("components")).get("schemas"))
    event = as_mapping(schemas.get(_EVENT))
    kind = {"source": event.get(_SOURCE), "detail-type": event.get(_DETAIL_TYPE)}
    told = {name: {"type": "string", "const": value} for name, value in kind.items() if isinstance(value, str)}
    named = {key: value for key, value in event.items() if not key.startswith("x-amazon-")}
    return {**named, "properties": {**as_mapping(event.get("properties")), **told}, "$defs": schemas}


def _as_today(value: Any) -> Any:
    """A schema of draft 4 or OpenAPI 3.0 as later drafts say it: exclusive bounds as numbers, null as a type."""
    if isinstance(value, list):
        return [_as_today(each) for each in value]
    if not isinstance(value, dict):
        return value
    made = {key: _as_today(each) for key, each in value.items()}
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(made.get(exclusive), bool) and made.pop(exclusive) and bound in made:
            made[exclusive] = made.pop(bound)
    if made.get("nullable") is True and isinstance(made.get("type"), str):
        made["type"] = [made["type"], "null"]
        del made["nullable"]
    return made
