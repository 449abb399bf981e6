"""Contracts: what a model's JSON Schema says of its events, samples of them, and the keys that filters may ask for."""

from typing import Literal

import pytest
from pydantic import BaseModel, Field

from cdk_event_flow.errors import EventError
from cdk_event_flow.flow.contracts import Contract, fields_at, unknown_filter_keys


class Line(BaseModel):
    sku: str
    count: int = Field(ge=3)


class Detail(BaseModel):
    order_id: str
    lines: list[Line]
    gift: Line | None = None


class Sold(BaseModel):
    source: Literal["shop.orders"]
    detail_type: Literal["Sold"] = Field(alias="detail-type")
    detail: Detail


def contract(detail, **defs):
    """A contract of this detail."""
    return Contract("shop", "Sold", {"type": "object", "properties": {"detail": detail}, "$defs": defs})


def of(schema, **defs):
    """What stands in a sample for this schema."""
    return contract({"type": "object", "properties": {"it": schema}}, **defs).sample()["detail"].get("it", "left out")


def test_source_and_detail_type_are_read_of_the_model():
    read = Contract.from_model(Sold)
    assert (read.source, read.detail_type) == ("shop.orders", "Sold")
    assert read.pattern() == {"source": ["shop.orders"], "detail-type": ["Sold"]}


@pytest.mark.parametrize(("missing", "fields"), [
    ("source", {"source": {"type": "string"}, "detail-type": {"const": "T"}}),
    ("source", {"detail-type": {"enum": ["T"]}}),
    ("detail-type", {"source": {"enum": ["s"]}, "detail-type": {"enum": ["T", "U"]}}),
    ("source", {}),
])  # fmt: skip
def test_what_is_no_literal_of_one_value_is_refused_by_name(missing, fields):
    class Loose:
        @staticmethod
        def model_json_schema(by_alias):
            return {"properties": fields}

    with pytest.raises(EventError) as refused:
        Contract.from_model(Loose)
    assert (refused.value.at, refused.value.code) == ("Loose", "EF-CONTRACT")
    assert refused.value.problems[0].given == f"the model's {missing} is not a literal of one value"


def test_a_sample_is_a_whole_event_that_the_model_accepts():
    event = Contract.from_model(Sold).sample()
    assert Sold.model_validate(event).detail.lines[0].count == 3
    assert set(event) == {"version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"}
    assert (event["version"], event["source"], event["detail-type"], event["resources"]) == ("0", "shop.orders", "Sold", [])
    assert (event["account"], event["region"], event["time"]) == ("123456789012", "us-east-1", "2026-01-01T00:00:00Z")
    assert event["id"] == "00000000-0000-4000-8000-000000000000"


# (schema, what a sample has for it)
SAMPLES = [
    ({"type": "string"}, "text"),
    ({"type": "string", "minLength": 6}, "textxx"),
    ({"type": "string", "format": "date-time"}, "2026-01-01T00:00:00Z"),
    ({"type": "string", "format": "date"}, "2026-01-01"),
    ({"type": "string", "format": "email"}, "someone@example.com"),
    ({"type": "string", "format": "uuid"}, "00000000-0000-4000-8000-000000000001"),
    ({"type": "string", "format": "uri"}, "https://example.com/"),
    ({"type": "string", "format": "unheard of"}, "text"),
    ({"type": "integer"}, 1),
    ({"type": "number", "minimum": 7}, 7),
    ({"type": "number", "exclusiveMinimum": 7}, 8),
    ({"type": "boolean"}, True),
    ({"type": "null"}, None),
    ({"type": ["null", "integer"]}, 1),
    ({"type": ["null"]}, None),
    ({"type": "array", "items": {"type": "integer"}}, [1]),
    ({"type": "array", "items": {"type": "integer"}, "minItems": 3}, [1, 1, 1]),
    ({"type": "array"}, ["text"]),
    ({"type": "object"}, {}),
    ({"type": "object", "properties": {"b": {"type": "integer"}}}, {"b": 1}),
    ({"type": "integer", "default": 9, "examples": [8]}, 9),
    ({"type": "integer", "default": None, "examples": [8, 7]}, 8),
    ({"const": "c"}, "c"),
    ({"enum": ["e", "f"]}, "e"),
    ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, 1),
    ({"anyOf": [{"$ref": "#/$defs/Tree"}, {"type": "null"}]}, {"name": "text", "children": []}),
    ({"$ref": "#/$defs/Tree"}, {"name": "text", "children": []}),
    ({"$ref": "#/$defs/Loop"}, "left out"),
    ({"anyOf": [{"$ref": "#/$defs/Loop"}, {"type": "boolean"}]}, True),
    ({"type": "array", "items": {"$ref": "#/$defs/Loop"}}, []),
    ({"type": "array", "items": {"$ref": "#/$defs/Loop"}, "minItems": 1}, "left out"),
    ({"anyOf": [{"$ref": "#/$defs/Loop"}]}, "left out"),
]
LEAF = {"$ref": "#/$defs/Tree"}
BRANCHES = {"name": {"type": "string"}, "left": LEAF, "children": {"type": "array", "items": LEAF}}
TREE = {"type": "object", "required": ["name"], "properties": BRANCHES}
LOOP = {"type": "object", "required": ["again"], "properties": {"again": {"$ref": "#/$defs/Loop"}}}


