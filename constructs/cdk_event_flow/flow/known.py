"""What of a pattern is known: the pattern without its unknown parts lets through all that the whole one lets through."""

from collections.abc import Iterator
from typing import Any

from cdk_event_flow.flow.model import Unknown

_OMITTED = object()


def unknown_in(value: Any) -> str:
    """Why parts of a value are unknown, each reason once; empty where all is known."""
    return "; ".join(dict.fromkeys(_reasons(value)))


def known(pattern: Any) -> dict[str, Any] | None:
    """The pattern without the fields whose values are unknown; None where nothing of it is left."""
    found = _known(pattern)
    return found if isinstance(found, dict) and found else None


def _reasons(value: Any) -> Iterator[str]:
    if isinstance(value, Unknown):
        yield value.reason
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _reasons(each)


def _known(value: Any) -> Any:
    """A part of a pattern; `_OMITTED` where nothing is left to ask. Of a list of alternatives, any could be the unknown one."""
    if isinstance(value, Unknown):
        return _OMITTED
    if isinstance(value, list):
        return _OMITTED if any(True for _ in _reasons(value)) else value
    if not isinstance(value, dict):
        return value
    kept = {}
    for key, each in value.items():
        found = _branches(each) if key == "$or" and isinstance(each, list) else _known(each)
        if found is not _OMITTED:
            kept[key] = found
    return kept if kept or not value else _OMITTED


def _branches(branches: list[Any]) -> Any:
    """The branches of `$or`: one that may let all through makes them all idle."""
    found = [_known(branch) for branch in branches]
    return _OMITTED if _OMITTED in found else found
