"""What this machine has: interpreters, and a way to close the network."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import uv

ROOT = Path(__file__).parent.parent.parent.parent
SAY_VERSION = "import platform; print(platform.python_version())"
LOOPBACK_UP = (  # in a network namespace of its own nothing is up; the local run listens on 127.0.0.1
    "import fcntl, os, socket, struct, sys; "
    "request = struct.pack('16sh14x', b'lo', 1); fcntl.ioctl(socket.socket(), 0x8914, request); "
    "os.execvpe(sys.argv[1], sys.argv[1:], os.environ)"
)


@dataclass(frozen=True)
class Interpreter:
    """A Python of this machine. `version` is whole (3.13.0), `minor` what the package declares (3.13)."""

    path: Path
    version: str

    @property
    def minor(self) -> str:
        return ".".join(self.version.split(".")[:2])


def declared() -> list[str]:
    """The versions of Python that the package says it supports."""
    return re.findall(r'"Programming Language :: Python :: (3\.\d+)"', (ROOT / "pyproject.toml").read_text("utf-8"))


def interpreters(given: Iterable[Path] = ()) -> dict[str, Interpreter]:
    """By each declared version the newest interpreter that runs, of `given`, PATH, pyenv and uv."""
    found: dict[str, Interpreter] = {}
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for minor in declared():
        on_path = shutil.which(f"python{minor}")
        of_pyenv = sorted(pyenv.glob(f"{minor}*/bin/python"))
        asked = subprocess.run(
            [uv.find_uv_bin(), "python", "find", "--offline", "--no-project", minor], capture_output=True, text=True, check=False
        )
        of_uv = [Path(asked.stdout.strip())] if asked.returncode == 0 else []
        for path in [*given, *reversed(of_pyenv), *([Path(on_path)] if on_path else []), *of_uv]:
            version = _version(path)
            if minor not in found and version.startswith(f"{minor}."):
                found[minor] = Interpreter(path, version)
    return found


def _version(path: Path) -> str:
    try:
        said = subprocess.run([path, "-c", SAY_VERSION], capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return said.stdout.strip() if said.returncode == 0 else ""


@dataclass(frozen=True)
class Closed:
    """How the network is closed: `how` in words, and what a command is put behind and given for it."""

    how: str
    before: Sequence[str | Path]
    environment: dict[str, str]


def closed_network(python: Path) -> Closed:
    """A network namespace of its own, where the system lets us have one; else proxies that lead nowhere."""
    for flags in (["--net"], ["--map-root-user", "--net"]):
        unshare = shutil.which("unshare")
        before = [unshare, *flags, python, "-c", LOOPBACK_UP] if unshare else []
        if before and subprocess.run([*before, python, "-c", ""], capture_output=True, check=False).returncode == 0:
            return Closed("in a network namespace without a way out", before, {})
    nowhere = dict.fromkeys(
        ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:9"
    )
    return Closed("behind a proxy that leads nowhere", [], nowhere)
