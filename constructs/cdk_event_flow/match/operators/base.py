"""What every operator is, and how JSON values are told apart and said."""

import json
from typing import Any, Protocol


class Leaf(Protocol):
    """One element of a list of matchers."""

    def matches(self, value: Any) -> bool:
        """Whether a JSON scalar of the event passes."""
        ...

    def wanted(self) -> str:
        """What passes, in words, after "wanted"."""
        ...


def is_number(value: Any) -> bool:
    """JSON numbers; Python's bool is an int and must not pass for one."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def say(value: Any) -> str:
    """A JSON value as it stands in JSON."""
    return json.dumps(value, ensure_ascii=False)


def either(words: list[str]) -> str:
    """`"eu" or "us"`, `1, 2 or 3`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
