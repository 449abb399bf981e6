"""What names a mutant for good: its function, wherever that stands in its file. A function that changes is tried again."""

import ast
import hashlib
from collections import Counter
from dataclasses import dataclass

from tests.mutants.mutations import Mutation, mutations


@dataclass(frozen=True, kw_only=True)
class Named:
    """A mutation, its id within the file as it is now, and what names it as long as its function does not change."""

    id: str
    function: str
    key: str
    mutation: Mutation


def named(source):
    """Every mutation of a file, and the file's tree."""
    tree = ast.parse(source)
    texts = source.splitlines()
    units = sorted(_units(tree), key=lambda each: _begin(each[1]))
    seen = Counter()
    found = []
    for each in mutations(tree):
        seen[each.id] += 1
        id = each.id + (f" ({seen[each.id]})" if seen[each.id] > 1 else "")
        function, unit = [unit for unit in units if _begin(unit[1]) <= each.line][-1]
        last = _begin(unit.body[0]) - 1 if isinstance(unit, ast.ClassDef) else unit.end_lineno
        digest = hashlib.sha256("\n".join(texts[_begin(unit) - 1 : last]).encode()).hexdigest()[:16]
        place = f"{each.line - _begin(unit)}{id.removeprefix(str(each.line))}"
        found.append(Named(id=id, function=function, key=f"{digest} {place}", mutation=each))
    return found, tree


def _units(tree):
    """Functions, methods, and the other statements of a module and a class, each with its name."""
    for each in tree.body:
        name = getattr(each, "name", "")
        yield name, each
        if isinstance(each, ast.ClassDef):
            yield from ((f"{name}.{getattr(inner, 'name', '')}".rstrip("."), inner) for inner in each.body)


def _begin(unit):
    """The line of its first decorator, or its own."""
    return min([unit.lineno, *(each.lineno for each in getattr(unit, "decorator_list", ()))])
