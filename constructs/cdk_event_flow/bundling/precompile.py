"""Bytecode for Lambda's Python, so that a cold start does not compile: Lambda cannot keep what it compiles."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

from ..errors import BundleError, Problem
from .install import run_uv

# Runs under the function's Python. The bytecode names its source as Lambda sees it, not as this machine does, and is taken
# without a look at the source: times in a zip say nothing. What does not compile (templates, code for other versions) is
# left as it is.
_COMPILE = """
import json, py_compile, sys
unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
for name, source, target in json.load(sys.stdin):
    try:
        py_compile.compile(source, target, name, doraise=True, invalidation_mode=unchecked)
    except py_compile.PyCompileError:
        pass
"""


def precompile(files: Mapping[str, Path], python: str, into: Path, *, under: str, at: str) -> dict[str, Path]:
    """The bytecode of the modules among `files`, written into a folder, by name in the bundle.

    `python` is the version ("3.14"), `under` where Lambda unpacks them ("/var/task"). Raises BundleError
    (EF-CODE-PRECOMPILE) where no such Python is installed.
    """
    interpreter = _interpreter(python, at)
    tag = f"cpython-{python.replace('.', '')}"
    found: dict[str, Path] = {}
    work = []
    for name, path in sorted(files.items()):
        if name.endswith(".py"):
            folder, _, module = name.rpartition("/")
            compiled = f"{folder}/__pycache__/{module[:-3]}.{tag}.pyc".lstrip("/")
            found[compiled] = into / compiled
            work.append((f"{under}/{name}", str(path), str(into / compiled)))
    # The same seed each time: constants that are sets are written in the order of their hashes.
    done = subprocess.run(
        [interpreter, "-I", "-c", _COMPILE],
        input=json.dumps(work),
        env={"PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BundleError(at, _not_compiled(f"{interpreter} failed: {done.stderr.strip().splitlines()[-1:]}", python))
    return {name: path for name, path in found.items() if path.is_file()}


def _interpreter(python: str, at: str) -> str:
    done = run_uv("python", "find", "--no-project", f"{python}", within=Path.cwd(), at=at)
    if done.returncode:
        raise BundleError(at, _not_compiled(f"Python {python} is not installed on this machine", python))
    return done.stdout.strip()


def _not_compiled(given: str, python: str) -> Problem:
    return Problem(
        code="EF-CODE-PRECOMPILE",
        given=given,
        allowed="bytecode is made by the Python that runs it",
        fix=f"install it ('uv python install {python}'), or leave precompile out",
    )