@pytest.mark.parametrize(("schema", "made"), SAMPLES)
def test_a_sample_has_the_plainest_value_that_the_schema_allows(schema, made):
    sample = of(schema, Tree=TREE, Loop=LOOP)
    assert (sample, type(sample)) == (made, type(made))


def test_of_a_detail_without_a_finite_value_nothing_is_made():
    assert contract({"$ref": "#/$defs/Loop"}, Loop=LOOP).sample()["detail"] == {}


def test_overrides_go_to_the_outermost_field_of_the_name():
    detail = Contract.from_model(Sold).sample(order_id="7", sku="A")["detail"]
    assert detail["order_id"] == "7"
    assert (detail["gift"]["sku"], detail["lines"][0]["sku"]) == ("A", "text")
    inner = {"type": "object", "properties": {"total": {"type": "integer"}}}
    both = contract({"type": "object", "properties": {"in": inner, "total": {"type": "integer"}}}).sample(total=5)
    assert both["detail"] == {"in": {"total": 1}, "total": 5}
    listed = contract({"type": "object", "properties": {"lines": {"type": "array", "items": INNER}}}).sample(b="x")
    assert listed["detail"] == {"lines": [{"b": "x"}]}


def test_an_override_of_no_field_is_refused_with_the_nearest():
    with pytest.raises(EventError) as refused:
        Contract.from_model(Sold).sample(order="7")
    (problem,) = refused.value.problems
    assert (refused.value.at, problem.code, problem.given) == ("Sold", "EF-SAMPLE", "there is no field 'order'")
    assert problem.allowed == "it has count, gift, lines, order_id, sku"
    assert problem.fix == "did you mean order_id?"
    with pytest.raises(EventError) as refused:
        Contract.from_model(Sold).sample(zzzzzz="7")
    assert refused.value.problems[0].fix == "use one of these names"


UNKNOWN = [
    ({"detail": {"order_id": ["7"]}}, []),
    ({"detail": {"order": ["7"]}}, [("detail.order", ["order_id"])]),
    ({"detail": {"lines": {"sku": ["A"]}}}, []),
    ({"detail": {"lines": {"size": ["A"]}}}, [("detail.lines.size", [])]),
    ({"detail": {"gift": {"skus": ["A"]}}}, [("detail.gift.skus", ["sku"])]),
    ({"source": ["x"], "account": ["1"], "region": ["r"], "time": ["t"], "id": ["i"], "resources": ["a"], "version": ["0"]}, []),
    ({"replay-name": [{"exists": False}], "detail-type": ["Sold"]}, []),
    ({"sauce": ["x"]}, [("sauce", ["source"])]),
    ({"detail": {"source": ["x"]}}, [("detail.source", [])]),
    ({"$or": [{"detail": {"a": ["1"]}}, {"detail": {"order_id": ["7"]}}]}, [("detail.a", [])]),
    ({"detail": {"$or": [{"linez": ["1"]}, {"gift": ["7"]}]}}, [("detail.linez", ["lines"])]),
    ({"$or": [{"source": ["x"]}, {"region": ["r"]}], "sauce": ["x"]}, [("sauce", ["source"])]),
    ({"source": ["x"], "sauce": ["x"]}, [("sauce", ["source"])]),
    ({"detail": {"$or": ["x"]}}, [("detail.$or", [])]),
    ({"detail": {"order_id": [{"a": ["1"]}, {"b": ["2"]}]}}, []),
]


