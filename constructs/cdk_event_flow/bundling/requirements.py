"""What a function depends on, as far as a bundle's key, its exclusions and its notes need it. uv reads it in full.

`requirements.txt` where there is one, else `pyproject.toml`: with the versions of `uv.lock` where that is there, beside it
or at the root of its workspace.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import BundleError, Problem

PYPROJECT, LOCK = "pyproject.toml", "uv.lock"
_INCLUDE = re.compile(r"^(?:-r|--requirements?|-c|--constraints?)[ =]*(?P<file>\S+)")
_EDITABLE = re.compile(r"^(?:-e|--editable)\b|^(?:\.{1,2}/|/|file:)(?!.*\.whl)")
_NAMED = re.compile(r"^(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(?P<rest>.*)$")
_PINNED = re.compile(r"^(?:===?\s*[^*,\s;]+|@\s*\S+)\s*(?:;.*|--hash.*|#.*)?$")


@dataclass(frozen=True, slots=True)
class Requirements:
    """`content` is every file that has a say, in reading order; `names` the packages named, normalised.

    `lock` is the `uv.lock` that fixes the versions.
    """

    file: Path
    content: tuple[bytes, ...]
    names: frozenset[str]
    notes: tuple[str, ...]
    lock: Path | None = None

    @classmethod
    def read(cls, file: Path, *, at: str) -> "Requirements":
        """Read a `requirements.txt` and the files it includes, or a `pyproject.toml` with its lock.

        Raises BundleError (EF-CODE-REQUIREMENT, EF-CODE-PYPROJECT) for what a bundle cannot hold.
        """
        return cls._of_project(file, at) if file.name == PYPROJECT else cls._of_text(file, at)

    @classmethod
    def _of_text(cls, file: Path, at: str) -> "Requirements":
        content: list[bytes] = []
        names: set[str] = set()
        notes: list[str] = []
        for place, line, constraint in _lines(file, content, at, constraint=False, seen=set()):
            if _EDITABLE.match(line):
                raise BundleError(at, _editable(place, line))
            match = _NAMED.match(line)
            if match is None or line.startswith("-") or constraint:
                continue
            names.add(normalised(match["name"]))
            if not _PINNED.match(match["rest"]):
                notes.append(f"{place}: {line.partition('#')[0].strip()!r} is not pinned: the bundle can change")
        return cls(file, tuple(content), frozenset(names), tuple(notes))

    @classmethod
    def _of_project(cls, file: Path, at: str) -> "Requirements":
        data = file.read_bytes()
        try:
            document = tomllib.loads(data.decode())
        except (ValueError, UnicodeDecodeError) as error:
            raise BundleError(at, _no_project(file, f"is not TOML: {error}", "correct it")) from None
        project, tools = document.get("project", {}), document.get("tool", {})
        if "dependencies" in project.get("dynamic", ()) or (not project and "poetry" in tools):
            what = "says its dependencies to another tool only"
            raise BundleError(at, _no_project(file, what, "list them under [project], or export a requirements.txt beside it"))
        named = [str(each) for each in project.get("dependencies", ())]
        names = frozenset(normalised(match["name"]) for each in named if (match := _NAMED.match(each)))
        if lock := _lock_of(file):
            return cls(file, (data, lock.read_bytes()), names, (), lock)
        notes = [f"{file.name}: {each!r} is not pinned, and there is no uv.lock: the bundle can change" for each in named]
        return cls(file, (data,), names, tuple(notes))


def refuse_editable(listed: Path, *, at: str) -> None:
    """Raise BundleError for a package of this machine in a list that uv exported."""
    for number, line in enumerate(listed.read_text("utf-8").splitlines(), start=1):
        if _EDITABLE.match(line):
            raise BundleError(at, _editable(f"uv.lock, line {number} as exported", line))


def _lock_of(project: Path) -> Path | None:
    """The lock beside a project, or that of the workspace around it."""
    if (beside := project.with_name(LOCK)).is_file():
        return beside
    for folder in project.absolute().parent.parents:
        root = folder / PYPROJECT
        if (folder / LOCK).is_file() and root.is_file() and "[tool.uv.workspace]" in root.read_text("utf-8"):
            return folder / LOCK
    return None


def normalised(name: str) -> str:
    """A package's name as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _lines(file: Path, content: list[bytes], at: str, *, constraint: bool, seen: set[Path]) -> Iterator[tuple[str, str, bool]]:
    if file in seen:
        return
    seen.add(file)
    try:
        data = file.read_bytes()
        text = data.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise BundleError(at, _unreadable(file)) from error
    content.append(data)
    # A backslash joins lines: hash-pinned requirements put each hash on a line of its own.
    joined = re.sub(r"\\\r?\n", lambda _: " \0", text)
    number = 1
    for line in joined.split("\n"):
        stripped = line.replace("\0", "").strip()
        if (include := _INCLUDE.match(stripped)) and not (file.parent / include["file"]).is_dir():
            is_constraint = constraint or stripped.startswith(("-c", "--constraint"))
            yield from _lines(file.parent / include["file"], content, at, constraint=is_constraint, seen=seen)
        elif stripped and not stripped.startswith("#"):
            if stripped.endswith(".whl") and (wheel := file.parent / stripped).is_file():
                content.append(wheel.read_bytes())
            yield f"{file.name}:{number}", stripped, constraint
        number += 1 + line.count("\0")


def _no_project(file: Path, what: str, fix: str) -> Problem:
    return Problem(
        code="EF-CODE-PYPROJECT",
        given=f"{file} {what}",
        allowed="dependencies are read from [project] of pyproject.toml (https://packaging.python.org/en/latest/specifications/"
        "pyproject-toml/), with the versions of uv.lock, or from requirements.txt",
        fix=fix,
    )


def _unreadable(file: Path) -> Problem:
    return Problem(
        code="EF-CODE-REQUIREMENT",
        given=f"{file} cannot be read as UTF-8 text",
        allowed="a requirements file and those it includes are text",
        fix="correct the path of the -r or -c line, or the file",
    )


def _editable(place: str, line: str) -> Problem:
    return Problem(
        code="EF-CODE-REQUIREMENT",
        given=f"{place} is {line!r}",
        allowed="a bundle holds packages from wheels, not folders of this machine",
        fix="put the modules into the function's folder or the shared folder, or name a built wheel",
    )
