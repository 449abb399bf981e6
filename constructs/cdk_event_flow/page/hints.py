"""What an event's contract says of it: the fields there are, and where an event is not as declared. Hints; nothing is refused."""

import difflib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import EventSchema

MOST_FIELDS, DEEPEST = 200, 8
_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "null": (type(None),),
    "integer": (int,),
    "number": (int, float),
}


def fields(schema: EventSchema) -> list[dict[str, Any]]:
    """Each field of the detail: its path, its type in words, whether it must be there, and its values where they are few."""
    detail = schema.schema.get("properties", {})
    found = _fields(schema.schema, detail.get("detail", {}) if isinstance(detail, Mapping) else {}, "detail", 0)
    return [each for each, _ in zip(found, range(MOST_FIELDS), strict=False)]


def hints(flow: Flow, event: Any) -> list[str]:
    """Where an event is not as its contract declares it, in sentences; empty where it is, or nobody declared it."""
    if not isinstance(event, Mapping):
        return []
    kind = event.get("source"), event.get("detail-type")
    schemas = [each for each in flow.of(EventSchema) if (each.source, each.detail_type) == kind]
    if schemas:
        schema = schemas[0]
        detail = schema.schema.get("properties", {})
        return list(
            _wrong(schema.schema, detail.get("detail", {}) if isinstance(detail, Mapping) else {}, event.get("detail"), "detail")
        )
    declared = [each for each in flow.of(EventSchema) if each.source == kind[0]]
    if declared and isinstance(kind[1], str):
        names = [each.detail_type for each in declared]
        near = difflib.get_close_matches(kind[1], names, n=1)
        return [f"no event of {kind[0]} is declared as {kind[1]}{f'; did you mean {near[0]}?' if near else ''}"]
    return []


def _fields(root: Mapping[str, Any], schema: Any, path: str, depth: int) -> Iterator[dict[str, Any]]:
    schema = _resolved(root, schema)
    properties = schema.get("properties")
    if depth > DEEPEST or not isinstance(properties, Mapping):
        return
    required = schema.get("required", ())
    for name, inner in properties.items():
        opened = _resolved(root, inner)
        at = f"{path}.{name}"
        values = opened.get("enum") or ([opened["const"]] if "const" in opened else [])
        yield {
            "path": at,
            "type": _type(root, inner),
            "required": name in required,
            "values": [json.dumps(value, ensure_ascii=False) for value in values[:8]],
            "says": str(opened.get("description", ""))[:200],
        }
        yield from _fields(root, opened.get("items", {}) if opened.get("type") == "array" else opened, at, depth + 1)


def _resolved(root: Mapping[str, Any], schema: Any) -> Mapping[str, Any]:
    """A schema with its reference followed; of alternatives the first that is not null."""
    for _ in range(DEEPEST):
        if not isinstance(schema, Mapping):
            return {}
        if "$ref" in schema:
            schema = root.get("$defs", {}).get(str(schema["$ref"]).rpartition("/")[2], {})
            continue
        choices = schema.get("anyOf") or schema.get("oneOf")
        if not choices:
            return schema
        schema = next((each for each in choices if isinstance(each, Mapping) and each.get("type") != "null"), {})
    return {}


def _type(root: Mapping[str, Any], schema: Any) -> str:
    if isinstance(schema, Mapping) and (choices := schema.get("anyOf") or schema.get("oneOf")):
        return " or ".join(dict.fromkeys(_type(root, each) for each in choices))
    opened = _resolved(root, schema)
    kind = str(opened.get("type", "anything"))
    if kind == "array":
        return f"list of {_type(root, opened.get('items', {}))}"
    if wanted := opened.get("format"):
        return f"{kind} ({wanted})"
    return kind


def _wrong(root: Mapping[str, Any], schema: Any, value: Any, path: str) -> Iterator[str]:
    if isinstance(schema, Mapping) and (choices := schema.get("anyOf") or schema.get("oneOf")):
        found = [list(_wrong(root, each, value, path)) for each in choices]
        yield from min(found, key=len, default=[])
        return
    schema = _resolved(root, schema)
    kind = schema.get("type")
    if isinstance(kind, str) and kind in _TYPES and not _is(value, kind):
        yield f"{path} is {_shown(value)}, declared as {kind}"
        return
    values = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
    if values and value not in values:
        yield f"{path} is {_shown(value)}, declared as {' or '.join(_shown(each) for each in values[:8])}"
    if isinstance(value, Mapping):
        yield from _wrong_inside(root, schema, value, path)
    elif isinstance(value, list):
        for number, each in enumerate(value[:20]):
            yield from _wrong(root, schema.get("items", {}), each, f"{path}[{number}]")


def _wrong_inside(root: Mapping[str, Any], schema: Mapping[str, Any], value: Mapping[str, Any], path: str) -> Iterator[str]:
    known = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{path}.{name} is missing"
    for name, inner in value.items():
        if name in known:
            yield from _wrong(root, known[name], inner, f"{path}.{name}")
        elif known and not schema.get("additionalProperties"):
            near = difflib.get_close_matches(name, list(known), n=1)
            yield f"{path}.{name} is not declared{f'; did you mean {near[0]}?' if near else ''}"


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES[kind])


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:59]}…"
