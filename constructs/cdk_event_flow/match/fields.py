"""The fields of an event that patterns ask for, found in one walk along a tree of their paths.

Keys join with "." on both sides, so the tree is of the parts between the dots: pattern `a.b` meets `{"a": {"b": …}}`
and `{"a.b": …}`. Only scalars are fields; `{}`, `[]` and objects are not there.
"""

from collections.abc import Iterable, Mapping
from typing import Any

# The array elements that a value stands in, innermost first: () or (outer place, array, index).
Place = tuple[()] | tuple[Any, int, int]


class Node:
    """A point of the tree: `at` is the number of the path that ends here, or -1."""

    __slots__ = ("at", "children")

    def __init__(self) -> None:
        self.at = -1
        self.children: dict[str, Node] = {}

    def under(self, key: str) -> "Node | None":
        """The point that a key with dots in it leads to."""
        node: Node | None = self
        for part in key.split("."):
            node = node.children.get(part) if node else None
        return node


def tree(paths: Iterable[str]) -> Node:
    """The tree of the paths, numbered in the order given."""
    root = Node()
    for at, path in enumerate(paths):
        node = root
        for part in path.split("."):
            child = node.children.get(part)
            if child is None:
                child = node.children[part] = Node()
            node = child
        node.at = at
    return root


class Fields:
    """The values by number of path. Sets of paths are numbers, a bit a path.

    `listed` are the paths with a value in an array; only these have `places`, one for each value. Of each outermost array
    with several paths in it, `together` has their set.
    """

    __slots__ = ("arrays", "listed", "places", "together", "values")

    def __init__(self) -> None:
        self.values: dict[int, list[Any]] = {}
        self.places: dict[int, list[Place]] = {}
        self.listed = 0
        self.together: list[int] = []
        self.arrays = 0


def gather(root: Node, event: Mapping[str, Any]) -> Fields:
    """One walk; depth is no limit."""
    found = Fields()
    values = found.values
    todo: list[tuple[Node, Mapping[str, Any]]] = [(root, event)]
    while todo:
        node, level = todo.pop()
        children = node.children
        for key, value in level.items():
            if key in children:
                child = children[key]
            elif "." in key and (dotted := node.under(key)):
                child = dotted
            else:
                continue
            if isinstance(value, dict):
                todo.append((child, value))
            elif isinstance(value, list):
                _gather_array(child, value, found)
            elif child.at >= 0:
                if child.at in values:
                    _add(found, child.at, value, ())
                else:
                    values[child.at] = [value]
    return found


def _gather_array(node: Node, array: list[Any], found: Fields) -> None:
    under = 0
    todo: list[tuple[Node, Any, Place]] = [(node, array, ())]
    while todo:
        node, value, place = todo.pop()
        if isinstance(value, list):
            found.arrays += 1
            number = found.arrays
            todo.extend([(node, value[index], (place, number, index)) for index in range(len(value) - 1, -1, -1)])
        elif isinstance(value, dict):
            children = node.children
            for key, inner in value.items():
                if key in children:
                    todo.append((children[key], inner, place))
                elif "." in key and (dotted := node.under(key)):
                    todo.append((dotted, inner, place))
        elif node.at >= 0:
            under |= 1 << node.at
            _add(found, node.at, value, place)
    found.listed |= under
    if under & (under - 1):
        found.together.append(under)


def _add(found: Fields, at: int, value: Any, place: Place) -> None:
    values = found.values.setdefault(at, [])
    if place and at not in found.places:
        found.places[at] = [()] * len(values)
    if at in found.places:
        found.places[at].append(place)
    values.append(value)
