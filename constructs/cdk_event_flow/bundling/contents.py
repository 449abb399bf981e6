"""A folder or a zip file, looked into the same way."""

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import BundleError, Problem


@dataclass(frozen=True, slots=True)
class Contents:
    """The files in `place` by name, each with its size in bytes and whether it may be executed."""

    place: Path
    sizes: Mapping[str, int]
    executable: frozenset[str]

    @classmethod
    def of(cls, place: Path) -> "Contents":
        """What is in a folder or zip (a jar is one). Raises BundleError (EF-CODE-ZIP) for a file that is no zip."""
        if place.is_dir():
            found = {path.relative_to(place).as_posix(): path.stat() for path in sorted(place.rglob("*")) if path.is_file()}
            return cls(
                place, {name: s.st_size for name, s in found.items()}, frozenset(n for n, s in found.items() if s.st_mode & 0o100)
            )
        try:
            with zipfile.ZipFile(place) as archive:
                files = [info for info in archive.infolist() if not info.is_dir()]
        except (zipfile.BadZipFile, OSError):
            problem = Problem(
                code="EF-CODE-ZIP",
                given=f"{place} is no zip file",
                allowed="code is a folder, a zip file or a jar",
                fix="give the folder itself, or zip it",
            )
            raise BundleError(str(place), problem) from None
        executable = frozenset(info.filename for info in files if info.external_attr >> 16 & 0o100)
        return cls(place, {info.filename: info.file_size for info in files}, executable)

    def read(self, name: str, size: int = -1) -> bytes:
        """The file's bytes, at most `size` of them; none where there is no such file."""
        if name not in self.sizes:
            return b""
        if self.place.is_dir():
            with (self.place / name).open("rb") as file:
                return file.read(size)
        with zipfile.ZipFile(self.place) as archive, archive.open(name) as entry:
            return entry.read(size)
