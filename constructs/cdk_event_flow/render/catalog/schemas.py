"""JSON Schemas of events: as parts of an AsyncAPI document, and as a table of fields."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from cdk_event_flow.flow.contracts import referred

_DEEPEST = 8  # levels of a table of fields
_LIMITS = (
    ("minimum", "at least {}"), ("exclusiveMinimum", "more than {}"), ("maximum", "at most {}"), ("exclusiveMaximum", "less than {}"),
    ("minLength", "length at least {}"), ("maxLength", "length at most {}"), ("minItems", "items at least {}"),
    ("maxItems", "items at most {}"), ("pattern", "like {}"), ("format", "{}"),
)  # fmt: skip
# Whose values are schemas, or lists or objects of them: what is elsewhere is data, and stays as it is.
_SCHEMAS = frozenset({"items", "additionalItems", "additionalProperties", "not", "contains", "propertyNames", "if", "then", "else",
                      "allOf", "anyOf", "oneOf"})  # fmt: skip
_BY_NAME = frozenset({"properties", "patternProperties", "definitions"})


class Field(NamedTuple):
    """One row: `detail.items[].sku`, its type and limits in words, whether it must be there, and what it means."""

    path: str
    type: str
    required: bool
    description: str


def as_component(schema: Mapping[str, Any], prefix: str) -> dict[str, dict[str, Any]]:
    """A schema and its definitions as components: the schema as `prefix`, a definition as `prefix.name`; references follow."""
    definitions = schema.get("$defs")
    named = (
        {name: each for name, each in definitions.items() if isinstance(each, Mapping)} if isinstance(definitions, Mapping) else {}
    )
    referred_to = {name: f"{prefix}.{_key(name)}" for name in named}
    root = {key: value for key, value in schema.items() if key not in ("$defs", "$schema", "$id", "id")}
    made = {prefix: _referring(root, prefix, referred_to)}
    for name, each in named.items():
        made[referred_to[name]] = _referring(each, prefix, referred_to)
    return made


def _key(name: str) -> str:
    return "".join(each if each.isascii() and (each.isalnum() or each in "_-.") else "-" for each in name)


def _referring(schema: Mapping[str, Any], prefix: str, named: Mapping[str, str]) -> dict[str, Any]:
    if "$ref" in schema:
        name = str(schema["$ref"])
        target = prefix if name == "#" else named.get(name.rpartition("/")[2])
        return {"$ref": f"#/components/schemas/{target}"} if target else {"description": f"the schema {name} is not declared"}
    made: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _SCHEMAS:
            made[key] = _inside(value, prefix, named)
        elif key in _BY_NAME and isinstance(value, Mapping):
            made[key] = {name: _inside(each, prefix, named) for name, each in value.items()}
        else:
            made[key] = value
    return made


def _inside(value: Any, prefix: str, named: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return _referring(value, prefix, named)
    return [_inside(each, prefix, named) for each in value] if isinstance(value, list) else value


def fields(schema: Mapping[str, Any]) -> Iterator[Field]:
    """The fields of an event's detail, or of the whole where it has none, in the schema's order."""
    properties = schema.get("properties")
    detail = properties.get("detail") if isinstance(properties, Mapping) else None
    if isinstance(detail, Mapping):
        yield from _fields(schema, detail, "detail", ())
    else:
        yield from _fields(schema, schema, "", ())


def _fields(root: Mapping[str, Any], schema: Any, path: str, inside: tuple[str, ...]) -> Iterator[Field]:
    for each, names in _objects(root, schema, inside):
        properties = each.get("properties")
        required = each.get("required")
        for name, inner in properties.items() if isinstance(properties, Mapping) and len(path.split(".")) < _DEEPEST else ():
            at = f"{path}.{name}" if path else str(name)
            words = _type(root, inner, ())
            described = inner.get("description", "") if isinstance(inner, Mapping) else ""
            yield Field(at, words, isinstance(required, list) and name in required, str(described))
            yield from _fields(root, inner, at + "[]" * words.startswith("list"), names)


def _objects(root: Mapping[str, Any], schema: Any, inside: tuple[str, ...]) -> Iterator[tuple[Mapping[str, Any], tuple[str, ...]]]:
    """The objects that may stand here, with the references that led to them: what is inside itself is not opened again."""
    if not isinstance(schema, Mapping):
        return
    if "$ref" in schema:
        name = str(schema["$ref"])
        if name not in inside:
            yield from _objects(root, referred(root, name), (*inside, name))
        return
    for key in ("anyOf", "oneOf", "allOf"):
        for each in schema[key] if isinstance(schema.get(key), list) else ():
            yield from _objects(root, each, inside)
    if "items" in schema:
        yield from _objects(root, schema["items"], inside)
    if "properties" in schema:
        yield schema, inside


def _type(root: Mapping[str, Any], schema: Any, inside: tuple[str, ...]) -> str:
    """The type in words: `one of eu, us`, `integer, at least 1`, `list of Item`."""
    if not isinstance(schema, Mapping):
        return "anything"
    if "$ref" in schema:
        name = str(schema["$ref"])
        target = referred(root, name)
        if name in inside or (isinstance(target, Mapping) and "properties" in target):
            return name.rpartition("/")[2] or "the event"
        return _type(root, target, (*inside, name))
    if "const" in schema:
        return f"always {schema['const']}"
    if isinstance(schema.get("enum"), list):
        return f"one of {', '.join(map(str, schema['enum']))}"
    for key in ("anyOf", "oneOf"):
        if isinstance(schema.get(key), list):
            return " or ".join(dict.fromkeys(_type(root, each, inside) for each in schema[key]))
    kind = schema.get("type")
    if kind == "array":
        words = f"list of {_type(root, schema['items'], inside)}" if "items" in schema else "list"
    else:
        words = " or ".join(map(str, kind)) if isinstance(kind, list) else str(kind or "anything")
    return ", ".join([words, *(said.format(_number(schema[limit])) for limit, said in _LIMITS if limit in schema)])


def _number(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value
