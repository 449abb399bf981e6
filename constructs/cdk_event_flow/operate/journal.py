"""What a redrive did, written down before and after each step, so that a process that is killed can be followed by another.

A line of JSON each, on disk before the next step begins: `sending` before a request, `sent` and `refused` after its answer,
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


def state_folder() -> Path:
    """`cdk-event-flow` in the user's folder for state (`XDG_STATE_HOME`, `~/.local/state`)."""
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state", "cdk-event-flow")


@dataclass
class Journal:
    """Sets of message ids of dead letters, in file and memory. `begun` counts the runs that it is of, this one included."""

    file: Path
    stream: IO[str]
    begun: int = 1
    sending: set[str] = field(default_factory=set)
    sent: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)

    @property
    def doubtful(self) -> set[str]:
        """Messages of which nobody knows whether their copy was taken."""
        return self.sending - self.sent

    @property
    def unfinished(self) -> bool:
        """Whether something is left that the next run must know."""
        return bool(self.doubtful or self.sent - self.deleted)

    def is_sending(self, ids: Iterable[str]) -> None:
        """These are about to be sent."""
        self._write("sending", ids, self.sending)

    def was_sent(self, ids: Iterable[str]) -> None:
        """The copies of these were taken."""
        self._write("sent", ids, self.sent)

    def was_refused(self, ids: Iterable[str]) -> None:
        """The copies of these were not taken: they stay, and may be sent again."""
        known = list(ids)
        self._write("refused", known, set())
        self.sending.difference_update(known)

    def was_deleted(self, ids: Iterable[str]) -> None:
        """These are in the dead-letter queue no more."""
        self._write("deleted", ids, self.deleted)

    def end(self) -> None:
        """Nothing is left to know: the next run begins a new journal."""
        self._line({"what": "end"})

    def _write(self, what: str, ids: Iterable[str], known: set[str]) -> None:
        listed = list(ids)
        if listed:
            self._line({"what": what, "ids": listed})
            known.update(listed)

    def _line(self, record: dict[str, Any]) -> None:
        self.stream.write(json.dumps(record) + "\n")
        self.stream.flush()
        os.fsync(self.stream.fileno())

    def _read(self, text: str) -> None:
        for line in text.splitlines():
            match _record(line):
                case {"what": "begin"}:
                    self.begun += 1
                case {"what": "end"}:
                    self.begun = 1
                    for known in (self.sending, self.sent, self.deleted):
                        known.clear()
                case {"what": "refused", "ids": list(ids)}:
                    self.sending.difference_update(ids)
                case {"what": "sending" | "sent" | "deleted" as what, "ids": list(ids)}:
                    getattr(self, what).update(ids)


def _record(line: str) -> Any:
    """The record of a line; of one that was being written when the process was killed, None: its step did not begin."""
    try:
        return json.loads(line)
    except ValueError:
        return None


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
        stream.seek(0)
        found = Journal(file, stream)
        text = stream.read()
        found._read(text)
        if not found.unfinished:
            stream.truncate(0)
            found = Journal(file, stream)
        elif not text.endswith("\n"):
            stream.write("\n")
        found._line({"what": "begin"})
        yield found


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
