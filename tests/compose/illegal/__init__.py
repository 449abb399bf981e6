"""Random arguments that AWS refuses, or that could never work: one at a time, in a call that is legal but for it.

`ILLEGAL` names each kind of mistake. Given a source of chance and the parts that a stack has, each gives the call, the
construct path that the error must name, and its code.
"""

from . import events, messaging, pipes
from .parts import Parts

ILLEGAL = {**events.MISTAKES, **messaging.MISTAKES, **pipes.MISTAKES}

__all__ = ["ILLEGAL", "Parts"]
