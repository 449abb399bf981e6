"""What is known of constructs on this side of the bridge, so that nothing is read over it twice: a call takes a third of a
millisecond, and a stack has thousands of things that could be asked for."""

from collections.abc import Callable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import aws_cdk as cdk

from constructs import Construct, IConstruct

Made = TypeVar("Made")

_PATHS: WeakKeyDictionary[IConstruct, str] = WeakKeyDictionary()
_STACKS: WeakKeyDictionary[IConstruct, cdk.Stack] = WeakKeyDictionary()
_ONCE: WeakKeyDictionary[cdk.Stack, dict[str, Any]] = WeakKeyDictionary()


def remember(construct: Construct, scope: Construct, id: str) -> None:
    """Note where a construct of ours was made."""
    _PATHS[construct] = f"{path_of(scope)}/{id.replace('/', '--')}".lstrip("/")
    _STACKS[construct] = stack_of(scope)


def path_of(construct: IConstruct) -> str:
    """The construct's path: `Shop/Billing`."""
    if construct not in _PATHS:
        _PATHS[construct] = construct.node.path
    return _PATHS[construct]


def stack_of(construct: IConstruct) -> cdk.Stack:
    """The construct's stack."""
    if isinstance(construct, cdk.Stack):
        return construct
    if construct not in _STACKS:
        _STACKS[construct] = cdk.Stack.of(construct)
    return _STACKS[construct]


def once(scope: IConstruct, id: str, make: Callable[[cdk.Stack], Made]) -> Made:
    """The stack's one child with this id, made on first use."""
    stack = stack_of(scope)
    made = _ONCE.setdefault(stack, {})
    if id not in made:
        found: Any = stack.node.try_find_child(id)
        made[id] = found or make(stack)
    result: Made = made[id]
    return result


def value_of(scope: IConstruct, name: str, read: Callable[[cdk.Stack], Made]) -> Made:
    """Something of the stack that does not change, read once: its account, a setting of its context."""
    values = _ONCE.setdefault(stack_of(scope), {})
    if f"value of {name}" not in values:
        values[f"value of {name}"] = read(stack_of(scope))
    result: Made = values[f"value of {name}"]
    return result
