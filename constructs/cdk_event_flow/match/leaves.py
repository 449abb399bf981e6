"""Reads one element of a list of matchers; says what AWS says of what it refuses."""

import difflib
import ipaddress
from collections.abc import Callable
from math import isfinite
from typing import Any

from cdk_event_flow.errors import PatternError
from cdk_event_flow.match.operators.anything_but import AnythingBut
from cdk_event_flow.match.operators.base import Leaf, is_number
from cdk_event_flow.match.operators.cidr import Cidr
from cdk_event_flow.match.operators.exact import Exact
from cdk_event_flow.match.operators.exists import Exists
from cdk_event_flow.match.operators.numeric import Numeric
from cdk_event_flow.match.operators.text import EqualsIgnoreCase, Prefix, Suffix
from cdk_event_flow.match.operators.wildcard import Wildcard

WILDCARD_ACCEPTED = 7  # AWS takes patterns of this complexity and refuses 11; between them nothing is recorded
WILDCARD_REFUSED = 11

Operator = Callable[[Any, str], Leaf]


def leaf(element: Any, path: str, operators: frozenset[str]) -> Leaf:
    """A literal or an operator object. Raises PatternError."""
    if isinstance(element, list):
        raise PatternError("Match value must be String, number, true, false, or null", path=path)
    if not isinstance(element, dict):
        return Exact(element)
    if len(element) != 1:
        raise PatternError("Only one key allowed in match expression", path=path)
    [(name, value)] = element.items()
    if name not in operators:
        near = difflib.get_close_matches(name.lower(), operators, n=1)
        fix = f"did you mean {near[0]}?" if near else f"use one of {', '.join(sorted(operators))}"
        raise PatternError(f"Unrecognized match type {name}", path=path, fix=fix)
    return _READERS[name](value, path)


def _text(value: Any, name: str, path: str) -> str:
    if not isinstance(value, str):
        raise PatternError(f"{name} match pattern must be a string", path=path)
    return value


def _affix(value: Any, path: str, *, of: type[Prefix] | type[Suffix]) -> Leaf:
    name = of.__name__.lower()
    if isinstance(value, dict):
        if list(value) != ["equals-ignore-case"]:
            raise PatternError(f"Unsupported anything-but pattern: {next(iter(value), '')}", path=path)
        return of(_text(value["equals-ignore-case"], "equals-ignore-case", path), ignore_case=True)
    return of(_text(value, name, path))


def _prefix(value: Any, path: str) -> Leaf:
    return _affix(value, path, of=Prefix)


def _suffix(value: Any, path: str) -> Leaf:
    return _affix(value, path, of=Suffix)


def _equals_ignore_case(value: Any, path: str) -> Leaf:
    return EqualsIgnoreCase(_text(value, "equals-ignore-case", path))


def _wildcard(value: Any, path: str) -> Leaf:
    text = _text(value, "wildcard", path)
    at, stars = 0, 0
    while at < len(text):
        if text[at] == "\\":
            if text[at + 1 : at + 2] not in ("*", "\\"):
                raise PatternError(f"Invalid escape character at pos {at}", path=path)
            at += 1
        elif text[at] == "*":
            stars += 1
            if text[at + 1 : at + 2] == "*":
                raise PatternError(f"Consecutive wildcard characters at pos {at + 1}", path=path)
        at += 1
    if _complexity(text) >= WILDCARD_REFUSED:
        raise PatternError(
            "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences "
            "after a wildcard character",
            path=path,
        )
    return Wildcard(text)


def _complexity(text: str) -> int:
    """How many states of the pattern one character can keep alive: the repeats after its wildcards."""
    parts = text.split("*")[1:]
    return max((sum(part.startswith(start) for part in parts) for start in {p[:1] for p in parts if p}), default=0) * 3


def _cidr(value: Any, path: str) -> Leaf:
    text = _text(value, "prefix", path)  # AWS's own word for it
    address, slash, bits = text.partition("/")
    if not slash or "/" in bits:
        raise PatternError("Malformed CIDR, one '/' required", path=path)
    if not bits.isdigit():
        raise PatternError("Malformed CIDR, mask bits must be an integer", path=path)
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        raise PatternError(f"Nonstandard IP address: {address}", path=path) from None
    if int(bits) > parsed.max_prefixlen:
        raise PatternError("Malformed CIDR, mask bits must be < " + str(parsed.max_prefixlen + 1), path=path)
    return Cidr(ipaddress.ip_network(text, strict=False))


