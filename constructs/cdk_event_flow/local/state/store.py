"""The file that a run's state is kept in: SQLite in a folder of its own, one run at a time.

Every flush is one transaction, so that the file always holds one moment of the run. It is written ahead
(`journal_mode=WAL`) and handed to the operating system, not to the disk: a run that is killed loses nothing that was
flushed; a machine that loses its power may lose the last moments before it, and the file is whole.
"""

import asyncio
import contextlib
import fcntl
import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from cdk_event_flow.errors import Problem, RunError
from cdk_event_flow.local.keeper import Kind
from cdk_event_flow.local.state.rows import as_json, from_json

FORMAT = 1
_FILE = "event-flow.sqlite"
_UNWRITTEN = 0.02  # seconds that changes which nobody waits for may stay unwritten
_WRITE_NOW = "INSERT OR REPLACE INTO about VALUES ('now', ?)"
_DROPPED = object()


class Store:
    """The state in `folder`, which is made when it is not there; `reset` empties it first.

    `now` of `start` is written with every flush: the time at which the state was so. A flush that failed is tried again;
    `told` hears of it once. Raises RunError (EF-RUN-STATE) for a folder that cannot be used.
    """

    def __init__(self, folder: Path, *, reset: bool = False, told: Callable[[str], None] = lambda _: None) -> None:
        self.folder = folder
        self._told = told
        self._failing = False
        self._now: Callable[[], float] = time.time
        self._changed: dict[tuple[Kind, str], object] = {}
        self._planned: asyncio.TimerHandle | None = None
        with self._problems("opened"):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            self._take_lock()
            if reset:
                with self._problems("emptied"):
                    for file in folder.glob(f"{_FILE}*"):
                        file.unlink()
            with self._problems("read"):
                self._open()
        except BaseException:
            os.close(self._lock)
            raise

    def _take_lock(self) -> None:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            given, fix = "another run uses it", "stop that run, or give another folder"
            raise self._problem(given, "a folder keeps one run at a time", fix) from None

    def _open(self) -> None:
        file = self.folder / _FILE
        self._file = sqlite3.connect(file, isolation_level=None)
        file.chmod(0o600)
        self._file.execute("PRAGMA journal_mode=WAL")
        self._file.execute("PRAGMA synchronous=NORMAL")
        self._file.execute("CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID")
        self._file.execute("CREATE TABLE IF NOT EXISTS kept (kind TEXT, id TEXT, row TEXT, PRIMARY KEY (kind, id)) WITHOUT ROWID")
        found = dict(self._file.execute("SELECT name, value FROM about"))
        if found.get("format", str(FORMAT)) != str(FORMAT):
            given = f"it was written in format {found['format']}"
            raise self._problem(given, f"this version reads format {FORMAT}", "empty it with --reset, or give another folder")
        self.generation = int(found.get("generation", -1)) + 1
        self.stopped_at = float(found["now"]) if "now" in found else None
        self._file.executemany(
            "INSERT OR REPLACE INTO about VALUES (?, ?)", [("format", str(FORMAT)), ("generation", str(self.generation))]
        )

    def start(self, now: Callable[[], float]) -> None:
        """From here on `now` is the run's time."""
        self._now = now

    def put(self, kind: Kind, id: str | int, thing: object) -> None:
        """See Keeper."""
        self._changed[kind, str(id)] = thing
        self._plan()

    def drop(self, kind: Kind, id: str | int) -> None:
        """See Keeper."""
        self._changed[kind, str(id)] = _DROPPED
        self._plan()

    def rows(self, kind: Kind) -> Iterator[tuple[str, Any]]:
        """See Keeper."""
        with self._problems("read"):
            found = self._file.execute("SELECT id, row FROM kept WHERE kind = ?", (kind,)).fetchall()
        return ((id, from_json(row)) for id, row in found)

    def flush(self) -> None:
        """See Keeper."""
        if self._planned:
            self._planned.cancel()
            self._planned = None
        if not self._changed:
            return
        put = [(kind, id, as_json(thing)) for (kind, id), thing in self._changed.items() if thing is not _DROPPED]
        dropped = [key for key, thing in self._changed.items() if thing is _DROPPED]
        try:
            with self._problems("written"):
                self._write(put, dropped)
        except RunError as error:
            if not self._failing:
                self._failing = True
                self._told(str(error))
            self._plan()
            raise
        self._failing = False
        self._changed.clear()

    def _write(self, put: list[tuple[Kind, str, str]], dropped: list[tuple[Kind, str]]) -> None:
        self._file.execute("BEGIN")
        try:
            self._file.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", put)
            self._file.executemany("DELETE FROM kept WHERE kind = ? AND id = ?", dropped)
            self._file.execute(_WRITE_NOW, (json.dumps(self._now()),))
            self._file.execute("COMMIT")
        except sqlite3.Error:
            with contextlib.suppress(sqlite3.Error):
                self._file.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Flush, with the time that it is now, and let the folder go."""
        try:
            self.flush()
            self._file.execute(_WRITE_NOW, (json.dumps(self._now()),))
        finally:
            if self._planned:
                self._planned.cancel()
            self._file.close()
            os.close(self._lock)

    def _plan(self) -> None:
        if self._planned is None:
            self._planned = asyncio.get_running_loop().call_later(_UNWRITTEN, self._flush_unasked)

    def _flush_unasked(self) -> None:
        self._planned = None
        with contextlib.suppress(RunError):  # told, and planned again
            self.flush()

    @contextlib.contextmanager
    def _problems(self, done: str) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise self._problem(
                f"it cannot be {done}: {reason}",
                "the state of a run is kept in a folder of its own on this machine",
                "make the folder usable, empty it with --reset, or give another one",
            ) from None

    def _problem(self, given: str, allowed: str, fix: str) -> RunError:
        return RunError(f"--state {self.folder}", Problem(code="EF-RUN-STATE", given=given, allowed=allowed, fix=fix))
