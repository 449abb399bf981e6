"""Patterns and filters in few words: `region: eu | us`, `0 < total ≤ 100`, `no coupon`."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

MOST_VALUES = 5
# The envelope's part that a reader takes for granted, of events (`detail`) and of SQS and Kinesis records.
_TAKEN_FOR_GRANTED = ("detail", "body", "data", "dynamodb")
_SIGNS = {"<=": "≤", ">=": "≥"}


def summary(pattern: Mapping[str, Any]) -> list[str]:
    """One line a key. What is not understood is shown as written, for a picture must not fail on a pattern."""
    return list(_keys(pattern, ()))


def _keys(pattern: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    for key, wanted in pattern.items():
        if key == "$or" and isinstance(wanted, list):
            yield " or ".join(_together(each, path) for each in wanted)
        elif isinstance(wanted, Mapping):
            yield from _keys(wanted, (*path, str(key)))
        else:
            yield _leaf(_short((*path, str(key))), wanted if isinstance(wanted, list) else [wanted])


def _together(pattern: Any, path: tuple[str, ...]) -> str:
    if not isinstance(pattern, Mapping):
        return _value(pattern)
    keys = list(_keys(pattern, path))
    return f"({', '.join(keys)})" if len(keys) > 1 else "".join(keys)


def _short(path: tuple[str, ...]) -> str:
    return ".".join(path[1:] if len(path) > 1 and path[0] in _TAKEN_FOR_GRANTED else path)


def _leaf(key: str, wanted: Sequence[Any]) -> str:
    if len(wanted) == 1 and isinstance(wanted[0], Mapping) and len(wanted[0]) == 1:
        [(operator, argument)] = wanted[0].items()
        if operator == "exists":
            return f"{key} is there" if argument else f"no {key}"
        if operator == "numeric" and isinstance(argument, list) and argument:
            return _numeric(key, argument)
        if operator == "anything-but":
            return f"{key} ≠ {_excluded(argument)}"
    shown = [_matcher(each) for each in wanted]
    return f"{key}: {_listed(shown)}"


def _listed(shown: Sequence[str]) -> str:
    more = len(shown) - MOST_VALUES
    return " | ".join(shown) if more < 2 else " | ".join([*shown[:MOST_VALUES], f"{more} more"])


def _matcher(wanted: Any) -> str:
    if not isinstance(wanted, Mapping) or len(wanted) != 1:
        return _value(wanted)
    [(operator, argument)] = wanted.items()
    match operator, argument:
        case "prefix", str():
            return f"{argument}*"
        case "suffix", str():
            return f"*{argument}"
        case "wildcard", str():
            return argument
        case "equals-ignore-case", str():
            return f"{argument} in any case"
        case (("prefix" | "suffix"), {"equals-ignore-case": str(inner)}):
            return f"{inner}* in any case" if operator == "prefix" else f"*{inner} in any case"
        case "anything-but", _:
            return f"not {_excluded(argument)}"
        case "numeric", [_, *_]:
            return _numeric("", argument)
        case "exists", bool():
            return "anything" if argument else "absent"
        case "cidr", str():
            return argument
    return _value(wanted)


def _excluded(argument: Any) -> str:
    if isinstance(argument, Mapping) and len(argument) == 1:
        [(operator, inner)] = argument.items()
        each = inner if isinstance(inner, list) else [inner]
        return _listed([_matcher({operator: one}) for one in each])
    return _listed([_matcher(one) for one in (argument if isinstance(argument, list) else [argument])])


def _numeric(key: str, comparisons: Sequence[Any]) -> str:
    """`total > 0`, or `0 < total ≤ 100`; without a key `> 0` and `> 0, ≤ 100`."""
    pairs = [
        (str(_SIGNS.get(str(comparisons[at]), comparisons[at])), _value(comparisons[at + 1]))
        for at in range(0, len(comparisons) - 1, 2)
    ]
    if key and len(pairs) == 2 and pairs[0][0] in (">", "≥"):
        (lower, low), (upper, high) = pairs
        return f"{low} {'<' if lower == '>' else '≤'} {key} {upper} {high}"
    said = ", ".join(f"{sign} {number}" for sign, number in pairs)
    return f"{key} {said}" if key else said


def _value(value: Any) -> str:
    if isinstance(value, str):
        return value or '""'
    return json.dumps(value, ensure_ascii=False, default=str)
