"""What a redrive did, written down before and after each step, so that a process that is killed can be followed by another.

A line of JSON each, on disk before the next step begins: `sending` before a request, `sent` or `refused` after its answer,
`deleted` after the dead letters are gone. A message that is in `sending` and nowhere else is in doubt: perhaps it was
taken, and nobody heard.
"""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from cdk_event_flow.errors import Problem, RunError

_END_RECORD = {"what": "end"}
_END = json.dumps(_END_RECORD) + "\n"


def state_folder() -> Path:
    """`cdk-event-flow` in the user's folder for state (`XDG_STATE_HOME`, `~/.local/state`)."""
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state", "cdk-event-flow")


@dataclass
class Known:
    """Ids of dead letters, by what was done with them. `hold` is for how many seconds the runs hid what they looked at."""

    sending: set[str] = field(default_factory=set)
    sent: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    hold: int = 0

    @property
    def doubtful(self) -> set[str]:
        """Messages of which nobody knows whether their copy was taken."""
        return self.sending - self.sent

    @property
    def settled(self) -> bool:
        """Whether nothing is in doubt, and what was sent is deleted."""
        return not self.doubtful and self.sent <= self.deleted


def known_in(file: Path) -> Known:
    """What a journal tells of a redrive that is not at its end; nothing where there is none."""
    known = Known()
    try:
        text = file.read_text("utf-8")
    except OSError:
        return known
    for line in text.splitlines() if not text.endswith(_END) else ():
        match _record(line):
            case {"what": "begin", "hold": int(seconds)}:
                known.hold = max(known.hold, seconds)
            case {"what": "refused", "ids": list(ids)}:
                known.sending.difference_update(ids)
            case {"what": "sending" | "sent" | "deleted" as what, "ids": list(ids)}:
                getattr(known, what).update(ids)
    return known


def _record(line: str) -> Any:
    """The record of a line; of one that was being written when the process was killed, None: its step did not begin."""
    try:
        return json.loads(line)
    except ValueError:
        return None


@dataclass
class Journal:
    """A journal that is written. `before` are those that were sent by runs that were cut off, or left something in doubt."""

    known: Known
    stream: IO[str]
    before: frozenset[str]

    def begins(self, hold: int) -> None:
        """A run begins; it hides messages for `hold` seconds."""
        self._line({"what": "begin", "hold": hold})

    def is_sending(self, ids: Iterable[str]) -> None:
        """These are about to be sent."""
        self._write("sending", ids, self.known.sending)

    def was_sent(self, ids: Iterable[str]) -> None:
        """The copies of these were taken."""
        self._write("sent", ids, self.known.sent)

    def was_refused(self, ids: Iterable[str]) -> None:
        """The copies of these were not taken: they stay, and may be sent again."""
        listed = list(ids)
        self._write("refused", listed, set())
        self.known.sending.difference_update(listed)

    def was_deleted(self, ids: Iterable[str]) -> None:
        """These are in the dead-letter queue no more."""
        self._write("deleted", ids, self.known.deleted)

    def end(self) -> None:
        """Nothing is left to know: the next run begins a new journal."""
        self._line(_END_RECORD)

    def _write(self, what: str, ids: Iterable[str], known: set[str]) -> None:
        listed = list(ids)
        if listed:
            self._line({"what": what, "ids": listed})
            known.update(listed)

    def _line(self, record: dict[str, Any]) -> None:
        self.stream.write(json.dumps(record) + "\n")
        self.stream.flush()
        os.fsync(self.stream.fileno())


@contextmanager
def journal(file: Path) -> Iterator[Journal]:
    """The journal in this file, for one process at a time. Raises RunError (EF-REDRIVE-RUNNING, EF-REDRIVE-JOURNAL)."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        stream = file.open("a+", encoding="utf-8")
    except OSError as error:
        problem = Problem(code="EF-REDRIVE-JOURNAL", given=f"the journal cannot be written: {error.strerror}",
                          allowed="without it a redrive that is cut off could send twice",
                          fix="set XDG_STATE_HOME to a folder that can be written")  # fmt: skip
        raise RunError(str(file), problem) from None
    with stream:
        _lock(stream, file)
        known = known_in(file)
        stream.seek(0)
        text = stream.read()
        if text.endswith(_END):
            stream.truncate(0)
        elif text and not text.endswith("\n"):
            stream.write("\n")
        yield Journal(known, stream, frozenset(known.sent))


def _lock(stream: IO[str], file: Path) -> None:
    """Held until the process ends, however it ends."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        problem = Problem(code="EF-REDRIVE-RUNNING", given="another redrive of this queue is running on this machine",
                          allowed="two at once would send twice", fix="wait until it is done, or end it")  # fmt: skip
        raise RunError(str(file), problem) from None
