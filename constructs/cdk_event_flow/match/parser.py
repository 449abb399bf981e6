"""A pattern as its alternatives: each maps paths to the leaves of which one must match there."""

import json
from typing import Any, NoReturn

from cdk_event_flow.errors import PatternError
from cdk_event_flow.match.dialects import EVENTBRIDGE, OPERATORS, Dialect
from cdk_event_flow.match.leaves import leaf
from cdk_event_flow.match.operators.base import Leaf
from cdk_event_flow.match.operators.numeric import Beyond

MAX_ALTERNATIVES = 1_000  # EventBridge: the product of `$or` branches
RESERVED = frozenset({*OPERATORS, "anything-but-prefix", "rule", "regex"})

Leaves = tuple[Leaf, ...]
Alternative = dict[str, Leaves]


def load(pattern: dict[str, Any] | str, dialect: Dialect = EVENTBRIDGE) -> dict[str, Any]:
    """The pattern as a dict. Raises PatternError when it is not a JSON object, or too long."""
    if isinstance(pattern, str):
        _refuse_length(len(pattern), dialect)
        try:
            pattern = _DECODER.decode(pattern)
        except (ValueError, RecursionError) as error:
            raise PatternError(f"Event pattern is not valid JSON: {error}", fix="correct the JSON") from None
    if not isinstance(pattern, dict):
        raise PatternError("Filter is not an object", fix="write the pattern as a JSON object")
    return pattern


def size(pattern: dict[str, Any]) -> int:
    """The characters of the pattern as compact JSON."""
    return len(json.dumps(pattern, ensure_ascii=False, separators=(",", ":")))


class Columns:
    """A pattern's alternatives, path by path: which leaves stand there in which alternatives.

    `$or` multiplies alternatives that are alike but for a few paths; so a set of alternatives is a number with a bit for
    each, and what they share is held once.
    """

    __slots__ = ("count", "lists")

    def __init__(self, count: int = 1, lists: dict[str, list[tuple[Leaves, int]]] | None = None) -> None:
        self.count = count
        self.lists = lists or {}

    def write(self, path: str, leaves: Leaves) -> None:
        """All alternatives ask for this; what they asked for on the path before is replaced."""
        self.lists[path] = [(leaves, (1 << self.count) - 1)]

    def alternative(self, number: int) -> Alternative:
        """One of them."""
        return {path: leaves for path, lists in self.lists.items() for leaves, who in lists if who >> number & 1}

    def alternatives(self) -> list[Alternative]:
        """All of them."""
        return [self.alternative(number) for number in range(self.count)]


def parse(pattern: dict[str, Any], dialect: Dialect = EVENTBRIDGE) -> Columns:
    """Expand `$or`; a second write to a path replaces the first, in the order written. Raises PatternError."""
    if not pattern:
        raise PatternError("Empty objects are not allowed")
    try:
        found = _walk(pattern, None, Columns(), dialect)
        _refuse_length(size(pattern), dialect)
    except RecursionError:
        raise PatternError("Event pattern is nested too deeply", fix="flatten the pattern") from None
    return found


def _walk(level: dict[str, Any], prefix: str | None, found: Columns, dialect: Dialect) -> Columns:
    for key, value in level.items():
        if not isinstance(key, str):
            raise PatternError(f"{key!r} must be a string", path=prefix or "", fix="write keys as strings")
        path = key if prefix is None else f"{prefix}.{key}"
        if isinstance(value, dict):
            if not value:
                raise PatternError("Empty objects are not allowed", path=path)
            found = _walk(value, path, found, dialect)
        elif not isinstance(value, list):
            fix = f"write [{value!r}]" if isinstance(value, str | int | float | None) else "write a list of values"
            raise PatternError(f'"{key}" must be an object or an array', path=path, fix=fix)
        elif key == "$or" and is_or(value):
            found = _fork(value, path, prefix, found, dialect)
        else:
            if not value:
                raise PatternError("Empty arrays are not allowed", path=path)
            if key == "$or":
                _refuse_almost_or(value, path)
            found.write(path, tuple(leaf(element, path, dialect) for element in value))
    return found


def _fork(branches: list[dict[str, Any]], path: str, prefix: str | None, found: Columns, dialect: Dialect) -> Columns:
    forked, joined = Columns(0), dict[str, dict[int, tuple[Leaves, int]]]()
    for at, branch in enumerate(branches):
        if forked.count + found.count * (len(branches) - at) > MAX_ALTERNATIVES:
            fix = f"these $or make more than {MAX_ALTERNATIVES:,} combinations; split the rule"
            raise PatternError("Rule is too complex - try using fewer $or branches", path=path, fix=fix)
        part = _walk(branch, prefix, Columns(found.count, dict(found.lists)), dialect)
        for name, lists in part.lists.items():
            into = joined.setdefault(name, {})
            for leaves, who in lists:
                before = into[id(leaves)][1] if id(leaves) in into else 0
                into[id(leaves)] = (leaves, before | who << forked.count)
        forked.count += part.count
    forked.lists = {name: list(lists.values()) for name, lists in joined.items()}
    return forked


def is_or(value: Any) -> bool:
    """`$or` is the operator only as an array of at least two objects with no reserved word inside."""
    return (
        isinstance(value, list)
        and len(value) >= 2
        and all(isinstance(branch, dict) and branch and not RESERVED.intersection(branch) for branch in value)
    )


def _refuse_almost_or(value: list[Any], path: str) -> None:
    """A field may be named `$or`, but objects of fields say that the operator was meant."""
    objects = [each for each in value if isinstance(each, dict)]
    if not objects or any(RESERVED.intersection(each) for each in objects):
        return
    if len(objects) < len(value):
        raise PatternError("Only JSON object is allowed in array of $or relationship.", path=path)
    if len(value) < 2:
        raise PatternError("There must have at least 2 Objects in $or relationship.", path=path)


def _refuse_length(characters: int, dialect: Dialect) -> None:
    if characters > dialect.max_characters:
        raise PatternError(
            f"Event pattern is too long: {characters:,} characters",
            fix=f"{dialect.name} takes at most {dialect.max_characters:,} characters; split it",
        )


def _number(text: str) -> float:
    """A float that remembers its text when a double cannot hold it."""
    value = float(text)
    if value in (0.0, float("inf"), float("-inf")) and any(digit in "123456789" for digit in text.lower().partition("e")[0]):
        beyond = Beyond(value)
        beyond.text = text
        return beyond
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


_DECODER = json.JSONDecoder(parse_float=_number, parse_constant=_no_constant)
