"""Functions with their versions and aliases: which code an ARN means, and how many environments are to wait for it."""

import random
from collections.abc import Iterable

from cdk_event_flow.flow.model import Alias, Function, Version

# A function's ARN and a version of it: environments of one key are interchangeable.
Key = tuple[str, str]


class Published:
    """What can be invoked. `rng` makes the choice between an alias's versions."""

    def __init__(
        self, functions: Iterable[Function], versions: Iterable[Version], aliases: Iterable[Alias], *, rng: random.Random
    ) -> None:
        self.functions = {function.arn: function for function in functions}
        self._versions = {version.arn: version for version in versions}
        self._aliases = {alias.arn: alias for alias in aliases}
        self._rng = rng

    def choose(self, arn: str) -> tuple[Function, str]:
        """The function and the version that `arn` stands for this time. Raises KeyError."""
        if (alias := self._aliases.get(arn)) is not None:
            chosen = alias.version_arn
            point = self._rng.random() if alias.weights else 1.0
            for version_arn, weight in alias.weights.items():
                if point < weight:
                    chosen = version_arn
                    break
                point -= weight
            return self.choose(chosen)
        if (version := self._versions.get(arn)) is not None:
            return self.functions[version.function_arn], version.version
        name, _, number = arn.rpartition(":")
        if number.isdigit() and name in self.functions:
            return self.functions[name], number  # an older version: its code is not here, the newest runs in its name
        return self.functions[arn.removesuffix(":$LATEST")], "$LATEST"

    def usual_version(self, function: Function) -> str:
        """The version that its new code will be."""
        return next((v.version for v in self._versions.values() if v.function_arn == function.arn), "$LATEST")

    def provisioned(self) -> dict[Key, int]:
        """How many environments are provisioned for which version: by the version itself, or by an alias for what it points at."""
        wanted: dict[Key, int] = {}
        nodes: list[Version | Alias] = [*self._versions.values(), *self._aliases.values()]
        for node in nodes:
            if node.provisioned and node.function_arn in self.functions:
                function, version = self.choose(node.version_arn if isinstance(node, Alias) else node.arn)
                key = (function.arn, version)
                wanted[key] = wanted.get(key, 0) + node.provisioned
        return wanted
