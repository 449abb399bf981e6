"""What outlives a run's process, as the parts of the engine see it: things put by kind and id, and dropped again.

A part that holds something accepted puts it when it takes it, again whenever it changes, and drops it when it lets go.
Putting is cheap: a thing is written down as it is at the next flush, not before.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, Protocol


class Kind(StrEnum):
    """What is kept. The values are in the files of earlier runs: never change one."""

    DELIVERY = "delivery"
    PAYLOAD = "payload"
    ATTEMPT = "attempt"
    EARLIER = "earlier"
    MESSAGE = "message"
    INVOKE = "invoke"
    RETRY = "retry"
    DUPLICATE = "duplicate"
    SCHEDULE = "schedule"
    ITEM = "item"
    REQUEST = "request"
    RECORD = "record"
    ARCHIVED = "archived"
    LINE = "line"


class Keeper(Protocol):
    """Where things are kept.

    `generation` counts the processes before this one that kept theirs here; the last of them was at `stopped_at` (epoch
    seconds of its clock) when it last kept something.
    """

    generation: int
    stopped_at: float | None

    def put(self, kind: Kind, id: str | int, thing: object) -> None:
        """Keep a dataclass, or anything JSON, in place of what had this id."""
        ...

    def drop(self, kind: Kind, id: str | int) -> None:
        """It need not be kept any more. Harmless when it was not."""
        ...

    def rows(self, kind: Kind) -> Iterator[tuple[str, Any]]:
        """Id and JSON of everything of a kind that an earlier process kept."""
        ...

    def flush(self) -> None:
        """Return when everything put so far survives the end of this process. Raises RunError (EF-RUN-STATE)."""
        ...


class Forgetful:
    """Keeps nothing: a run in memory."""

    generation = 0
    stopped_at: float | None = None

    def put(self, kind: Kind, id: str | int, thing: object) -> None:
        """See Keeper."""

    def drop(self, kind: Kind, id: str | int) -> None:
        """See Keeper."""

    def rows(self, kind: Kind) -> Iterator[tuple[str, Any]]:  # noqa: ARG002
        """See Keeper."""
        return iter(())

    def flush(self) -> None:
        """See Keeper."""
