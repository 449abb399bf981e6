"""The local runs of this machine: each says in a file where it is, so that other commands find it."""

import json
import os
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from cdk_event_flow.bundling.cache import cache_folder
from cdk_event_flow.errors import Problem, RunError

_ANSWER_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """A run: its `endpoint`, the `folder` it was started in, and the `template` (a file or an assembly's folder) that it runs."""

    id: str
    port: int
    endpoint: str
    folder: str
    template: str

    @property
    def answers(self) -> bool:
        """Whether something listens there still: a run that was killed leaves its file behind."""
        try:
            socket.create_connection(("127.0.0.1", self.port), _ANSWER_SECONDS).close()
        except OSError:
            return False
        return True


def _folder() -> Path:
    return cache_folder() / "runs"


@contextmanager
def announced(endpoint: str, template: Path) -> Iterator[None]:
    """While the block lasts, other commands find the run."""
    port = int(endpoint.rpartition(":")[2])
    run = Run(id=uuid.uuid4().hex[:12], port=port, endpoint=endpoint, folder=str(Path.cwd()), template=str(template.absolute()))
    file = _folder() / f"{port}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    ready = file.with_suffix(f".{os.getpid()}")
    ready.write_text(json.dumps(asdict(run)), "utf-8")
    ready.replace(file)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def find_run(port: int | None) -> Run:
    """The run at this port; without one, the only one of this folder, else of this machine.

    Raises RunError (EF-RUN-NONE, EF-RUN-SEVERAL).
    """
    runs = [run for run in _read() if port in (None, run.port) and run.answers]
    here = [run for run in runs if run.folder == str(Path.cwd())] or runs
    if len(here) == 1:
        return here[0]
    at = "--local" if port is None else f"--local --port {port}"
    if not here:
        problem = Problem(code="EF-RUN-NONE", given="no local run is there", allowed="--local works on a run that goes on",
                          fix="start one in another terminal: event-flow run")  # fmt: skip
        raise RunError(at, problem)
    ports = ", ".join(str(run.port) for run in here)
    problem = Problem(code="EF-RUN-SEVERAL", given=f"{len(here)} local runs are there", allowed=f"they are at the ports {ports}",
                      fix="say which one with --port")  # fmt: skip
    raise RunError(at, problem)


def _read() -> Iterator[Run]:
    for file in sorted(_folder().glob("*.json")):
        try:
            yield Run(**json.loads(file.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            continue  # it is just being removed, or of another version
