"""Which Python runs a function."""

import re
import sys
from pathlib import Path

PYTHON = re.compile(r"python3\.\d+")


def choose(runtime: str) -> tuple[Path, str | None]:
    """The interpreter for `runtime` ("python3.13"), and a note for the reader where its version differs.

    Always the interpreter that this library runs on, outside of its virtual environment, because the runtime client
    installed with this library was built for it.
    """
    own = Path(getattr(sys, "_base_executable", sys.executable))
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    note = None if runtime == f"python{version}" else f"functions for {runtime} run on Python {version} here"
    return own, note
