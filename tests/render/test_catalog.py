"""The catalogue of a flow: AsyncAPI's own schema accepts the document, and what is not known is not said."""

import copy
import json
from pathlib import Path
from typing import Literal

import jsonschema
import pytest
from pydantic import BaseModel, Field

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.contracts import Contract
from cdk_event_flow.render.catalog import asyncapi, catalog_of, pages

ROOT = Path(__file__).parent.parent.parent
OFFICIAL = ROOT / "node_modules" / "@asyncapi" / "specs" / "schemas" / "3.0.0-without-$id.json"
TEMPLATES = sorted((ROOT / "tests" / "flow" / "templates").glob("*.*"))


@pytest.fixture(scope="module")
def valid():
    """A function that holds a document against AsyncAPI's own schema, and follows every reference in it."""
    validator = jsonschema.Draft7Validator(json.loads(OFFICIAL.read_text("utf-8")))

    def check(document):
        errors = [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in validator.iter_errors(document)]
        assert errors == []
        for reference in references(document):
            at = document
            for key in reference.removeprefix("#/").split("/"):
                assert key in at, f"{reference} leads nowhere"
                at = at[key]

    return check


def references(value):
    """Every `$ref` that is a reference: samples and names of fields may be called so too."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        value = [each for key, each in value.items() if key != "examples"]
    if isinstance(value, list):
        for each in value:
            yield from references(each)


class Node(BaseModel):
    """A part of a tree."""

    name: str
    parts: list["Node"]
    above: "Node | None"


class Grown(BaseModel):
    """A tree grew."""

    source: Literal["garden"]
    detail_type: Literal["Tree | grown"] = Field(alias="detail-type")
    detail: Node


def schema(content, **more):
    """A schema in the registry."""
    return {"Type": "AWS::EventSchemas::Schema", "Properties": {"Content": json.dumps(content), "Type": "JSONSchemaDraft4", **more}}


def rule(pattern, **more):
    """A rule of the bus to the queue."""
    targets = [{"Id": "Q", "Arn": {"Fn::GetAtt": ["Queue", "Arn"]}}]
    return {
        "Type": "AWS::Events::Rule",
        "Properties": {"EventBusName": {"Ref": "Bus"}, "EventPattern": pattern, "Targets": targets, **more},
    }


OWNED = [{"Key": "Owner", "Value": "team trees"}]
RESOURCES = {
    "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "garden", "Tags": OWNED}},
    "Rule": rule({"source": ["garden"]}),
    "Queue": {"Type": "AWS::SQS::Queue"},
    "Policy": {
        "Type": "AWS::SQS::QueuePolicy",
        "Properties": {
            "Queues": [{"Ref": "Queue"}],
            "PolicyDocument": {
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "events.amazonaws.com"},
                        "Action": "sqs:SendMessage",
                        "Resource": {"Fn::GetAtt": ["Queue", "Arn"]},
                    }
                ]
            },
        },
    },
    "Grown": schema(Contract.from_model(Grown).schema, Tags={"OWNER": "team leaves"}),
}


def of(**resources):
    """The catalogue of a template of these and the resources above."""
    return catalog_of(Flow.from_template({"Resources": copy.deepcopy({**RESOURCES, **resources})}, stack="Garden"))


def test_the_reference_app_is_told_whole(flow, valid):
    catalog = catalog_of(flow)
    valid(asyncapi(catalog))
    submitted, failed = catalog.events
    assert (submitted.title, submitted.source, submitted.buses) == ("OrderSubmitted", "shop.orders", ("Orders",))
    assert [each.name for each in submitted.consumers] == ["Billing", "Packing"]
    assert submitted.consumers[0].filters[-1] == ("OrderEvents/Billing", "detail-type: OrderSubmitted; total > 0")
    assert submitted.producers == (), "who submits orders is not in the template"
    assert [(each.name, each.surely) for each in failed.producers] == [("Packing", True)]
    written = pages(catalog)
    assert "| `detail.items[].sku` | string, length at least 1 |  |  |" in written["events/OrderSubmitted.md"]
    assert "| [OrderSubmitted](events/OrderSubmitted.md) | `shop.orders` | Orders | unknown |" in written["README.md"]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: file.name)
def test_templates_of_others_give_valid_documents_in_whatever_order_they_are_written(template, valid):
    flow = Flow.from_template(template)
    catalog = catalog_of(flow)
    valid(asyncapi(catalog))
    turned = Flow(dict(reversed(flow.nodes.items())), templates=flow.templates)
    assert pages(catalog_of(turned)) == pages(catalog)
    assert asyncapi(catalog_of(turned)) == asyncapi(catalog)


def test_recursive_schemas_and_hostile_names_are_told(valid):
    catalog = of()
    valid(asyncapi(catalog))
    (event,) = catalog.events
    assert event.key == "Tree-grown"
    assert event.sample["detail"] == {"name": "text", "parts": [], "above": None}
    assert [each.name for each in event.consumers] == ["Queue"]
    page = pages(catalog)["events/Tree-grown.md"]
    assert "| `detail.parts` | list of Node |  |  |" in page
    assert "[Tree \\| grown](events/Tree-grown.md)" in pages(catalog)["README.md"]


def test_owners_are_those_of_the_tag_in_any_case_and_nobody_else():
    catalog = of()
    assert [event.owner for event in catalog.events] == ["team leaves"]
    assert {channel.name: channel.owner for channel in catalog.channels} == {"Bus": "team trees", "Queue": None}
    assert "its owner unknown" in pages(catalog)["channels.md"]


def test_owners_may_be_those_of_the_stack(tmp_path):
    (tmp_path / "t.json").write_text(json.dumps({"Resources": RESOURCES}))
    stack = {"templateFile": "t.json", "tags": {"owner": "team soil"}}
    manifest = {"artifacts": {"Garden": {"type": "aws:cloudformation:stack", "properties": stack}}}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    catalog = catalog_of(Flow.from_assembly(tmp_path))
    assert {channel.name: channel.owner for channel in catalog.channels} == {"Bus": "team trees", "Queue": "team soil"}


def test_discovered_schemas_are_openapi_documents(valid):
    fields = {"detail": {"$ref": "#/components/schemas/Leaf"}, "source": {"type": "string"}, "detail-type": {"type": "string"}}
    kind = {"x-amazon-events-source": "garden", "x-amazon-events-detail-type": "LeafFell"}
    weight = {"type": "number", "minimum": 0, "exclusiveMinimum": True, "nullable": True}
    schemas = {
        "AWSEvent": {"type": "object", "properties": fields, **kind},
        "Leaf": {"type": "object", "properties": {"weight": weight}},
    }
    catalog = of(Fell=schema({"openapi": "3.0.0", "components": {"schemas": schemas}}, Type="OpenApi3"))
    document = asyncapi(catalog)
    valid(document)
    fell = next(event for event in catalog.events if event.title == "LeafFell")
    assert fell.sample["detail"] == {"weight": 1}
    leaf = document["components"]["schemas"]["LeafFell.Leaf"]
    assert leaf["properties"]["weight"] == {"type": ["number", "null"], "exclusiveMinimum": 0}
    assert "number or null" in pages(catalog)["events/LeafFell.md"]


def test_what_only_rules_ask_for_is_told_as_not_declared(valid):
    catalog = of(Rain=rule({"source": ["weather"], "detail-type": ["Rain", "Hail"]}), Any=rule({"source": [{"prefix": "aws."}]}))
    valid(asyncapi(catalog))
    asked = {event.title: event for event in catalog.events if event.declared is None}
    assert asked["Rain | Hail"].asked_by == ("Rain",)
    assert [each.name for each in asked["Rain | Hail"].consumers] == ["Queue"]
    assert asked["events of aws.*"].schema is None
    assert "Unknown: nobody declares it." in pages(catalog)["events/Rain-Hail.md"]


@pytest.mark.parametrize(
    "content",
    [
        {"properties": {"detail": {"$ref": "#/$defs/None"}}},
        {"properties": {"detail": {"type": "array", "items": [1]}}},
        {"properties": {"detail": {"type": "object", "properties": []}}},
        {"properties": {"detail": {"anyOf": []}}},
        {"properties": {"detail": {"$ref": "#"}}, "required": ["detail"]},
        {"properties": {"detail": {"$ref": "#/$defs/A"}}, "$defs": {"A": {"$ref": "#/$defs/A"}}},
        {"properties": {"detail": 5}, "$defs": 5},
    ],
    ids=lambda content: json.dumps(content["properties"]),
)
def test_schemas_that_are_none_are_told_as_far_as_they_go(content):
    kind = {"source": {"const": "garden"}, "detail-type": {"const": "Odd"}}
    catalog = of(Odd=schema({**content, "properties": {**content["properties"], **kind}}))
    assert "Odd" in [event.title for event in catalog.events]
    assert pages(catalog)
    assert asyncapi(catalog)


def test_two_events_of_one_name_have_pages_of_their_own():
    kind = {"source": {"const": "meadow"}, "detail-type": {"const": "tree grown"}}
    catalog = of(Other=schema({"properties": kind}))
    assert [event.key for event in catalog.events] == ["Tree-grown", "tree-grown-2"]


def test_what_a_function_hands_on_is_another_event_and_lambda_publishes_it():
    function = {"Type": "AWS::Lambda::Function", "Properties": {"Runtime": "python3.13", "Handler": "h.h", "Code": {"ZipFile": "x"}}}
    bus = {"Fn::GetAtt": ["Bus", "Arn"]}
    invokes = {"FunctionName": {"Ref": "F"}, "Qualifier": "$LATEST", "DestinationConfig": {"OnSuccess": {"Destination": bus}}}
    outcome = {"source": ["lambda"], "detail-type": ["Lambda Function Invocation Result - Success"]}
    to_function = rule({"source": ["garden"]})
    to_function["Properties"]["Targets"] = [{"Id": "F", "Arn": {"Fn::GetAtt": ["F", "Arn"]}}]
    allowed = {"FunctionName": {"Ref": "F"}, "Principal": "events.amazonaws.com", "Action": "lambda:InvokeFunction"}
    catalog = of(
        F=function,
        Invokes={"Type": "AWS::Lambda::EventInvokeConfig", "Properties": invokes},
        Rule=to_function,
        Allowed={"Type": "AWS::Lambda::Permission", "Properties": allowed},
        Done=rule(outcome),
    )
    events = {event.title: event for event in catalog.events}
    assert [each.name for each in events["Tree | grown"].consumers] == ["F"]
    done = events["Lambda Function Invocation Result - Success"]
    assert [(each.name, each.surely) for each in done.producers] == [("F", True)]
    assert [each.name for each in done.consumers] == ["Queue"]
