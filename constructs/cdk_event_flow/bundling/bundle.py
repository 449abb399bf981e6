"""From a source to a zip: what it depends on, then the function's own files, each cached by content."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from ..errors import BundleError, Problem
from . import archive
from .cache import cache_folder, fresh, put
from .dependencies import FORMAT, LAYER, NONE, Shape, compiled_of, dependencies
from .platform import Platform
from .ready import size_problems
from .requirements import Requirements
from .source import Source, clash, dependencies_in


@dataclass(frozen=True, kw_only=True, slots=True)
class Bundle:
    """`zip` lies in the cache; `sha256` is over its names and contents, and the same on any machine.

    `size` is that of the files unzipped, in bytes. `notes` say what could make the next bundle of the same inputs another
    one: requirements that are not pinned.
    """

    zip: Path
    sha256: str
    size: int = 0
    notes: tuple[str, ...] = ()


def bundle(source: Source, platform: Platform, *, precompile: str | None = None, at: str, cache: Path | None = None) -> Bundle:
    """The source and its dependencies as a zip for the platform. `at` is the construct path that errors name.

    The zip holds the dependencies, then the function's own files; each part is sorted. `precompile` adds bytecode for
    this version of Python ("3.14"), which must be installed.
    Raises BundleError: EF-CODE-FOLDER, -MODULE, -HANDLER, -SYNTAX, -PYPROJECT, -LOCK, -REQUIREMENT, -WHEEL, -INDEX,
    -CLASH, -SIZE, -PRECOMPILE, -UV.
    """
    if problems := source.problems():
        raise BundleError(at, problems)
    cache = cache or cache_folder()
    shape = Shape(exclude=source.exclude, precompiled=precompile)
    requirements = Requirements.read(source.requirements, at=at) if source.requirements else None
    installed = dependencies(requirements, platform, shape, cache, at=at) if requirements else NONE
    files = source.files()
    if clashes := sorted(files.keys() & installed.names):
        raise BundleError(at, clash(clashes, "the function's files and its dependencies"))
    size = installed.size + sum(path.stat().st_size for path in files.values())
    if too_large := size_problems(size):
        raise BundleError(at, too_large)
    sha256 = archive.digest(files, base=f"{FORMAT} {installed.digest} {precompile}")
    place = cache / "bundles" / f"{sha256}.zip"
    if not place.exists():
        with fresh(place) as folder:
            ready = folder / place.name
            if installed.zip is not None:
                shutil.copyfile(installed.zip, ready)
            archive.write(ready, files | compiled_of(files, shape, folder / "compiled", at=at))
            put(ready, place)
    return Bundle(zip=place, sha256=sha256, size=size, notes=requirements.notes if requirements else ())


def bundle_layer(
    listed: Path,
    platform: Platform,
    *,
    exclude: tuple[str, ...] = (),
    precompile: str | None = None,
    at: str,
    cache: Path | None = None,
) -> Bundle:
    """What a requirements file, a pyproject.toml, or the one of them in a folder, lists, as a layer's zip.

    Raises BundleError as `bundle` does, and EF-CODE-FOLDER where `listed` is none of them.
    """
    file = dependencies_in(listed) if listed.is_dir() else listed
    if file is None or not file.is_file():
        raise BundleError(at, _nothing_listed(listed))
    requirements = Requirements.read(file, at=at)
    shape = Shape(exclude=exclude, precompiled=precompile, under=LAYER)
    installed = dependencies(requirements, platform, shape, cache or cache_folder(), at=at)
    if installed.zip is None:
        raise BundleError(at, _nothing_listed(listed))
    if too_large := size_problems(installed.size):
        raise BundleError(at, too_large)
    return Bundle(zip=installed.zip, sha256=installed.digest, size=installed.size, notes=requirements.notes)


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


def _nothing_listed(listed: Path) -> Problem:
    return Problem(
        code="EF-CODE-FOLDER",
        given=f"{listed} lists no packages",
        allowed="the packages of a layer are listed in a requirements.txt or a pyproject.toml, or the one in a folder",
        fix="correct the path, which is relative to where the app runs",
    )
