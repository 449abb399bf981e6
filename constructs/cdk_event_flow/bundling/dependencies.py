"""What a function depends on, installed once for a platform and kept as a zip: the first part of every bundle with it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from . import archive
from .cache import fresh, put
from .install import RUNTIME_PACKAGES, install
from .platform import Platform
from .precompile import precompile
from .requirements import PYPROJECT, Requirements
from .source import without

FORMAT = "2"  # raised whenever the same inputs would give other bytes
TASK, LAYER = "/var/task", "/opt/python"
# What an installer writes about itself and the machine. METADATA and entry_points.txt stay: libraries read them.
_INSTALLER_NOISE = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", "uv_build.json"})


@dataclass(frozen=True, slots=True)
class Dependencies:
    """Installed packages as a zip, with its digest, the sum of its sizes in bytes, and the names in it."""

    zip: Path | None
    digest: str
    size: int
    names: frozenset[str]


NONE = Dependencies(None, "", 0, frozenset())


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """How dependencies stand in a zip: without what `exclude` matches, with bytecode for `precompiled` (a version of
    Python), and where Lambda unpacks them: TASK for a function, LAYER for a layer, whose names begin with `python/`."""

    exclude: tuple[str, ...] = ()
    precompiled: str | None = None
    under: str = TASK

    @property
    def prefix(self) -> str:
        """What names in the zip begin with."""
        return "python/" if self.under == LAYER else ""


def dependencies(requirements: Requirements, platform: Platform, shape: Shape, cache: Path, *, at: str) -> Dependencies:
    """The dependencies, from the cache or installed into it; NONE of a project that names none. Raises BundleError."""
    if requirements.file.name == PYPROJECT and not requirements.names:
        return NONE
    parts = (FORMAT, platform.identity, *sorted(RUNTIME_PACKAGES), repr(shape))
    key = hashlib.sha256("\0".join(parts).encode())
    for content in requirements.content:
        key.update(hashlib.sha256(content).digest())
    place = cache / "layers" / key.hexdigest()
    if not place.exists():
        with fresh(place) as folder:
            _build(requirements, platform, shape, folder, at=at)
            put(folder / "ready", place)
    index = json.loads((place / "index.json").read_text("utf-8"))
    return Dependencies(place / "layer.zip", index["digest"], index["size"], frozenset(index["names"]))


def _build(requirements: Requirements, platform: Platform, shape: Shape, folder: Path, *, at: str) -> None:
    target = folder / "site"
    target.mkdir()
    install(requirements, platform, target, at=at)
    files = without(_installed(target), shape.exclude)
    compiled = compiled_of(files, shape, folder / "compiled", at=at)
    files, compiled = ({f"{shape.prefix}{name}": path for name, path in each.items()} for each in (files, compiled))
    ready = folder / "ready"
    ready.mkdir()
    archive.write(ready / "layer.zip", files | compiled)
    index: Mapping[str, object] = {
        "digest": archive.digest(files, base=shape.precompiled or ""),
        "size": sum(path.stat().st_size for path in (files | compiled).values()),
        "names": sorted(files | compiled),
    }
    (ready / "index.json").write_text(json.dumps(index), "utf-8")


def compiled_of(files: Mapping[str, Path], shape: Shape, into: Path, *, at: str) -> dict[str, Path]:
    """The files' bytecode, where it is wanted.

    A digest is over the sources and the version instead: bytecode of one version may differ between two builds of it.
    """
    return precompile(files, shape.precompiled, into, under=shape.under, at=at) if shape.precompiled else {}


def _installed(target: Path) -> dict[str, Path]:
    """The installed files by name, without scripts, bytecode, locks and what the installer says about itself."""
    found = {}
    for path in target.rglob("*"):
        name = path.relative_to(target)
        dist_info = len(name.parts) == 2 and name.parts[0].endswith(".dist-info")
        if (
            path.is_file()
            and name.parts[0] not in {"bin", "Scripts", ".lock"}
            and "__pycache__" not in name.parts
            and not (dist_info and name.name in _INSTALLER_NOISE)
        ):
            found[name.as_posix()] = path
    return found
