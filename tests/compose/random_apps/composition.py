"""An app on its way: what has been made so far, and who hears which events."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple


class Made(NamedTuple):
    """A construct, and the number of its stack: what stands in a stack refers to its own and to earlier ones only."""

    stack: int
    it: object


@dataclass
class Composition:
    """`code` is the folder of the handler, `hears` the events that a function may receive, by its path."""

    rnd: object
    code: Path
    stacks: list = field(default_factory=list)
    functions: list = field(default_factory=list)
    networks: list = field(default_factory=list)
    buses: list = field(default_factory=list)
    hears: dict = field(default_factory=dict)
    count: int = 0

    def id(self, kind):
        """A construct id that nothing has."""
        self.count += 1
        return f"{kind}{self.count}"

    def chance(self, of):
        """True as often."""
        return self.rnd.random() < of

    def some(self, chance, make):
        """What `make()` gives, as often; else nothing. For keyword arguments."""
        return make() if self.chance(chance) else {}

    def stack(self, least=0):
        """The number of a stack, from `least` on."""
        return self.rnd.randrange(least, len(self.stacks))

    def hear(self, function, models):
        """The function receives these events."""
        self.hears.setdefault(function.it.node.path, set()).update(models)
