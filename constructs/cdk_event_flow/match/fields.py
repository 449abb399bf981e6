"""An event as its leaves: path, value, and where in which arrays each stands."""

import json
from collections import defaultdict
from typing import Any

from cdk_event_flow.errors import EventError, Problem

Place = dict[int, int]  # array → index of the element in it
Fields = dict[str, list[tuple[Any, Place]]]


def load(event: dict[str, Any] | str | bytes) -> dict[str, Any]:
    """The event as a dict. Raises EventError when it is not a JSON object."""
    if isinstance(event, str | bytes):
        try:
            event = json.loads(event)
        except (ValueError, RecursionError) as error:
            raise _refused(f"it is not JSON ({error})") from None
    if not isinstance(event, dict):
        raise _refused(f"it is {type(event).__name__}")
    return event


def flatten(event: dict[str, Any]) -> Fields:
    """The leaves by path, keys joined with "."; `{}` and `[]` have none. Iterative: depth is no limit."""
    found: Fields = defaultdict(list)
    arrays = 0
    todo: list[tuple[str, Any, Place]] = [("", event, {})]
    while todo:
        path, value, place = todo.pop()
        if isinstance(value, dict):
            for key, inner in reversed(value.items()):
                todo.append((f"{path}.{key}" if path else key, inner, place))
        elif isinstance(value, list):
            arrays += 1
            for index in range(len(value) - 1, -1, -1):
                todo.append((path, value[index], {**place, arrays: index}))
        else:
            found[path].append((value, place))
    return found


def merged(one: Place, other: Place) -> Place | None:
    """Both places, or None when they are different elements of one array."""
    for array, index in other.items():
        if one.get(array, index) != index:
            return None
    return {**one, **other}


def _refused(given: str) -> EventError:
    problem = Problem(code="EF-EVENT", given=given, allowed="an event is a JSON object", fix="correct the event")
    return EventError("event", problem)
