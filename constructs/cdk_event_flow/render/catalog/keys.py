"""Names as keys of a document and as names of files."""

import re
from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")

_LONGEST = 80  # characters; file systems take 255 bytes


def keys_of(things: Iterable[T], name: Callable[[T], str]) -> dict[str, T]:
    """Each thing under a key of its own, made of its name: letters, digits, `-`, `_` and `.`; small letters differ.

    Two of one key, also where only the case of letters differs, are told apart by a number: some file systems do not see it.
    """
    keyed: dict[str, T] = {}
    used: set[str] = set()
    for thing in things:
        key = base = re.sub(r"[^A-Za-z0-9_.-]+", "-", name(thing)).strip("-.")[:_LONGEST] or "unnamed"
        number = 1
        while key.lower() in used:
            number += 1
            key = f"{base}-{number}"
        used.add(key.lower())
        keyed[key] = thing
    return keyed
