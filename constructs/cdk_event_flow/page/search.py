"""Searching events: `detail.total>100 detail.region=eu failed`. Fields are asked by EventBridge's own matching, in Python."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from cdk_event_flow.errors import EventError, PatternError, Problem
from cdk_event_flow.flow.payload import json_or_text
from cdk_event_flow.match import EventPattern

_FIELD = re.compile(r'(?P<path>[A-Za-z_][\w.\-]*)\s*(?P<sign>!=|>=|<=|=|>|<|:(?!/))\s*(?P<value>"(?:[^"\\]|\\.)*"|\S+)')
Wanted = Callable[[str], bool]


def wanted(query: str) -> Wanted | None:
    """Whether a payload is what a query asks for; None for an empty query, which wants everything.

    A query is an event pattern in JSON, or words: `path=value`, `!=`, `>`, `>=`, `<`, `<=`, and texts that must stand in the
    payload. A value is JSON or text; `*` in it stands for anything. Raises EventError (EF-SEARCH).
    """
    query = query.strip()
    if not query:
        return None
    if query.startswith("{"):
        return _by_pattern(query)
    pattern: dict[str, Any] = {}
    for found in _FIELD.finditer(query):
        _put(pattern, found["path"].split("."), _asked(found["sign"], json_or_text(found["value"])))
    words = [word.lower() for word in _FIELD.sub(" ", query).split()]
    compiled = _compiled(pattern, query) if pattern else None

    def fits(payload: str) -> bool:
        return all(word in payload.lower() for word in words) and (compiled is None or _matches(compiled, payload))

    return fits


def _by_pattern(query: str) -> Wanted:
    try:
        pattern = json.loads(query)
    except ValueError as error:
        raise EventError(query, _problem(f"it is no JSON: {error}")) from None
    compiled = _compiled(pattern, query)
    return lambda payload: _matches(compiled, payload)


def _compiled(pattern: Any, query: str) -> EventPattern:
    try:
        return EventPattern(pattern)
    except PatternError as refused:
        raise EventError(query, _problem(str(refused.problems[0].given))) from None


def _matches(pattern: EventPattern, payload: str) -> bool:
    try:
        event = json.loads(payload)
    except ValueError:
        return False
    return isinstance(event, Mapping) and pattern.matches(dict(event))


def _asked(sign: str, value: Any) -> list[Any]:
    if sign in (">", ">=", "<", "<="):
        return [{"numeric": [sign, value]}]
    if isinstance(value, dict | list):
        value = json.dumps(value)
    if sign == "!=":
        return [{"anything-but": value}]
    return [{"wildcard": value}] if isinstance(value, str) and "*" in value else [value]


def _put(pattern: dict[str, Any], path: list[str], asked: list[Any]) -> None:
    for key in path[:-1]:
        inner = pattern.setdefault(key, {})
        if not isinstance(inner, dict):
            return
        pattern = inner
    pattern[path[-1]] = asked


def _problem(given: str) -> Problem:
    return Problem(
        code="EF-SEARCH",
        given=given,
        allowed="a search is words, path=value, path>number, or an event pattern in JSON",
        fix="write it as detail.total>100 detail.region=eu, for example",
    )
