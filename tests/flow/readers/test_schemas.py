"""Schemas of the registry: of JSON Schema and OpenAPI, as written and as EventBridge discovers them."""

import json

import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import EventSchema

OF_TYPE = {"source": {"const": "shop"}, "detail-type": {"enum": ["Sold"]}}
DISCOVERED = {
    "openapi": "3.0.0",
    "components": {
        "schemas": {
            "AWSEvent": {
                "x-amazon-events-source": "shop",
                "x-amazon-events-detail-type": "Sold",
                "type": "object",
                "properties": {"detail": {"$ref": "#/components/schemas/Sold"}, "source": {"type": "string"}},
            },
            "Sold": {
                "type": "object",
                "properties": {
                    "total": {"type": "number", "minimum": 0, "exclusiveMinimum": True},
                    "least": {"type": "number", "minimum": 0, "exclusiveMinimum": False},
                    "rate": {"type": "number", "maximum": 9, "exclusiveMaximum": True},
                    "note": {"type": "string", "nullable": True},
                    "kept": {"type": "string", "nullable": False},
                    "open": {"exclusiveMinimum": 5},
                    "unbound": {"exclusiveMaximum": True},
                    "any": {"nullable": True},
                    "either": {"anyOf": [{"type": "string", "nullable": True}, 5]},
                },
            },
        }
    },
}


def read(content, type="JSONSchemaDraft4"):
    """The node of a schema with this content."""
    given = content if isinstance(content, str) else json.dumps(content)
    resource = {"Type": "AWS::EventSchemas::Schema", "Properties": {"Type": type, "Content": given}}
    return Flow.from_template({"Resources": {"Schema": resource}}).nodes.values()


def event(content, type="JSONSchemaDraft4"):
    (found,) = [node for node in read(content, type) if isinstance(node, EventSchema)]
    return found


def test_a_json_schema_names_source_and_type():
    found = event({"properties": OF_TYPE, "title": "kept"})
    assert (found.source, found.detail_type, found.schema["title"]) == ("shop", "Sold", "kept")


@pytest.mark.parametrize("content", [
    {"properties": {"source": {"const": "shop"}}},
    {"properties": {"source": {"const": 5}, "detail-type": {"const": "Sold"}}},
    {"properties": {"source": {"type": "string"}, "detail-type": {"const": "Sold"}}},
    {},
    "no JSON",
])  # fmt: skip
def test_a_schema_of_something_else_is_not_followed(content):
    (found,) = [node for node in read(content) if node.logical_id == "Schema"]
    assert (found.type, isinstance(found, EventSchema)) == ("AWS::EventSchemas::Schema", False)


def test_what_eventbridge_discovers_is_read_with_its_definitions():
    found = event(DISCOVERED, "OpenApi3")
    assert (found.source, found.detail_type) == ("shop", "Sold")
    assert found.schema["properties"]["source"] == {"type": "string", "const": "shop"}
    assert not any(key.startswith("x-amazon-") for key in found.schema)
    assert found.schema["$defs"]["Sold"]["properties"] == {
        "total": {"type": "number", "exclusiveMinimum": 0},
        "least": {"type": "number", "minimum": 0},
        "rate": {"type": "number", "exclusiveMaximum": 9},
        "note": {"type": ["string", "null"]},
        "kept": {"type": "string", "nullable": False},
        "open": {"exclusiveMinimum": 5},
        "unbound": {},
        "any": {"nullable": True},
        "either": {"anyOf": [{"type": ["string", "null"]}, 5]},
    }


def test_what_the_document_does_not_say_of_the_event_its_properties_say():
    of_source = {"x-amazon-events-source": "shop", "properties": {"detail-type": {"const": "Sold"}}}
    found = event({"components": {"schemas": {"AWSEvent": of_source}}}, "OpenApi3")
    assert (found.source, found.detail_type) == ("shop", "Sold")


def test_an_openapi_document_of_no_event_is_not_followed():
    with_types = {"components": {"schemas": {"Sold": DISCOVERED["components"]["schemas"]["Sold"]}}}
    assert not any(isinstance(node, EventSchema) for node in read(with_types, "OpenApi3"))
    as_json_schema = [node for node in read(DISCOVERED) if isinstance(node, EventSchema)]
    assert as_json_schema == []
