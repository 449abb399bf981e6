"""One resource as readers see it: resolved, and forgiving of what is missing or of another type."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypedDict, TypeVar

from cdk_event_flow.flow.known import known, unknown_in
from cdk_event_flow.flow.model import Unknown
from cdk_event_flow.flow.resolve import Resolver

N = TypeVar("N", int, None)

# Properties that say what passes. What is unknown in them is left out, so that all passes that may, and said in `unknown`.
_FILTERS = ("EventPattern", "FilterPolicy", "FilterCriteria", "FilterConfiguration", "SourceParameters")


class Identity(TypedDict):
    """What every node has."""

    logical_id: str
    arn: str
    name: str
    path: str
    unknown: Mapping[str, str]
    tags: Mapping[str, str]


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
    def type(self) -> str:
        """CloudFormation's type."""
        return self.resolver.type(self.logical_id)

    @property
    def metadata(self) -> Mapping[str, Any]:
        """The resource's Metadata, as written."""
        found = self.resolver.resource(self.logical_id).get("Metadata")
        return found if isinstance(found, dict) else {}

    def identity(self) -> Identity:
        """What every node has."""
        unknown = {name: value.reason for name, value in self.properties.items() if isinstance(value, Unknown)}
        unknown |= {name: reasons for name in _FILTERS if (reasons := unknown_in(self.properties.get(name)))}
        exists = self.resolver.exists(self.logical_id)
        return Identity(
            logical_id=self.logical_id,
            arn=self.resolver.arn(self.logical_id),
            name=self.resolver.name(self.logical_id),
            path=self.resolver.path(self.logical_id),
            unknown=unknown | ({"Condition": exists.reason} if isinstance(exists, Unknown) else {}),
            tags={**self.resolver.stack_tags, **_tags(self.properties.get("Tags"))},
        )

    def text(self, name: str, default: str = "") -> str:
        """A string property; what is unknown is said as such."""
        found = text_at(self.properties, name)
        return default if found is None else found

    def maybe(self, name: str) -> str | Unknown | None:
        """A string property that may be unknown, or not be there."""
        return first(self.properties.get(name))

    def values(self, name: str) -> tuple[str | Unknown, ...]:
        """A property that is a string or a list of them, some perhaps unknown."""
        return texts(self.properties.get(name))

    def number(self, name: str, default: int) -> int:
        """A whole-number property, given as number or text."""
        return whole(self.properties.get(name), default)

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean property, given as boolean or text."""
        return str(self.properties.get(name, default)).lower() == "true"

    def mapping(self, name: str) -> dict[str, Any]:
        """An object property, given as object or as JSON text."""
        return as_mapping(self.properties.get(name))

    def pattern(self, name: str) -> dict[str, Any] | None:
        """What is known of a pattern or filter policy; None where nothing is, or where there is none."""
        value = self.properties.get(name)
        return known(as_mapping(value)) or ({} if value == {} else None)

    def items(self, name: str) -> list[Any]:
        """A list property."""
        return as_list(self.properties.get(name))


def _tags(value: Any) -> dict[str, str]:
    """Tags, given as a list of Key and Value or as an object; one whose value is unknown says so."""
    pairs = value.items() if isinstance(value, dict) else [(each.get("Key"), each.get("Value")) for each in as_list(value)
                                                           if isinstance(each, dict)]  # fmt: skip
    return {key: str(given) for key, given in pairs if isinstance(key, str) and given is not None}


def whole(value: Any, default: N) -> int | N:
    """A whole number, or the default for what is none."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return default


def as_mapping(value: Any) -> dict[str, Any]:
    """An object, given as such or as JSON text; else empty."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """A list; else empty."""
    return value if isinstance(value, list) else []


def text_at(value: Any, *keys: str) -> str | None:
    """The text at `keys` inside `value`; None where nothing is; `unknown (…)` where it, or what it is in, is unknown."""
    for key in keys:
        value = value if isinstance(value, Unknown) else as_mapping(value).get(key)
    match value:
        case None | str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float() | Unknown():
            return str(value)
    return str(Unknown(f"{'.'.join(keys)} is not a text"))


def several(value: Any) -> list[Any]:
    """A list, or one of what is there; empty for nothing."""
    return value if isinstance(value, list) else [] if value is None else [value]


def texts(value: Any) -> tuple[str | Unknown, ...]:
    """One text or a list of them, some perhaps unknown."""
    return tuple(each if isinstance(each, Unknown) else str(each) for each in several(value))


def first(value: Any) -> str | Unknown | None:
    """A text that may be unknown, the first of a list of them; None for none."""
    return next(iter(texts(value)), None)


def as_document(value: Any) -> Any:
    """A policy document, given as an object or as JSON text; what cannot be read is Unknown."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return Unknown("the policy document is not JSON")
    return value if isinstance(value, dict | Unknown) else Unknown("there is no policy document")
