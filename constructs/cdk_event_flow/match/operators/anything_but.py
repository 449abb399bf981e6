"""`anything-but`: every value that is there, but for these."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cdk_event_flow.errors import PatternError
from cdk_event_flow.match.dialects import Dialect
from cdk_event_flow.match.operators import equals_ignore_case, exact, prefix, suffix, wildcard
from cdk_event_flow.match.operators.base import Leaf, either, is_number

_NESTED: Mapping[str, Any] = {
    "prefix": prefix.read,
    "suffix": suffix.read,
    "equals-ignore-case": equals_ignore_case.read,
    "wildcard": wildcard.read,
}
_NOT_TEXT = {
    "equals-ignore-case": "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
    "wildcard": "wildcard match pattern must be a string",
}


@dataclass(frozen=True, slots=True)
class AnythingBut:
    """Passes what none of `excluded` matches. Strict about types: "5" passes `anything-but: [5]`; null passes."""

    excluded: tuple[Leaf, ...]

    def matches(self, value: Any) -> bool:
        """Whether none of the excluded matches."""
        return not any(leaf.matches(value) for leaf in self.excluded)

    def wanted(self) -> str:
        """In words."""
        return f"anything but {either([leaf.wanted() for leaf in self.excluded])}"


def read(value: Any, path: str, dialect: Dialect) -> AnythingBut:
    """A string, a number, a list of either, or an operator on strings. Raises PatternError."""
    if isinstance(value, dict):
        if len(value) != 1:
            raise PatternError("Only one key allowed in match expression", path=path)
        [(name, inner)] = value.items()
        return AnythingBut(_nested(name, inner, path, dialect))
    values = value if isinstance(value, list) else [value]
    if not isinstance(value, list | str | int | float) or isinstance(value, bool):
        raise PatternError("Value of anything-but must be an array or single string/number value.", path=path)
    if not values:
        raise PatternError("Empty arrays are not allowed", path=path)
    if not all(isinstance(each, str) or is_number(each) for each in values):
        raise PatternError("Inside anything but list, start|null|boolean is not supported.", path=path)
    if len({isinstance(each, str) for each in values}) > 1:
        wording = "Inside anything but list, either all values are number or string, mixed type is not supported"
        raise PatternError(wording, path=path, fix="write one list of strings or one of numbers")
    return AnythingBut(tuple(exact.read(each, path) for each in values))


def _nested(name: str, inner: Any, path: str, dialect: Dialect) -> tuple[Leaf, ...]:
    if name not in dialect.inside_anything_but:
        inside = ", ".join(sorted(dialect.inside_anything_but))
        fix = f"{dialect.name} takes {inside or 'only values'} inside anything-but"
        raise PatternError(f"Unsupported anything-but pattern: {name}", path=path, fix=fix)
    if not dialect.lists_inside_anything_but and not isinstance(inner, str):
        raise PatternError(f"{name} match pattern must be a string", path=path)
    if isinstance(inner, dict):
        raise PatternError("Value of anything-but must be an array or single string/number value.", path=path)
    values = inner if isinstance(inner, list) else [inner]
    if not values:
        raise PatternError("Empty arrays are not allowed", path=path)
    for each in values:
        if not isinstance(each, str):
            raise PatternError(_NOT_TEXT.get(name, "prefix/suffix match pattern must be a string"), path=path)
        if not each and name in ("prefix", "suffix"):
            raise PatternError("Null prefix/suffix not allowed", path=path)
    return tuple(_NESTED[name](each, path) for each in values)
