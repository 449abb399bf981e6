"""Patterns in Python's words. They are plain dicts in the end: mix both as you like.

pattern(source="shop.orders", detail={"total": above(100), "region": one_of("eu", "us"), "sku": starts_with("A-") | absent()})
"""

from collections.abc import Mapping
from typing import Any

Scalar = str | int | float | bool | None


class Choice(list[Any]):
    """What may stand in a field: the list of a pattern. `|` joins two, or one and a value."""

    def __or__(self, other: "Choice | Scalar") -> "Choice":
        return Choice([*self, *(other if isinstance(other, Choice) else [other])])

    def __ror__(self, other: Scalar) -> "Choice":
        return Choice([other, *self])


def pattern(*either: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    """The pattern as EventBridge reads it.

    A field is a value, a list, a Choice or a mapping of fields; an underscore in a keyword is a hyphen (`detail_type`).
    Mappings without a name are the branches of `$or`: one of them must match, besides the fields.
    """
    made = {key.replace("_", "-"): _plain(value) for key, value in fields.items()}
    if len(either) == 1:
        return {**_plain(either[0]), **made}
    return {**made, **({"$or": [_plain(branch) for branch in either]} if either else {})}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _branches(inner) if key == "$or" else _plain(inner) for key, inner in value.items()}
    return list(value) if isinstance(value, list | tuple) else [value]


def _branches(value: Any) -> list[Any]:
    return [_plain(branch) if isinstance(branch, Mapping) else branch for branch in value]


def one_of(*values: Scalar) -> Choice:
    """One of these values."""
    return Choice(values)


def none_of(*values: str | int | float) -> Choice:
    """Present, and none of these values: all strings, or all numbers."""
    return Choice([{"anything-but": list(values)}])


def starts_with(text: str, *, any_case: bool = False) -> Choice:
    """A string that starts so."""
    return Choice([{"prefix": {"equals-ignore-case": text} if any_case else text}])


def ends_with(text: str, *, any_case: bool = False) -> Choice:
    """A string that ends so."""
    return Choice([{"suffix": {"equals-ignore-case": text} if any_case else text}])


def not_starting_with(*texts: str) -> Choice:
    """Present, and not a string that starts with one of these."""
    return Choice([{"anything-but": {"prefix": list(texts)}}])


def not_ending_with(*texts: str) -> Choice:
    """Present, and not a string that ends with one of these."""
    return Choice([{"anything-but": {"suffix": list(texts)}}])


def in_any_case(text: str) -> Choice:
    """This string, in upper or lower case."""
    return Choice([{"equals-ignore-case": text}])


def like(wildcard: str) -> Choice:
    """A string that fits: `*` is any characters, `\\*` a star, `\\\\` a backslash."""
    return Choice([{"wildcard": wildcard}])


def not_like(*wildcards: str) -> Choice:
    """Present, and not a string that fits one of these."""
    return Choice([{"anything-but": {"wildcard": list(wildcards)}}])


def in_network(cidr: str) -> Choice:
    """An IP address in the network (`10.0.0.0/8`)."""
    return Choice([{"cidr": cidr}])


def above(number: float) -> Choice:
    """A number greater than this."""
    return Choice([{"numeric": [">", number]}])


def at_least(number: float) -> Choice:
    """This number or a greater one."""
    return Choice([{"numeric": [">=", number]}])


def below(number: float) -> Choice:
    """A number less than this."""
    return Choice([{"numeric": ["<", number]}])


def at_most(number: float) -> Choice:
    """This number or a smaller one."""
    return Choice([{"numeric": ["<=", number]}])


def between(low: float, high: float) -> Choice:
    """A number from `low` to `high`, both included."""
    return Choice([{"numeric": [">=", low, "<=", high]}])


def present() -> Choice:
    """Any value at all, null too; objects and empty arrays are no values."""
    return Choice([{"exists": True}])


def absent() -> Choice:
    """No value."""
    return Choice([{"exists": False}])