@pytest.mark.parametrize(("pattern", "unknown"), UNKNOWN)
def test_keys_that_no_event_has_are_told_with_the_nearest(pattern, unknown):
    assert unknown_filter_keys(pattern, [Contract.from_model(Sold)]) == unknown


ANY = {"a": {"b": ["x"]}}
INNER = {"type": "object", "properties": {"b": {"type": "string"}}}


@pytest.mark.parametrize(("detail", "known"), [
    ({"type": "object", "properties": {"a": {"type": "object"}}}, True),
    ({"type": "object", "properties": {"a": {}}}, True),
    ({"type": "object", "properties": {"a": {"type": "object", "properties": {}, "additionalProperties": True}}}, True),
    ({"type": "object", "properties": {"a": {"type": "object", "properties": {}}}}, False),
    ({"type": "object", "properties": {"a": {"type": "string"}}}, False),
    ({"type": "object", "properties": {"a": {"anyOf": [{"type": "null"}, INNER]}}}, True),
    ({"type": "object", "properties": {"a": {"oneOf": [{"type": "null"}, INNER]}}}, True),
    ({"type": "object", "properties": {"a": {"allOf": [INNER]}}}, True),
    ({"type": "object", "properties": {"a": {"type": "array", "items": INNER}}}, True),
    ({"type": "object", "properties": {"a": {"type": "array"}}}, True),
    ({"type": "object", "properties": {"a": {"$ref": "#/$defs/Inner"}}}, True),
    ({"type": "object", "properties": {"a": {"$ref": "#/$defs/Gone"}}}, True),
    ({"type": "object", "properties": {"a": {"$ref": "#/$defs/Anything"}}}, True),
    ({"type": "object", "properties": {"a": {"$ref": "#/$defs/Same"}}}, False),
])  # fmt: skip
def test_what_a_schema_leaves_open_is_not_unknown(detail, known):
    of = contract(detail, Inner=INNER, Same={"$ref": "#/$defs/Same"}, Anything=True)
    found = unknown_filter_keys({"detail": ANY}, [of])
    assert found == ([] if known else [("detail.a.b", [])])


def test_of_names_that_are_near_two_are_told():
    several = contract({"type": "object", "properties": {"total1": {}, "total2": {}, "total3": {}}})
    assert unknown_filter_keys({"detail": {"total": ["x"]}}, [several]) == [("detail.total", ["total3", "total2"])]


def test_a_key_is_known_that_one_of_several_events_has():
    one, other = contract({"type": "object", "properties": {"a": INNER}}), contract({"type": "object", "properties": {"c": {}}})
    assert unknown_filter_keys({"detail": ANY}, [one, other]) == []
    assert unknown_filter_keys({"detail": {"d": ["x"]}}, [one, other]) == [("detail.d", [])]


def test_the_schemas_of_a_path_are_found_through_references_lists_and_alternatives():
    sold = Contract.from_model(Sold)
    assert [each["type"] for each in fields_at(sold, ("detail", "order_id"))] == ["string"]
    assert [each["type"] for each in fields_at(sold, ("detail", "lines", "count"))] == ["integer"]
    assert [each.get("type") for each in fields_at(sold, ("detail", "gift"))] == ["object", "null"]
    assert fields_at(sold, ("detail", "nothing")) == []
    itself = Contract("s", "T", {"type": "object", "properties": {"detail": {"$ref": "#"}}})
    assert fields_at(itself, ("detail", "detail"))[0]["type"] == "object"
