"""Which program runs a function, by its runtime: AWS's client for Python or for Node, or the function's own bootstrap."""

import re
import sys
from collections.abc import Sequence
from enum import Enum
from functools import lru_cache
from pathlib import Path

from cdk_event_flow.bundling.ready import BOOTSTRAP
from cdk_event_flow.errors import Problem, RunError
from cdk_event_flow.local.environments.node import node, node_client


class Kind(Enum):
    """The runtimes that are run here."""

    PYTHON = r"python3\.\d+"
    NODE = r"nodejs\d+\.x"
    CUSTOM = r"provided(\.al2|\.al2023)?"


@lru_cache
def kind_of(runtime: str) -> Kind | None:
    """The kind of a runtime (`python3.14`, `nodejs24.x`, `provided.al2023`); None for one that is not run here."""
    return next((kind for kind in Kind if re.fullmatch(kind.value, runtime)), None)


def choose(runtime: str) -> tuple[Path, str | None]:
    """The Python that starts a function's process, and a note for the reader where the function runs on another version.

    Always the interpreter that this library runs on, outside of its virtual environment, because the runtime client
    installed with this library was built for it.
    """
    own = Path(getattr(sys, "_base_executable", sys.executable))
    note = None
    if (kind := kind_of(runtime)) is Kind.PYTHON:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        note = None if runtime == f"python{version}" else f"functions for {runtime} run on Python {version} here"
    elif kind is Kind.NODE:
        note = (
            f"functions for {runtime} run on Node {node().version} here, without the AWS SDK that Lambda's own runtime brings along"
        )
    return own, note


def program_of(runtime: str, roots: Sequence[Path], *, at: str, cache: Path) -> tuple[Path, ...]:
    """What is executed for a function whose code and layers are in `roots`; nothing for Python, which needs no other program.

    Raises RunError: EF-RUN-BOOTSTRAP where a custom runtime has no `bootstrap`, EF-RUN-NODE where Node or AWS's client for
    it, fetched once into `cache`, cannot be had.
    """
    match kind_of(runtime):
        case Kind.NODE:
            return node().path, *node_client(cache, at=at)
        case Kind.CUSTOM:
            return (bootstrap_of(roots) or _no_bootstrap(roots, at),)
    return ()


def bootstrap_of(roots: Sequence[Path]) -> Path | None:
    """The `bootstrap` that Lambda would start: the code's own, else a layer's."""
    return next((root / BOOTSTRAP for root in roots if (root / BOOTSTRAP).is_file()), None)


def _no_bootstrap(roots: Sequence[Path], at: str) -> Path:
    raise RunError(
        at,
        Problem(
            code="EF-RUN-BOOTSTRAP",
            given=f"there is no {BOOTSTRAP} in {' or '.join(map(str, roots))}",
            allowed="a custom runtime starts the file bootstrap of the code or of a layer "
            "(https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html)",
            fix="put it at the root of the code",
        ),
    )
