"""What is written once, when the whole app is composed: the rights of a role, the statements of a queue's policy.

They are collected in Python, and each resource is set by one call. An aspect that stands on one small construct of a stack
says when: aspects run before references between stacks are resolved, and one on the stack would be called for every node.
"""

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import aws_cdk as cdk
import jsii

from cdk_event_flow.compose.known import stack_of
from constructs import IConstruct

Write = Callable[[Any], None]
Then = Callable[[], None]

_FINISHING: WeakKeyDictionary[cdk.Stack, "_AtSynth"] = WeakKeyDictionary()


def at_synth(scope: IConstruct, construct: IConstruct, kind: type[cdk.CfnResource], write: Write) -> None:
    """Call `write` with the L1 resource of `construct`, which was made in `scope` and is a `kind`, when the app is synthesized;
    at once, if it is already."""
    _finishing(scope, construct).wait(construct, kind, write)


def when_composed(scope: IConstruct, construct: IConstruct, then: Then) -> None:
    """Call `then` when all that is composed in the stack of `scope` is known and written, at the latest when the app is
    synthesized. `construct` is small, and in the stack."""
    _finishing(scope, construct).wait_for_all(then)


def _finishing(scope: IConstruct, construct: IConstruct) -> "_AtSynth":
    stack = stack_of(scope)
    finishing = _FINISHING.get(stack)
    if finishing is None:
        finishing = _FINISHING[stack] = _AtSynth(stack)
        cdk.Aspects.of(construct).add(finishing, priority=cdk.AspectPriority.MUTATING)
    return finishing


@jsii.implements(cdk.IAspect)
class _AtSynth:
    def __init__(self, stack: cdk.Stack) -> None:
        self._stack = stack
        self._waiting: list[tuple[IConstruct, type[cdk.CfnResource], Write]] = []
        self._then: list[Then] = []
        self._visited = False

    def wait(self, construct: IConstruct, kind: type[cdk.CfnResource], write: Write) -> None:
        if self._visited:
            write(construct.node.default_child)
        else:
            self._waiting.append((construct, kind, write))

    def wait_for_all(self, then: Then) -> None:
        if self._visited:
            then()
        else:
            self._then.append(then)

    def visit(self, node: IConstruct) -> None:  # noqa: ARG002
        if self._visited:
            return
        self._visited = True
        # One call for all resources; they stand right behind the constructs that made them.
        nodes = self._stack.node.find_all()
        places = {id(each): index for index, each in enumerate(nodes)}
        for construct, kind, write in self._waiting:
            start = places.get(id(construct))
            if start is not None:  # or it was taken out of the tree
                write(next(nodes[index] for index in range(start, len(nodes)) if isinstance(nodes[index], kind)))
        for then in self._then:
            then()
