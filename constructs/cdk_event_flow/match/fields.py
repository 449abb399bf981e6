"""The fields of an event that patterns ask for, found in one walk along a tree of their paths.

Keys join with "." on both sides, so the tree is of the parts between the dots: pattern `a.b` meets `{"a": {"b": …}}`
and `{"a.b": …}`. Only scalars are fields; `{}`, `[]` and objects are not there.
"""

from collections.abc import Iterable, Mapping
from typing import Any

Place = Mapping[int, int]  # array → index of the element in it, the outermost array first
Picked = dict[str, list[tuple[Any, Place]]]

_NOWHERE: Place = {}


class Node:
    """A point of the tree: `at` is the number of the path that ends here, or -1."""

    __slots__ = ("at", "children", "path")

    def __init__(self) -> None:
        self.at = -1
        self.path = ""
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
        node.at, node.path = at, path
    return root


def pick(root: Node, event: Mapping[str, Any]) -> Picked:
    """The values of each path, and in which elements of which arrays each stands."""
    found: Picked = {}
    arrays = 0
    todo: list[tuple[Node, Any, Place]] = [(root, event, _NOWHERE)]
    while todo:
        node, value, place = todo.pop()
        if isinstance(value, dict):
            for key in reversed(value):
                child = node.children.get(key) or (node.under(key) if isinstance(key, str) and "." in key else None)
                if child is not None:
                    todo.append((child, value[key], place))
        elif isinstance(value, list):
            arrays += 1
            todo.extend((node, value[index], {**place, arrays: index}) for index in range(len(value) - 1, -1, -1))
        elif node.at >= 0:
            found.setdefault(node.path, []).append((value, place))
    return found


class Gathered:
    """The values by number of path, without their places. Sets of paths are numbers, a bit a path.

    `listed` are the paths with a value in an array; of each outermost array with several paths, `together` has their set.
    """

    __slots__ = ("listed", "together", "values")

    def __init__(self) -> None:
        self.values: dict[int, list[Any]] = {}
        self.listed = 0
        self.together: list[int] = []


def gather(root: Node, event: Mapping[str, Any]) -> Gathered:
    """The same walk, for speed: most events need no more than the values."""
    found = Gathered()
    values = found.values
    todo: list[tuple[Node, Mapping[str, Any]]] = [(root, event)]
    while todo:
        node, level = todo.pop()
        children = node.children
        for key, value in level.items():
            if key in children:
                child = children[key]
            elif isinstance(key, str) and "." in key and (dotted := node.under(key)):
                child = dotted
            else:
                continue
            if isinstance(value, dict):
                todo.append((child, value))
            elif isinstance(value, list):
                _gather_array(child, value, found)
            elif child.at >= 0:
                if child.at in values:
                    values[child.at].append(value)
                else:
                    values[child.at] = [value]
    return found


def _gather_array(node: Node, array: list[Any], found: Gathered) -> None:
    values, under = found.values, 0
    todo: list[tuple[Node, Any]] = [(node, array)]
    while todo:
        node, value = todo.pop()
        if isinstance(value, list):
            todo.extend([(node, each) for each in value])
        elif isinstance(value, dict):
            children = node.children
            for key, inner in value.items():
                if key in children:
                    todo.append((children[key], inner))
                elif isinstance(key, str) and "." in key and (dotted := node.under(key)):
                    todo.append((dotted, inner))
        elif node.at >= 0:
            under |= 1 << node.at
            if node.at in values:
                values[node.at].append(value)
            else:
                values[node.at] = [value]
    found.listed |= under
    if under & (under - 1):
        found.together.append(under)