def _exists(value: Any, path: str) -> Leaf:
    if not isinstance(value, bool):
        raise PatternError("exists match pattern must be either true or false.", path=path)
    return Exists(value)


def _numeric(value: Any, path: str) -> Leaf:
    if not isinstance(value, list):
        raise PatternError("Value of numeric must be an array.", path=path)
    if not value:
        raise PatternError("Invalid member in numeric match: ]", path=path)
    first = value[0]
    if not isinstance(first, str):
        raise PatternError(f"Invalid member in numeric match: {first}", path=path)
    if first not in ("<", "<=", ">", ">=", "="):
        raise PatternError(f"Unrecognized numeric range operator: {first}", path=path)
    low = _threshold(value, 1, first, path)
    if len(value) == 2:
        return Numeric(((first, low),))
    if first in ("<", "<=", "="):
        raise PatternError("Too many elements in numeric expression", path=path)
    second = value[2]
    if not isinstance(second, str):
        raise PatternError(f"Bad value in numeric range: {second}", path=path)
    if second not in ("<", "<="):
        raise PatternError(f"Bad numeric range operator: {second}", path=path)
    high = _threshold(value, 3, second, path)
    if len(value) > 4:
        raise PatternError("Too many terms in numeric range expression", path=path)
    if low > high or (low == high and (first, second) != (">=", "<=")):
        raise PatternError("Bottom must be less than top", path=path)
    return Numeric(((first, low), (second, high)))


def _threshold(value: list[Any], at: int, operator: str, path: str) -> float:
    threshold: Any = value[at] if len(value) > at else None
    if not is_number(threshold):
        raise PatternError(f"Value of {'equals' if operator == '=' else operator} must be numeric", path=path)
    if not isfinite(threshold) or (isinstance(threshold, int) and abs(threshold) > 2**53):
        raise PatternError(f"Cannot compare number : {threshold}", path=path)
    return float(threshold)


def _anything_but(value: Any, path: str) -> Leaf:
    if isinstance(value, dict):
        if len(value) != 1:
            raise PatternError("Only one key allowed in match expression", path=path)
        [(name, inner)] = value.items()
        return AnythingBut(_anything_but_nested(name, inner, path))
    values = value if isinstance(value, list) else [value]
    if not isinstance(value, list | str | int | float) or isinstance(value, bool):
        raise PatternError("Value of anything-but must be an array or single string/number value.", path=path)
    if not values:
        raise PatternError("Empty arrays are not allowed", path=path)
    if not all(isinstance(each, str) or is_number(each) for each in values):
        raise PatternError("Inside anything but list, start|null|boolean is not supported.", path=path)
    if len({isinstance(each, str) for each in values}) > 1:
        wording = "Inside anything but list, either all values are number or string, mixed type is not supported"
        raise PatternError(wording, path=path)
    return AnythingBut(tuple(Exact(each) for each in values))


def _anything_but_nested(name: str, inner: Any, path: str) -> tuple[Leaf, ...]:
    if name not in ("prefix", "suffix", "equals-ignore-case", "wildcard"):
        raise PatternError(f"Unsupported anything-but pattern: {name}", path=path)
    if isinstance(inner, dict):
        raise PatternError("Value of anything-but must be an array or single string/number value.", path=path)
    values = inner if isinstance(inner, list) else [inner]
    if not values:
        raise PatternError("Empty arrays are not allowed", path=path)
    for each in values:
        if isinstance(each, str):
            if not each and name in ("prefix", "suffix"):
                raise PatternError("Null prefix/suffix not allowed", path=path)
        elif name == "equals-ignore-case":
            wording = "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported."
            raise PatternError(wording, path=path)
        elif name == "wildcard":
            raise PatternError("wildcard match pattern must be a string", path=path)
        else:
            raise PatternError("prefix/suffix match pattern must be a string", path=path)
    return tuple(_READERS[name](each, path) for each in values)


_READERS: dict[str, Operator] = {
    "prefix": _prefix,
    "suffix": _suffix,
    "equals-ignore-case": _equals_ignore_case,
    "wildcard": _wildcard,
    "cidr": _cidr,
    "exists": _exists,
    "numeric": _numeric,
    "anything-but": _anything_but,
}
ALL_OPERATORS = frozenset(_READERS)
