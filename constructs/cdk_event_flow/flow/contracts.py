"""Events as their producers declare them: pydantic models with a literal `source` and `detail-type`, read as JSON Schema."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from cdk_event_flow.errors import EventError, Problem
from cdk_event_flow.match.parser import is_or

ENVELOPE = ("version", "id", "detail-type", "source", "account", "time", "region", "resources", "replay-name")


@dataclass(frozen=True, slots=True)
class Contract:
    """One kind of event: `schema` is the JSON Schema of the whole event, envelope and detail."""

    source: str
    detail_type: str
    schema: Mapping[str, Any]

    @classmethod
    def from_model(cls, model: Any) -> Self:
        """Read a pydantic model whose `source` and `detail-type` are literals of one value. Raises EventError."""
        schema = model.model_json_schema(by_alias=True)
        fields = schema.get("properties", {})
        source, detail_type = (literal(fields.get(name, {})) for name in ("source", "detail-type"))
        if source is None or detail_type is None:
            name = "source" if source is None else "detail-type"
            raise EventError(
                getattr(model, "__name__", str(model)),
                Problem(code="EF-CONTRACT", given=f"the model's {name} is not a literal of one value",
                        allowed='an event model has for example source: Literal["shop.orders"]',
                        fix=f"give {name} a Literal type (with alias='detail-type' for the detail-type)"),
            )  # fmt: skip
        return cls(source, detail_type, schema)

    def pattern(self) -> dict[str, Any]:
        """The event pattern that takes exactly this kind of event."""
        return {"source": [self.source], "detail-type": [self.detail_type]}

    def sample(self, **overrides: Any) -> dict[str, Any]:
        """A whole event that the model accepts. `overrides` go to the detail's fields of these names.

        Raises EventError for a name that the detail does not have.
        """
        try:
            detail = _sample(self.schema, self.schema.get("properties", {}).get("detail", {}))
        except _EndlessError:
            detail = {}  # no finite value is allowed
        for name, value in overrides.items():
            holder = _holder(detail, name)
            if holder is None:
                known = sorted(set(_names(detail)))
                near = difflib.get_close_matches(name, known)
                raise EventError(
                    self.detail_type,
                    Problem(code="EF-SAMPLE", given=f"there is no field {name!r}", allowed=f"it has {', '.join(known)}",
                            fix=f"did you mean {near[0]}?" if near else "use one of these names"),
                )  # fmt: skip
            holder[name] = value
        return {
            "version": "0",
            "id": "00000000-0000-4000-8000-000000000000",
            "detail-type": self.detail_type,
            "source": self.source,
            "account": "123456789012",
            "time": "2026-01-01T00:00:00Z",
            "region": "us-east-1",
            "resources": [],
            "detail": detail,
        }


def fields_at(contract: Contract, path: Sequence[str]) -> list[Mapping[str, Any]]:
    """The schemas that the value at this path may have; empty where the event has no such field, or it is open."""
    level = list(_resolved(contract.schema, contract.schema))
    for key in path:
        level = [inner for each in level if key in each.get("properties", {})
                 for inner in _resolved(contract.schema, each["properties"][key])]  # fmt: skip
    return level


def unknown_filter_keys(pattern: Mapping[str, Any], contracts: Sequence[Contract]) -> list[tuple[str, list[str]]]:
    """The paths a pattern asks for that no event of `contracts` has, each with the nearest names there are."""
    roots = [(contract.schema, contract.schema) for contract in contracts]
    return list(_unknown(pattern, "", roots))


_Level = list[tuple[Mapping[str, Any], Mapping[str, Any]]]  # (root, for its $defs; the schema here)


def _unknown(pattern: Mapping[str, Any], prefix: str, level: _Level) -> Iterator[tuple[str, list[str]]]:
    objects = [(root, each) for root, schema in level for each in _resolved(root, schema)]
    if any(_open(each) for _, each in objects):
        return
    for key, wanted in pattern.items():
        path = f"{prefix}.{key}" if prefix else key
        if key == "$or" and is_or(wanted):
            for branch in wanted:
                yield from _unknown(branch, prefix, level)
            continue
        if not prefix and key in ENVELOPE:
            continue
        inner = [(root, each["properties"][key]) for root, each in objects if key in each.get("properties", {})]
        if not inner:
            names = sorted({name for _, each in objects for name in each.get("properties", {})})
            yield path, difflib.get_close_matches(key, names, n=2)
        elif isinstance(wanted, Mapping):
            yield from _unknown(wanted, path, inner)


def _resolved(root: Mapping[str, Any], schema: Mapping[str, Any], seen: frozenset[str] = frozenset()) -> Iterator[Mapping[str, Any]]:
    """The schemas that a value here may have: references followed, alternatives and array items opened."""
    if "$ref" in schema:
        if (name := str(schema["$ref"])) not in seen:
            yield from _resolved(root, referred(root, name), seen | {name})
    elif "anyOf" in schema or "oneOf" in schema or "allOf" in schema:
        for each in schema.get("anyOf") or schema.get("oneOf") or schema["allOf"]:
            yield from _resolved(root, each, seen)
    elif schema.get("type") == "array":
        yield from _resolved(root, schema.get("items", {}), seen)
    else:
        yield schema


def referred(root: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """What a `$ref` is of: the root, or one of its definitions; an open schema where there is none of this name."""
    found = root if name == "#" else root.get("$defs", {}).get(name.rpartition("/")[2], {})
    return found if isinstance(found, Mapping) else {}


def _open(schema: Mapping[str, Any]) -> bool:
    """Whether keys may stand here that the schema does not name."""
    if not schema or schema.get("additionalProperties"):
        return True
    return schema.get("type") == "object" and "properties" not in schema


def literal(schema: Mapping[str, Any]) -> str | None:
    """The one value that a schema allows; None where it allows several."""
    values = [schema["const"]] if "const" in schema else schema.get("enum", [])
    return values[0] if len(values) == 1 else None


class _EndlessError(Exception):
    """A value of this schema has itself inside."""


def _sample(root: Mapping[str, Any], schema: Mapping[str, Any], inside: tuple[str, ...] = ()) -> Any:
    """A value that the schema allows. `inside` are the references on the way: what may be left out of a tree is."""
    for told in _told(schema):
        return told
    if "$ref" in schema:
        name = str(schema["$ref"])
        if name in inside:
            raise _EndlessError
        return _sample(root, referred(root, name), (*inside, name))
    if "anyOf" in schema:
        return _first(root, schema["anyOf"], inside)
    kind = schema.get("type")
    match next((each for each in kind if each != "null"), "null") if isinstance(kind, list) else kind:
        case "object":
            return _object(root, schema, inside)
        case "array":
            return _array(root, schema, inside)
        case "integer" | "number":
            return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
        case "boolean":
            return True
        case "null":
            return None
        case _:
            return _text(schema)


def _told(schema: Mapping[str, Any]) -> Iterator[Any]:
    """Values that the schema itself names."""
    yield from (schema[given] for given in ("default", "const") if schema.get(given) is not None)
    yield from (schema[several][0] for several in ("examples", "enum") if schema.get(several))


def _object(root: Mapping[str, Any], schema: Mapping[str, Any], inside: tuple[str, ...]) -> dict[str, Any]:
    made = {}
    for name, each in schema.get("properties", {}).items():
        try:
            made[name] = _sample(root, each, inside)
        except _EndlessError:
            if name in schema.get("required", ()):
                raise
    return made


def _array(root: Mapping[str, Any], schema: Mapping[str, Any], inside: tuple[str, ...]) -> list[Any]:
    least = schema.get("minItems", 0)
    try:
        return [_sample(root, schema.get("items", {}), inside) for _ in range(max(1, least))]
    except _EndlessError:
        if least:
            raise
        return []


def _first(root: Mapping[str, Any], schemas: Sequence[Mapping[str, Any]], inside: tuple[str, ...]) -> Any:
    for each in schemas:
        try:
            return _sample(root, each, inside)
        except _EndlessError:
            continue
    raise _EndlessError


def _text(schema: Mapping[str, Any]) -> str:
    formats = {
        "date-time": "2026-01-01T00:00:00Z",
        "date": "2026-01-01",
        "email": "someone@example.com",
        "uuid": "00000000-0000-4000-8000-000000000001",
        "uri": "https://example.com/",
    }
    return formats.get(schema.get("format", ""), "text".ljust(schema.get("minLength", 0), "x"))


def _holder(detail: Any, name: str) -> dict[str, Any] | None:
    """The object in which the field stands, the outermost first."""
    level = [detail]
    while level:
        for each in level:
            if isinstance(each, dict) and name in each:
                return each
        level = [inner for each in level for inner in _inside(each)]
    return None


def _inside(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
    for inner in _inside(value):
        yield from _names(inner)
