"""From a source to a zip: the dependencies' layer, then the function's own files, each cached by content."""

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import BundleError
from . import archive
from .cache import cache_folder, fresh, put
from .install import RUNTIME_PACKAGES, install
from .platform import Platform
from .ready import size_problems
from .requirements import Requirements
from .source import Source, clash

_FORMAT = "1"  # raised whenever the same inputs would give other bytes
# What an installer writes about itself and the machine. METADATA and entry_points.txt stay: libraries read them.
_INSTALLER_NOISE = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", "uv_build.json"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Bundle:
    """`zip` lies in the cache; `sha256` is over its names and contents, and the same on any machine.

    `notes` say what could make the next bundle of the same inputs another one: requirements that are not pinned.
    """

    zip: Path
    sha256: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Layer:
    """Installed dependencies as a zip, with its digest, the sum of its sizes in bytes, and the names in it."""

    zip: Path | None
    digest: str
    size: int
    names: frozenset[str]


def bundle(source: Source, platform: Platform, *, at: str, cache: Path | None = None) -> Bundle:
    """The source and its dependencies as a zip for the platform. `at` is the construct path that errors name.

    The zip holds the dependencies of `requirements.txt`, then the function's own files; each part is sorted.
    Raises BundleError: EF-CODE-FOLDER, -MODULE, -HANDLER, -SYNTAX, -PYPROJECT, -REQUIREMENT, -WHEEL, -INDEX, -CLASH,
    -SIZE, -UV.
    """
    if problems := source.problems():
        raise BundleError(at, problems)
    cache = cache or cache_folder()
    requirements = Requirements.read(source.requirements, at=at) if source.requirements else None
    layer = _layer(requirements, platform, cache, at=at) if requirements else _Layer(None, "", 0, frozenset())
    files = source.files()
    if clashes := sorted(files.keys() & layer.names):
        raise BundleError(at, clash(clashes, "the function's files and its dependencies"))
    if problems := size_problems(layer.size + sum(path.stat().st_size for path in files.values())):
        raise BundleError(at, problems)
    sha256 = archive.digest(files, base=f"{_FORMAT} {layer.digest}")
    place = cache / "bundles" / f"{sha256}.zip"
    if not place.exists():
        with fresh(place) as folder:
            ready = folder / place.name
            if layer.zip is not None:
                shutil.copyfile(layer.zip, ready)
            archive.write(ready, files)
            put(ready, place)
    return Bundle(zip=place, sha256=sha256, notes=requirements.notes if requirements else ())


def unpack(bundle: Bundle, to: Path) -> Path:
    """The bundle's files in `to/<sha256>`, which is returned; what is there already is used as it is."""
    place = to / bundle.sha256
    if not place.exists():
        with fresh(place) as folder:
            ready = folder / "code"
            ready.mkdir(mode=0o755)
            archive.extract(bundle.zip, ready)
            put(ready, place)
    return place


def _layer(requirements: Requirements, platform: Platform, cache: Path, *, at: str) -> _Layer:
    key = hashlib.sha256("\0".join((_FORMAT, platform.identity, *sorted(RUNTIME_PACKAGES))).encode())
    for content in requirements.content:
        key.update(hashlib.sha256(content).digest())
    place = cache / "layers" / key.hexdigest()
    if not place.exists():
        with fresh(place) as folder:
            _build_layer(requirements, platform, folder, at=at)
            put(folder / "ready", place)
    index = json.loads((place / "index.json").read_text("utf-8"))
    return _Layer(place / "layer.zip", index["digest"], index["size"], frozenset(index["names"]))


def _build_layer(requirements: Requirements, platform: Platform, folder: Path, *, at: str) -> None:
    target = folder / "site"
    target.mkdir()
    install(requirements, platform, target, at=at)
    files = _installed(target)
    ready = folder / "ready"
    ready.mkdir()
    archive.write(ready / "layer.zip", files)
    index: Mapping[str, object] = {
        "digest": archive.digest(files),
        "size": sum(path.stat().st_size for path in files.values()),
        "names": sorted(files),
    }
    (ready / "index.json").write_text(json.dumps(index), "utf-8")


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
