"""Reads one element of a list of matchers; says what AWS says of what it refuses."""

import difflib
from collections.abc import Callable, Mapping
from typing import Any

from cdk_event_flow.errors import PatternError
from cdk_event_flow.match.dialects import Dialect
from cdk_event_flow.match.operators import (
    anything_but,
    cidr,
    equals_ignore_case,
    exact,
    exists,
    numeric,
    prefix,
    suffix,
    wildcard,
)
from cdk_event_flow.match.operators.base import Leaf
from cdk_event_flow.match.operators.digits import numbers_of, rounded

_READERS: Mapping[str, Callable[[Any, str], Leaf]] = {
    "prefix": prefix.read,
    "suffix": suffix.read,
    "equals-ignore-case": equals_ignore_case.read,
    "wildcard": wildcard.read,
    "cidr": cidr.read,
    "exists": exists.read,
    "numeric": numeric.read,
}


def leaf(element: Any, path: str, dialect: Dialect) -> Leaf:
    """A literal or an operator object. Raises PatternError."""
    made = _operator(element, path, dialect) if isinstance(element, dict) else exact.read(element, path)
    if dialect.largest is not None and (beyond := [each for each in numbers_of(made) if abs(each) > dialect.largest]):
        raise PatternError(
            f"Cannot compare number : {beyond[0]:.15g}", path=path, fix=f"{dialect.name} compares numbers up to ±{dialect.largest:,}"
        )
    return made if dialect.digits is None else rounded(made, dialect.digits)


def _operator(element: dict[str, Any], path: str, dialect: Dialect) -> Leaf:
    if len(element) != 1:
        raise PatternError("Only one key allowed in match expression", path=path, fix="write one object for each operator")
    [(name, value)] = element.items()
    if name not in dialect.operators:
        raise PatternError(f"Unrecognized match type {name}", path=path, fix=_nearest(name, dialect))
    if name == "anything-but":
        return anything_but.read(value, path, dialect)
    return _READERS[name](value, path)


def _nearest(name: object, dialect: Dialect) -> str:
    if name in _READERS:
        return f"{dialect.name} has no {name}; use one of {', '.join(sorted(dialect.operators))}"
    near = difflib.get_close_matches(str(name).lower(), sorted(dialect.operators))
    return f"did you mean {near[0]}?" if near else f"use one of {', '.join(sorted(dialect.operators))}"
