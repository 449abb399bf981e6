"""`--debug`: the environment of one function waits for a debugger, and nothing times out meanwhile."""

import importlib.util
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cdk_event_flow.errors import Problem, RunError
from cdk_event_flow.flow.model import Function
from cdk_event_flow.local.environments.programs import Kind, kind_of

PORT = 5678  # debugpy's usual one
FOREVER = 30 * 86_400.0  # seconds that a function may stand at a breakpoint


@dataclass(frozen=True, kw_only=True, slots=True)
class Debugging:
    """The function (its ARN), the port at 127.0.0.1 that debugpy listens at, and a folder with debugpy and nothing else.

    `waiting` is told of the folder of the function's code, each time an environment of it waits for the debugger.
    """

    function: str
    port: int
    packages: Path
    waiting: Callable[[Path, int], None]


def debugging(function: Function, folder: Path, waiting: Callable[[Path, int], None]) -> Debugging:
    """What debugs this function; debugpy is linked into `folder`. Raises RunError (EF-RUN-DEBUG) where it cannot be."""
    if kind_of(function.runtime) is not Kind.PYTHON:
        raise _refused(function, f"its runtime is {function.runtime}", "functions for Python can be debugged", "name one of these")
    found = importlib.util.find_spec("debugpy")
    if found is None or found.origin is None:
        raise _refused(function, "debugpy is not installed", "debugging needs it", "pip install 'cdk-event-flow[debug]'")
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / "debugpy"
    if not link.exists():
        link.symlink_to(Path(found.origin).resolve().parent)
    return Debugging(function=function.arn, port=_free_port(), packages=folder, waiting=waiting)


def _free_port() -> int:
    """The usual port, or another where it is taken."""
    for port in (PORT, 0):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    return PORT


def _refused(function: Function, given: str, allowed: str, fix: str) -> RunError:
    return RunError(function.path, Problem(code="EF-RUN-DEBUG", given=given, allowed=allowed, fix=fix))
