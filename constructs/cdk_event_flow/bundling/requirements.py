"""What `requirements.txt` says, as far as a bundle's key, its exclusions and its notes need it. uv reads it in full."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import BundleError, Problem

_INCLUDE = re.compile(r"^(?:-r|--requirements?|-c|--constraints?)[ =]*(?P<file>\S+)")
_EDITABLE = re.compile(r"^(?:-e|--editable)\b|^(?:\.{1,2}/|/|file:)(?!.*\.whl)")
_NAMED = re.compile(r"^(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(?P<rest>.*)$")
_PINNED = re.compile(r"^(?:===?\s*[^*,\s;]+|@\s*\S+)\s*(?:;.*|--hash.*|#.*)?$")


@dataclass(frozen=True, slots=True)
class Requirements:
    """`content` is every file that has a say, in reading order; `names` the packages named, normalised."""

    file: Path
    content: tuple[bytes, ...]
    names: frozenset[str]
    notes: tuple[str, ...]

    @classmethod
    def read(cls, file: Path, *, at: str) -> "Requirements":
        """Read the file and those it includes. Raises BundleError for what a bundle cannot hold."""
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
