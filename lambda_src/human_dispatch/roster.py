"""Who is sent when packing fails, and how fast. Pure: no AWS, no clock."""

from dataclasses import dataclass

from shared.events import Failure


@dataclass(frozen=True)
class Dispatch:
    """A team, and within how many minutes it must be there."""

    team: str
    minutes: int


BY_REASON = {
    "too-heavy": Dispatch("forklift", 30),
    "damaged": Dispatch("quality", 60),
    "out-of-stock": Dispatch("purchasing", 240),
}


def dispatch_for(failure: Failure) -> Dispatch:
    """The team for this failure."""
    return BY_REASON[failure.reason]
