"""One resource as readers see it: resolved, and forgiving of what is missing or of another type."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypedDict

from cdk_event_flow.flow.model import Unknown
from cdk_event_flow.flow.resolve import Resolver


class Identity(TypedDict):
    """What every node has."""

    logical_id: str
    arn: str
    name: str
    path: str


@dataclass
class Resource:
    """The resource `logical_id` of the resolver's template."""

    resolver: Resolver
    logical_id: str

    @cached_property
    def properties(self) -> dict[str, Any]:
        """CloudFormation's properties, resolved."""
        return self.resolver.properties(self.logical_id)

    @property
    def metadata(self) -> Mapping[str, Any]:
        """The resource's Metadata, as written."""
        found = self.resolver.template["Resources"][self.logical_id].get("Metadata")
        return found if isinstance(found, dict) else {}

    def identity(self) -> Identity:
        """What every node has."""
        return Identity(
            logical_id=self.logical_id,
            arn=self.resolver.arn(self.logical_id),
            name=self.resolver.name(self.logical_id),
            path=self.resolver.path(self.logical_id),
        )

    def text(self, name: str, default: str = "") -> str:
        """A string property; what is unknown is said as such."""
        value = self.properties.get(name, default)
        return value if isinstance(value, str) else str(value)

    def maybe(self, name: str) -> str | Unknown | None:
        """A string property that may be unknown, or not be there."""
        return next(iter(self.values(name)), None)

    def values(self, name: str) -> tuple[str | Unknown, ...]:
        """A property that is a string or a list of them, some perhaps unknown."""
        return tuple(each if isinstance(each, Unknown) else str(each) for each in as_list(self.properties.get(name)))

    def number(self, name: str, default: int) -> int:
        """A whole-number property, given as number or text."""
        return whole(self.properties.get(name), default)

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean property, given as boolean or text."""
        value = self.properties.get(name, default)
        return value if isinstance(value, bool) else str(value).lower() == "true"

    def mapping(self, name: str) -> dict[str, Any]:
        """An object property, given as object or as JSON text."""
        return as_mapping(self.properties.get(name))


def whole(value: Any, default: int) -> int:
    """A whole number, or the default for what is none."""
    try:
        return int(value)
    except (TypeError, ValueError):
        return default


def as_mapping(value: Any) -> dict[str, Any]:
    """An object, given as such or as JSON text; else empty."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """A list, or one of what is there; empty for nothing."""
    return value if isinstance(value, list) else [] if value is None else [value]


def as_document(value: Any) -> Any:
    """A policy document, given as an object or as JSON text; what cannot be read is Unknown."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return Unknown("the policy document is not JSON")
    return value if isinstance(value, dict | Unknown) else Unknown("there is no policy document")
