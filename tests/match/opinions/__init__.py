"""moto's matchers as a second opinion on ours, where moto is right. Where it is wrong stands in lists, each with an example."""

from collections.abc import Callable
from typing import Any, NamedTuple

from tests.match import reference

ABSENT = object()


class Wrong(NamedTuple):
    """What moto does wrong, the shape of pattern and event on which it does, and a pair on which its answer is not ours."""

    what: str
    holds: Callable[[dict, dict], bool]
    pattern: dict
    event: dict


class Opinion(NamedTuple):
    """Both answers on one pair; moto's may be an error. `known` is what moto is known to do wrong there, if anything."""

    pattern: dict
    event: dict
    ours: bool
    theirs: Any
    known: str | None

    @property
    def differs(self):
        """Whether one of the two must be mended, or the lists."""
        return self.known is None and self.ours != self.theirs


def opinion(pattern, event, ours, theirs, wrong):
    """`ours` and `theirs` are asked; an error is an answer."""
    try:
        said = theirs()
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
    return Opinion(pattern, event, ours(), said, next((each.what for each in wrong if each.holds(pattern, event)), None))


def paths(pattern, prefix=""):
    """(path, leaves) of a pattern, as often as they are written; branches of `$or` too."""
    for key, value in pattern.items():
        if key == "$or" and reference.is_or(value):
            for branch in value:
                yield from paths(branch, prefix)
        elif isinstance(value, dict):
            yield from paths(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def flat(event, prefix="", into=None):
    """The event by dotted path, where arrays and empty objects are values; and the paths that stand there twice."""
    found, twice = into if into is not None else ({}, set())
    for key, value in event.items():
        path = f"{prefix}{key}"
        if isinstance(value, dict) and value:
            flat(value, f"{path}.", (found, twice))
        else:
            if path in found:
                twice.add(path)
            found[path] = value
    return found, twice


def met(pattern, event):
    """(leaf, value) for every leaf and each value that it may be asked about: elements of an array, `ABSENT` for none."""
    found, _ = flat(event)
    for path, leaves in paths(pattern):
        value = found.get(path, ABSENT)
        for leaf in leaves:
            for each in value if isinstance(value, list) and value else [value]:
                yield leaf, each


def operands(leaf):
    """The scalars that a leaf compares with."""
    if isinstance(leaf, dict):
        return [each for operand in leaf.values() for each in operands(operand)]
    return [each for inner in leaf for each in operands(inner)] if isinstance(leaf, list) else [leaf]


def operators(leaf):
    """The names of a leaf's operators, inner ones too."""
    if not isinstance(leaf, dict):
        return set()
    return set(leaf) | {name for operand in leaf.values() for name in operators(operand)}
