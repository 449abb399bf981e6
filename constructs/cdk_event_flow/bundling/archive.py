"""Zips that depend on nothing but names and contents, and their digest."""

import hashlib
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from ..errors import BundleError, Problem

_TIME = (1980, 1, 1, 0, 0, 0)  # the first moment a zip can hold
_UNIX = 3
# Lambda runs code as another user; one mode for all keeps checkouts with other umasks, and Windows, at the same bytes.
_MODE = (0o100755) << 16
_LEVEL = 6


def write(zip_file: Path, files: Mapping[str, Path]) -> None:
    """Append the files to the zip (made if it is not there), sorted by name, with one time and mode for all."""
    with zipfile.ZipFile(zip_file, "a", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, _TIME)
            info.create_system = _UNIX
            info.external_attr = _MODE
            archive.writestr(info, files[name].read_bytes(), zipfile.ZIP_DEFLATED, _LEVEL)


def digest(files: Mapping[str, Path], *, base: str = "") -> str:
    """SHA-256 over `base` and the files' names and contents.

    Not over the zip: deflate's output may differ between builds of zlib, the contents do not.
    """
    total = hashlib.sha256(base.encode())
    for name in sorted(files):
        total.update(b"\0" + name.encode() + b"\0" + hashlib.sha256(files[name].read_bytes()).digest())
    return total.hexdigest()


def extract(zip_file: Path, to: Path) -> None:
    """Write every file of the zip under `to`. Raises BundleError for a name that would leave it."""
    with zipfile.ZipFile(zip_file) as archive:
        for info in archive.infolist():
            name = PurePosixPath(info.filename)
            link = (info.external_attr >> 16) & 0o170000 == 0o120000
            if name.is_absolute() or ".." in name.parts or "\\" in info.filename or ":" in info.filename or link:
                raise BundleError(
                    str(zip_file),
                    Problem(
                        code="EF-CODE-ZIP",
                        given=f"the zip holds {info.filename!r}",
                        allowed="names must stay inside the folder it is unpacked to, and links are not unpacked",
                        fix="do not use this zip; bundle again",
                    ),
                )
            if info.is_dir():
                continue
            path = to / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(archive.read(info))
            path.chmod(0o755)
