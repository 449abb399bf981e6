"""What every operator is, and how JSON values are told apart, compared and said."""

import json
from typing import Any, Protocol

from cdk_event_flow.errors import PatternError

EXACT_INTEGERS = 2**63  # beyond it integers compare as doubles, as JSON readers without big integers hold them


class Leaf(Protocol):
    """One element of a list of matchers. Hashable; equal leaves pass the same values."""

    def matches(self, value: Any) -> bool:
        """Whether a JSON scalar of the event passes."""
        ...

    def wanted(self) -> str:
        """What passes, in words, after "wanted"."""
        ...


def is_number(value: Any) -> bool:
    """JSON numbers; Python's bool is an int and must not pass for one."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def comparable(number: float) -> float:
    """The number as it is compared: integers beyond 64 bits become doubles where a double can hold them."""
    if not -EXACT_INTEGERS <= number < EXACT_INTEGERS:
        try:
            return float(number)
        except OverflowError:
            return number
    return number


def read_text(value: Any, name: str, path: str) -> str:
    """The operand of an operator that takes a string. Raises PatternError."""
    if not isinstance(value, str):
        raise PatternError(f"{name} match pattern must be a string", path=path)
    return value


def say(value: Any) -> str:
    """A JSON value as it stands in JSON."""
    return json.dumps(value, ensure_ascii=False)


def either(words: list[str]) -> str:
    """`"eu" or "us"`, `1, 2 or 3`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
