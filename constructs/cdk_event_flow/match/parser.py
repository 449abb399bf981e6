"""A pattern as its list of alternatives: each maps paths to the leaves of which one must match there."""

import json
from typing import Any

from cdk_event_flow.errors import PatternError
from cdk_event_flow.match.leaves import ALL_OPERATORS, leaf
from cdk_event_flow.match.operators.base import Leaf

MAX_ALTERNATIVES = 1_000  # EventBridge: the product of `$or` branches
MAX_CHARACTERS = 4_096  # by quota; 2,048 is the default
RESERVED = frozenset({*ALL_OPERATORS, "anything-but-prefix", "rule", "regex"})

Alternative = dict[str, tuple[Leaf, ...]]


def load(pattern: dict[str, Any] | str) -> dict[str, Any]:
    """The pattern as a dict. Raises PatternError when it is not a JSON object."""
    if isinstance(pattern, str):
        try:
            pattern = json.loads(pattern)
        except (ValueError, RecursionError) as error:
            raise PatternError(f"Event pattern is not valid JSON: {error}") from None
    if not isinstance(pattern, dict):
        raise PatternError("Event pattern must be a JSON object")
    return pattern


def alternatives(pattern: dict[str, Any], *, operators: frozenset[str] = ALL_OPERATORS) -> list[Alternative]:
    """Expand `$or`; a second write to a path replaces the first, in the order written. Raises PatternError."""
    if not pattern:
        raise PatternError("Empty objects are not allowed")
    try:
        return _walk(pattern, "", [{}], operators)
    except RecursionError:
        raise PatternError("Event pattern is nested too deeply") from None


def _walk(level: dict[str, Any], prefix: str, found: list[Alternative], operators: frozenset[str]) -> list[Alternative]:
    for key, value in level.items():
        path = f"{prefix}.{key}" if prefix else key
        if key == "$or" and _is_operator(value):
            if len(found) * len(value) > MAX_ALTERNATIVES:
                raise PatternError("Rule is too complex - try using fewer $or branches", path=path)
            found = [each for branch in value for each in _walk(branch, prefix, [dict(a) for a in found], operators)]
        elif isinstance(value, dict):
            if not value:
                raise PatternError("Empty objects are not allowed", path=path)
            found = _walk(value, path, found, operators)
        elif isinstance(value, list):
            if not value:
                raise PatternError("Empty arrays are not allowed", path=path)
            leaves = tuple(leaf(element, path, operators) for element in value)
            for alternative in found:
                alternative[path] = leaves
        else:
            raise PatternError(f'"{key}" must be an object or an array', path=path)
    return found


def _is_operator(value: Any) -> bool:
    """`$or` is the operator only as an array of at least two objects with no reserved word inside."""
    return (
        isinstance(value, list)
        and len(value) >= 2
        and all(isinstance(branch, dict) and branch and not RESERVED.intersection(branch) for branch in value)
    )
