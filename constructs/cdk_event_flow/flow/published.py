"""Which events a function may publish: its role says so where it limits them by source and detail-type."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cdk_event_flow.flow.graph import Flow
from cdk_event_flow.flow.model import Bus, EventSchema, Function, Other

# Of a statement's conditions those that limit what is published.
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html
_SOURCE, _DETAIL_TYPE = "events:source", "events:detail-type"


@dataclass(frozen=True, slots=True)
class Allowance:
    """One statement: the sources and detail-types it allows, None where it allows all."""

    sources: frozenset[str] | None
    detail_types: frozenset[str] | None

    def admits(self, schema: EventSchema) -> bool:
        """Whether events of this schema may be published by it."""
        return (self.sources is None or schema.source in self.sources) and (
            self.detail_types is None or schema.detail_type in self.detail_types
        )


def allowances(flow: Flow, function: Function, bus: Bus) -> list[Allowance]:
    """What the function's role lets it put on the bus; empty where its policies do not tell of this bus."""
    found = []
    for statement in _statements(flow, function.role_arn):
        actions = {str(action).lower() for action in _list(statement.get("Action"))}
        resources = {str(resource) for resource in _list(statement.get("Resource"))}
        if statement.get("Effect") == "Allow" and actions & {"events:putevents", "events:*"} and resources & {bus.arn, "*"}:
            equals = statement.get("Condition", {}).get("StringEquals", {}) if isinstance(statement.get("Condition"), dict) else {}
            found.append(Allowance(_values(equals, _SOURCE), _values(equals, _DETAIL_TYPE)))
    return found


def _statements(flow: Flow, role_arn: str) -> Iterator[Mapping[str, Any]]:
    for node in flow.of(Other):
        if node.type == "AWS::IAM::Role" and node.arn == role_arn:
            documents = [each.get("PolicyDocument") for each in _list(node.properties.get("Policies")) if isinstance(each, dict)]
        elif node.type in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy") and role_arn.rpartition("/")[2] in _list(
            node.properties.get("Roles")
        ):
            documents = [node.properties.get("PolicyDocument")]
        else:
            continue
        for document in documents:
            statements = _list(document.get("Statement")) if isinstance(document, Mapping) else []
            yield from (statement for statement in statements if isinstance(statement, dict))


def _values(equals: Any, key: str) -> frozenset[str] | None:
    values = equals.get(key) if isinstance(equals, Mapping) else None
    return frozenset(map(str, _list(values))) if values is not None else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
