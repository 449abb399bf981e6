"""Steps in an environment of its own: each is a command that must end as it should, and how long it took."""

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import uv

from tests.packaging.compatibility.machine import Closed, Interpreter

PASSED_ON = ("LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")  # beside what tells pip and uv where packages are
MOST_SECONDS = 600
Judge = Callable[[subprocess.CompletedProcess[str]], bool]


@dataclass(frozen=True)
class Tried:
    """A step that was taken. `said` is what it printed, where it did not end as it should."""

    name: str
    passed: bool
    seconds: float
    said: str = ""


def succeeds(done: subprocess.CompletedProcess[str]) -> bool:
    """It ended well, and Python warned of nothing."""
    return done.returncode == 0 and "Warning: " not in done.stderr


def says(*parts: str, status: int = 1) -> Judge:
    """It ended with one line of what is missing, and no traceback."""

    def judged(done: subprocess.CompletedProcess[str]) -> bool:
        lines = done.stderr.splitlines()
        return done.returncode == status and len(lines) == 1 and all(part in lines[0] for part in parts)

    return judged


def ends_with(*parts: str, status: int = 1) -> Judge:
    """Its last line says what is missing, after what it told of its progress."""

    def judged(done: subprocess.CompletedProcess[str]) -> bool:
        last = done.stderr.strip().rpartition("\n")[2]
        return done.returncode == status and "Traceback" not in done.stderr and all(part in last for part in parts)

    return judged


def prints(*parts: str) -> Judge:
    """It ended well, and printed each part."""
    return lambda done: succeeds(done) and all(part in done.stdout for part in parts)


@dataclass
class Environment:
    """A virtual environment in a folder with spaces in its name. Commands find nothing but what it holds."""

    folder: Path
    interpreter: Interpreter
    tried: list[Tried] = field(default_factory=list)
    told: Callable[[Tried], None] = lambda _: None

    @property
    def programs(self) -> Path:
        return self.folder / "venv" / "bin"

    def install(self, *what: str, resolution: str = "highest") -> bool:
        """Make the environment and install into it."""
        target = self.folder / "venv"
        self.folder.mkdir(parents=True, exist_ok=True)
        made = self._taken("venv", [uv.find_uv_bin(), "venv", "--python", self.interpreter.path, target], self.folder, {}, succeeds)
        pip = [uv.find_uv_bin(), "pip", "install", "--python", target, "--only-binary", ":all:", "--resolution", resolution, *what]
        return made and self._taken("install", pip, self.folder, {}, lambda done: done.returncode == 0)

    def version_of(self, package: str) -> str:
        """Which version of a package was installed."""
        ask = f"from importlib.metadata import version; print(version({package!r}))"
        return subprocess.run([self.programs / "python", "-c", ask], capture_output=True, text=True, check=True).stdout.strip()

    def run(
        self, name: str, *command: str, cwd: Path | None = None, judge: Judge = succeeds, closed: Closed | None = None, **more: str
    ) -> bool:
        """A command of the environment; without node, git, a home folder, or what is set outside of it."""
        program = [self.programs / command[0], *command[1:]]
        behind = [*closed.before, *program] if closed else program
        return self._taken(name, behind, cwd or self.folder, {**(closed.environment if closed else {}), **more}, judge)

    def _taken(self, name: str, command: Sequence[str | Path], cwd: Path, more: Mapping[str, str], judge: Judge) -> bool:
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        packages = {key: value for key, value in os.environ.items() if key.startswith(("UV_", "PIP_")) or key in PASSED_ON}
        cache = os.environ.get("UV_CACHE_DIR") or str(Path.home() / ".cache" / "uv")
        environment = {**packages, "HOME": str(home), "UV_CACHE_DIR": cache, "PATH": str(self.programs), "COLUMNS": "200", **more}
        began = time.monotonic()
        try:
            done = subprocess.run(
                list(map(str, command)), cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=MOST_SECONDS,
                stdin=subprocess.DEVNULL,
            )  # fmt: skip
            passed, said = judge(done), f"exit status {done.returncode}\n{done.stdout[-4_000:]}\n{done.stderr[-4_000:]}"
        except (OSError, subprocess.TimeoutExpired) as error:
            passed, said = False, str(error)
        tried = Tried(name, passed, time.monotonic() - began, "" if passed else said)
        self.tried.append(tried)
        self.told(tried)
        return passed
