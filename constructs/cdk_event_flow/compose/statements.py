"""Statements of policies as plain JSON, joined where that allows nothing more: templates stay small, and so do policies."""

import json
import re
from collections.abc import Sequence
from typing import Any

Statement = dict[str, Any]

_LISTS = ("Action", "Resource")
UNKNOWN = 110  # characters: a service, a region, an account, and a name of 64


def allowing(
    actions: Sequence[str], resources: Sequence[str], conditions: dict[str, Any] | None = None, principal: Any = None
) -> Statement:
    """A statement that allows `actions` on `resources`."""
    return {
        **({"Principal": principal} if principal else {}),
        "Effect": "Allow",
        "Action": list(actions),
        "Resource": list(resources),
        **({"Condition": conditions} if conditions else {}),
    }


def join(statements: list[Statement], new: Statement) -> None:
    """Add `new`, or widen the one statement that differs from it in one thing only: actions, resources, or the ARN of who asks.

    Where two things differ, a joined statement would allow combinations that neither allows.
    """
    new = {key: _listed(value) if key in _LISTS else value for key, value in new.items()}
    for each in statements:
        different = [key for key in each.keys() | new.keys() if each.get(key) != new.get(key)]
        if not different:
            return
        if len(different) > 1:
            continue
        (key,) = different
        if key in _LISTS:
            each[key] = _union(each[key], new[key])
            return
        before, after = _sources(each), _sources(new)
        if key == "Condition" and before is not None and after is not None:
            each["Condition"] = {"ArnEquals": {"aws:SourceArn": _union(before, after)}}
            return
    statements.append(new)


def size_of(statement: Statement) -> int:
    """About how many characters a statement has when it is deployed: what is not known yet counts as an ARN of `UNKNOWN`."""
    written = json.dumps(_short(statement), separators=(",", ":"), default=lambda _: "?" * UNKNOWN)
    return len(re.sub(r"\$\{Token\[[^]]*\]\}", "?" * UNKNOWN, written))


def document(statements: Sequence[Statement]) -> dict[str, Any]:
    """The policy document, written as the CDK writes it: a list of one is its one."""
    return {"Version": "2012-10-17", "Statement": [_short(each) for each in statements]}


def _short(statement: Statement) -> Statement:
    short = {key: _one(value) if key in _LISTS else value for key, value in statement.items()}
    if (sources := _sources(statement)) is not None:
        short["Condition"] = {"ArnEquals": {"aws:SourceArn": _one(sources)}}
    return short


def _sources(statement: Statement) -> list[Any] | None:
    """Who may ask, where the condition says that alone."""
    match statement.get("Condition"):
        case {"ArnEquals": {"aws:SourceArn": sources, **others}, **more} if not others and not more:
            return _listed(sources)
    return None


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _one(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _union(first: list[Any], second: list[Any]) -> list[Any]:
    return [*first, *(each for each in second if each not in first)]
