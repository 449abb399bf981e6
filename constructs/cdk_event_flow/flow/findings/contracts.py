"""EF7xx: filters held against the events that the template declares in its schema registry."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cdk_event_flow.flow.contracts import ENVELOPE, Contract, fields_at, unknown_filter_keys
from cdk_event_flow.flow.findings.kinds import Found, finds
from cdk_event_flow.flow.graph import Flow
from cdk_event_flow.flow.model import JSON, Bus, EventSchema, Rule, Subscription, Topic
from cdk_event_flow.flow.publishers import publishers
from cdk_event_flow.flow.sent import Sent, send
from cdk_event_flow.flow.sources import Archive
from cdk_event_flow.flow.witnesses import admits, asked_of, declared
from cdk_event_flow.match.parser import is_or

SCHEMAS = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-schema.html"
PATTERNS = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html"
_TYPES = {str: "string", bool: "boolean", int: "number", float: "number"}


@finds("EF701", "error", "Filter on a key that the event has not", why="Nothing ever passes", docs=PATTERNS)
def filters_on_unknown_keys(flow: Flow) -> Iterator[Found]:
    """Patterns and body filters that ask for a key which none of the declared events has."""
    for node, pattern, contracts in _filtered(flow):
        for path, near in unknown_filter_keys(pattern, contracts):
            names = ", ".join(contract.detail_type for contract in contracts)
            hint = f"Did you mean {near[0]}?" if near else "Use a key of the event, or add it to the event's schema."
            yield Found(node, f"It asks for {path}, which {names} has not.", hint)


@finds(
    "EF702",
    "error",
    "Filter on a value that the event cannot have",
    why="That alternative never matches",
    docs=PATTERNS,
)
def filters_on_impossible_values(flow: Flow) -> Iterator[Found]:
    """Patterns and body filters with a value that is none of those an event's field is limited to."""
    for node, pattern, contracts in _filtered(flow):
        for path, leaves in _leaves(pattern):
            allowed = _allowed_values([schema for contract in contracts for schema in fields_at(contract, path)])
            for value in leaves if allowed else ():
                if not isinstance(value, Mapping) and value not in allowed:
                    values = ", ".join(map(repr, allowed))
                    yield Found(
                        node,
                        f"{'.'.join(path)} is never {value!r}, it is one of {values}.",
                        "Correct the value, or the event's schema.",
                    )


@finds("EF703", "error", "Filter on a value of another type", why="That alternative never matches", docs=PATTERNS)
def filters_on_other_types(flow: Flow) -> Iterator[Found]:
    """Patterns and body filters that compare a field with a value of a type which it never has."""
    for node, pattern, contracts in _filtered(flow):
        for path, leaves in _leaves(pattern):
            types = _types([schema for contract in contracts for schema in fields_at(contract, path)])
            for value in leaves if types else ():
                wanted = _type_wanted(value)
                if wanted and wanted not in types:
                    yield Found(
                        node,
                        f"{'.'.join(path)} is a {' or a '.join(sorted(types))}, the filter wants a {wanted}.",
                        "Compare with a value of the field's type.",
                    )


@finds(
    "EF704",
    "warning",
    "Declared event that nobody takes",
    why="What is published goes nowhere",
    docs=SCHEMAS,
    unless_errors=True,
)
def events_without_consumers(flow: Flow) -> Iterator[Found]:
    """Events of the schema registry that reach nothing but buses, topics and archives, whatever stands in them."""
    buses = [bus for bus in flow.of(Bus) if any(rule.bus_arn == bus.arn for rule in flow.of(Rule))]
    for schema in flow.of(EventSchema) if buses else ():
        if not any(_taken(send(flow, bus, event)) for bus in buses for event in declared(schema, asked_of(flow, bus, schema))):
            yield Found(
                schema,
                f"Nothing takes {schema.detail_type} from {schema.source}.",
                "Route the event to a consumer, or do not declare it.",
            )


def _taken(sent: Sent) -> bool:
    return any(not isinstance(each.receiver, Bus | Topic | Archive) for each in sent.deliveries)


Filtered = tuple[Rule | Subscription, Mapping[str, JSON], list[Contract]]


def _filtered(flow: Flow) -> Iterator[Filtered]:
    """Each pattern and body filter whose events are all declared, with the contracts of those it may still pass."""
    schemas = flow.of(EventSchema)
    if not schemas:
        return
    published = {receiver.arn for _, receiver, _ in publishers(flow)}
    for rule in flow.of(Rule):
        if contracts := _of_rule(rule, schemas):
            yield rule, rule.pattern or {}, contracts
    for subscription in flow.of(Subscription):
        policy = subscription.filter_policy
        if not isinstance(policy, Mapping) or subscription.filter_scope != "MessageBody" or subscription.topic_arn in published:
            continue
        feeders = [(r, t) for r in flow.of(Rule) for t in r.targets if t.arn == subscription.topic_arn]
        if any(target.input or target.input_path or target.transformer for _, target in feeders):
            continue
        fed = [_of_rule(rule, schemas) for rule, _ in feeders]
        if all(fed):
            contracts = [contract for each in fed for contract in each if admits(policy, contract)]
            if contracts:
                yield subscription, policy, contracts


def _of_rule(rule: Rule, schemas: Sequence[EventSchema]) -> list[Contract]:
    """The contracts of what a rule lets through; empty where events may pass that are not declared."""
    pattern = rule.pattern
    types = pattern.get("detail-type") if isinstance(pattern, Mapping) else None
    if not isinstance(types, list) or not all(isinstance(each, str) for each in types):
        return []
    admitted = [schema for schema in schemas if admits(pattern, schema)]
    if {schema.detail_type for schema in admitted} != set(types):
        return []
    return [Contract(schema.source, schema.detail_type, schema.schema) for schema in admitted]


def _leaves(pattern: Mapping[str, JSON], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], list[JSON]]]:
    """Every list of alternatives with its path; the branches of `$or` too, and the envelope not."""
    for key, value in pattern.items():
        if key == "$or" and is_or(value):
            for branch in value:
                yield from _leaves(branch, path)
        elif isinstance(value, Mapping):
            yield from _leaves(value, (*path, key))
        elif isinstance(value, list) and (path or key not in ENVELOPE):
            yield (*path, key), value


def _allowed_values(schemas: Sequence[Mapping[str, Any]]) -> list[Any]:
    """The values that a field is limited to; empty where it is not."""
    values: list[Any] = []
    for schema in schemas:
        if "enum" not in schema and "const" not in schema:
            return []
        values += schema.get("enum", [schema.get("const")])
    return values


def _types(schemas: Sequence[Mapping[str, Any]]) -> set[str]:
    """The types that a field may have; empty where that is not said."""
    found: set[str] = set()
    for schema in schemas:
        kind = schema.get("type")
        if "enum" in schema or "const" in schema:
            found |= {_TYPES[type(v)] for v in schema.get("enum", [schema.get("const")]) if type(v) in _TYPES}
        elif isinstance(kind, str):
            found.add("number" if kind == "integer" else kind)
        else:
            return set()
    return found


def _type_wanted(value: JSON) -> str | None:
    if isinstance(value, Mapping):
        if "numeric" in value:
            return "number"
        strings = ("prefix", "suffix", "wildcard", "equals-ignore-case", "cidr")
        return "string" if any(name in value for name in strings) else None
    return _TYPES.get(type(value))
