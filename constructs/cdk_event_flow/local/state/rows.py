"""Dataclasses of the engine as JSON rows, and back.

A delivery inside of another thing is written as its id; everything else by its fields, so that a new field needs nothing
here but a default.
"""

import base64
import dataclasses
import json
import types
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from cdk_event_flow.local.trace import Attempt, Delivery, State

Thing = TypeVar("Thing")
_BYTES = "$bytes"
_HINTS: dict[type, dict[str, Any]] = {}
_EARLIER_END = "the run was stopped during this attempt"


def as_json(thing: object) -> str:
    """The row of a thing as it is now."""
    if isinstance(thing, Delivery):
        thing = _delivery_row(thing)
    elif dataclasses.is_dataclass(thing):
        thing = _fields(thing)
    return json.dumps(thing, default=_inner, separators=(",", ":"))


def from_json(text: str) -> Any:
    """The JSON of a row; `thing` and `delivery` make of it what it was."""
    return json.loads(text, object_hook=_outer)


def thing(kind: type[Thing], row: Mapping[str, Any], find: Callable[[int], Delivery]) -> Thing:
    """The dataclass `kind` of a row, with the deliveries that `find` gives for their ids."""
    hints = _hints(kind)
    return kind(**{name: _value(hints[name], value, find) for name, value in row.items() if name in hints})


def attempt(row: Mapping[str, Any]) -> Attempt:
    """An attempt; one that was running is told to have been cut short."""
    made = thing(Attempt, row, _no_delivery)
    if not made.ended:
        made.ended = made.failed = True
        made.error_type, made.error_message = "RunStopped", _EARLIER_END
    return made


def delivery(id: int, row: Mapping[str, Any], payload: str) -> Delivery:
    """A delivery without its parent, children and attempts."""
    why = tuple(row["why"])
    return Delivery(
        id=id,
        at=row["at"],
        kind=row["kind"],
        node=row["node"],
        name=row["name"],
        payload=payload,
        via=row["via"],
        origin=row["origin"],
        cause=Attempt(at=row["at"], function=row["cause"]) if row["cause"] else None,
        open=row["open"],
        redriven=row["redriven"],
        state=State(row["state"]) if row["state"] else None,
        reason=row["reason"],
        where=row["where"],
        receives=row["receives"],
        ended_at=row["ended_at"],
        why=lambda: why,
    )


def _delivery_row(delivery: Delivery) -> dict[str, Any]:
    return {
        "at": delivery.at,
        "kind": delivery.kind,
        "node": delivery.node,
        "name": delivery.name,
        "via": delivery.via,
        "origin": delivery.origin,
        "parent": delivery.parent.id if delivery.parent else None,
        "cause": delivery.cause.function if delivery.cause else None,
        "open": delivery.open,
        "redriven": delivery.redriven,
        "state": delivery.state,
        "reason": delivery.reason,
        "where": delivery.where,
        "receives": delivery.receives,
        "ended_at": delivery.ended_at,
        "why": delivery.why() if delivery.state is State.UNMATCHED else (),
    }


def _inner(value: object) -> Any:
    if isinstance(value, Delivery):
        return value.id
    if isinstance(value, bytes):
        return {_BYTES: base64.b64encode(value).decode()}
    if dataclasses.is_dataclass(value):
        return _fields(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} cannot be kept")


def _outer(value: dict[str, Any]) -> Any:
    return base64.b64decode(value[_BYTES]) if _BYTES in value else value


def _fields(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in _hints(type(value))}


def _hints(kind: type) -> dict[str, Any]:
    if kind not in _HINTS:
        _HINTS[kind] = get_type_hints(kind)
    return _HINTS[kind]


def _value(hint: Any, value: Any, find: Callable[[int], Delivery]) -> Any:
    if value is None:
        return None
    if get_origin(hint) in (Union, types.UnionType):
        hint = next(one for one in get_args(hint) if one is not types.NoneType)
    if hint is Delivery:
        return find(value)
    if get_origin(hint) is tuple:
        return tuple(value)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(value)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return thing(hint, value, find)
    return value


def _no_delivery(id: int) -> Delivery:
    raise KeyError(id)
