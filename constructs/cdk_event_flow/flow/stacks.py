"""Stacks that are read together: what one exports or outputs, another imports, in any order."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from cdk_event_flow.flow.model import Unknown

if TYPE_CHECKING:
    from cdk_event_flow.flow.resolve import Resolver

A = TypeVar("A")

DEEPEST = 64  # deeper than people nest values and refer on, and not too deep for Python's stack


class Stacks:
    """The resolvers of one reading."""

    def __init__(self) -> None:
        self._all: list[Resolver] = []
        self._exports: dict[str, tuple[Resolver, str]] | None = None
        self._depth = 0

    def __iter__(self) -> "Iterator[Resolver]":
        return iter(self._all)

    def add(self, resolver: "Resolver") -> None:
        """Take in one more stack."""
        self._all.append(resolver)
        self._exports = None

    def one_level_deeper(self, resolve: Callable[[A], Any], raw: A) -> Any:
        """`resolve(raw)`, or Unknown where values are nested, or refer to each other, deeper than is sensible."""
        if self._depth >= DEEPEST:
            return Unknown(f"it is nested deeper than {DEEPEST} levels")
        self._depth += 1
        try:
            return resolve(raw)
        finally:
            self._depth -= 1

    def export(self, name: str) -> Any:
        """What the export of this name is: resolved when it is asked for, so stacks may import from each other in any order."""
        if self._exports is None:
            self._exports = {}
            self._exports.update(self._named())
        if name not in self._exports:
            return Unknown(f"export {name} is of a stack that is not here")
        resolver, output = self._exports[name]
        return resolver.output(output)

    def output(self, stack: str, name: str, region: str) -> Any:
        """An output of the stack of this name (`Fn::GetStackOutput`), in this region where there are several."""
        named = [each for each in self._all if each.stack == stack]
        if not named:
            return Unknown(f"output {name} is of the stack {stack}, which is not here")
        return next((each for each in named if each.region == region), named[0]).output(name)

    def _named(self) -> "Iterator[tuple[str, tuple[Resolver, str]]]":
        for resolver in self._all:
            for name, output in resolver.section("Outputs").items():
                export = output.get("Export") if isinstance(output, dict) else None
                given = resolver.value(export.get("Name")) if isinstance(export, dict) else None
                if isinstance(given, str):
                    yield given, (resolver, name)
