"""Which events a function may publish: its role says so where it limits them by source and detail-type."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cdk_event_flow.flow.graph import Flow
from cdk_event_flow.flow.model import Bus, EventSchema, Function
from cdk_event_flow.flow.readers.resource import as_mapping, several

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
    for statement in (each.body for each in flow.policies.of_role(function.role_arn) if isinstance(each.body, dict)):
        actions = {str(action).lower() for action in several(statement.get("Action"))}
        resources = {str(resource) for resource in several(statement.get("Resource"))}
        if statement.get("Effect") == "Allow" and actions & {"events:putevents", "events:*"} and resources & {bus.arn, "*"}:
            equals = as_mapping(as_mapping(statement.get("Condition")).get("StringEquals"))
            found.append(Allowance(_values(equals, _SOURCE), _values(equals, _DETAIL_TYPE)))
    return found


def _values(equals: Mapping[str, Any], key: str) -> frozenset[str] | None:
    values = equals.get(key)
    return frozenset(map(str, several(values))) if values is not None else None
