"""Sources and their dependencies, zipped byte for byte the same wherever and whenever it is done."""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from uv import find_uv_bin

from cdk_event_flow.bundling.platform import Platform
from cdk_event_flow.bundling.source import Source
from cdk_event_flow.errors import BundleError, Problem

CACHE_VARIABLE = "CDK_EVENT_FLOW_CACHE"
_FORMAT = "1"  # raised when the same inputs would give other bytes
_EPOCH = (1980, 1, 1, 0, 0, 0)
_MODE = 0o644 << 16

# What installers write about themselves, and scripts that name an interpreter: different from run to run, of no use in Lambda.
_NOISE = re.compile(r"(^|/)(__pycache__/|[^/]+\.dist-info/(RECORD|INSTALLER|REQUESTED|direct_url\.json|uv_cache\.json)$)|^bin/|^\.lock$")  # fmt: skip # noqa: E501


@dataclass(frozen=True, kw_only=True, slots=True)
class Bundle:
    """The zip, and the SHA-256 of what is in it, in hex.

    The hash is of names and contents, not of the zip's bytes: those are the same for one zlib, and zlibs differ.
    """

    zip: Path
    sha256: str


def bundle(source: Source, platform: Platform, *, at: str, cache: Path | None = None) -> Bundle:
    """Bundle `source` for `platform`, from the cache when the same was bundled before.

    The dependencies of `requirements.txt` are cached by themselves: changed code does not install again, and functions with
    the same requirements share them. `at` names the construct in errors. `cache` defaults to `CDK_EVENT_FLOW_CACHE` or the
    user's cache folder.

    Raises BundleError: EF-CODE-FOLDER, EF-CODE-MODULE, EF-CODE-HANDLER, EF-CODE-WHEEL, EF-CODE-INSTALL.
    """
    if problems := source.problems():
        raise BundleError(at, problems)
    cache = cache or cache_folder()
    files = list(source.files())
    requirements = source.requirements.read_bytes() if source.requirements.is_file() else b""
    dependencies = _dependencies(requirements, platform, at=at, cache=cache) if requirements.strip() else None
    key = _key(platform.name, requirements, *(part for name, path in files for part in (name, path.read_bytes())))
    target = cache / "bundles" / f"{key}.zip"
    if not target.is_file():
        entries = {name: path for name, path in _installed(dependencies)} if dependencies else {}
        _write_zip(target, entries | dict(files))
    with zipfile.ZipFile(target) as written:
        return Bundle(zip=target, sha256=written.comment.decode())


def unpack(bundled: Bundle | Path, to: Path) -> Path:
    """Unpack into the folder `to`, and nowhere else: an entry that would leave it is refused."""
    archive = bundled.zip if isinstance(bundled, Bundle) else bundled
    root = to.resolve()
    with zipfile.ZipFile(archive) as opened:
        for entry in opened.infolist():
            if not (root / entry.filename).resolve().is_relative_to(root):
                raise BundleError(
                    str(archive),
                    Problem(code="EF-CODE-ZIP", given=f"the entry {entry.filename!r} leads out of the folder",
                            allowed="a bundle holds relative names only", fix="do not run this template's code"),
                )  # fmt: skip
        opened.extractall(root)
    return root


def cache_folder() -> Path:
    """Where bundles are kept between runs."""
    chosen = os.environ.get(CACHE_VARIABLE)
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "cdk-event-flow"


def _dependencies(requirements: bytes, platform: Platform, *, at: str, cache: Path) -> Path:
    """The folder with the requirements installed for `platform`; made once, whole or not at all."""
    target = cache / "dependencies" / _key(platform.name, requirements)
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="installing-") as scratch:
        wanted = Path(scratch, "requirements.txt")
        wanted.write_bytes(requirements)
        made = Path(scratch, "made")
        command = [
            find_uv_bin(), "pip", "install", "--quiet", "--only-binary", ":all:", "--no-progress",
            "--link-mode", "copy", "--target", str(made), *platform.arguments, "-r", str(wanted),
        ]  # fmt: skip
        environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "NO_COLOR": "1"}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        if done.returncode:
            raise BundleError(at, _explained(done.stderr, platform))
        made.mkdir(exist_ok=True)
        try:
            made.rename(target)
        except OSError:  # another process was faster; its folder is the same
            if not target.is_dir():
                raise
            shutil.rmtree(made)
    return target


def _explained(stderr: str, platform: Platform) -> Problem:
    """One sentence out of what uv says."""
    said = " ".join(re.sub(r"https?://\S+", "the index", stderr).replace("\u256e", "").split())
    no_wheel = re.search(
        r"(?:Because |: )?([A-Za-z0-9._-]+)==([\w.!+-]+) has no (?:usable wheels|wheels with a matching|wheels)", said
    ) or re.search(r"([A-Za-z0-9._-]+)==([\w.!+-]+)[^.]*?no (?:usable|matching|compatible)? ?wheels", said)
    if no_wheel:
        return Problem(
            code="EF-CODE-WHEEL",
            given=f"{no_wheel[1]} {no_wheel[2]} has no wheel for {platform.name}",
            allowed="a bundle is made of wheels only, nothing is compiled",
            fix="choose a version that has one, build the wheel yourself and add it with --find-links, or change the "
            "function's architecture",
        )
    wheelless = re.search(r"no wheels? (?:are available )?for ([A-Za-z0-9._-]+)", said)
    if wheelless:
        return Problem(code="EF-CODE-WHEEL", given=f"{wheelless[1]} has no wheel for {platform.name}",
                       allowed="a bundle is made of wheels only, nothing is compiled",
                       fix="choose a version that has one, or change the function's architecture")  # fmt: skip
    return Problem(code="EF-CODE-INSTALL", given=f"the requirements cannot be installed for {platform.name}: {said}",
                   allowed="every requirement must be found in the package index", fix="correct requirements.txt")  # fmt: skip


def _installed(folder: Path) -> list[tuple[str, Path]]:
    found = [(path.relative_to(folder).as_posix(), path) for path in folder.rglob("*") if path.is_file()]
    return [(name, path) for name, path in found if not _NOISE.search(name)]


def _write_zip(target: Path, entries: dict[str, Path]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, suffix=".part", delete=False) as scratch:
        digest = hashlib.sha256()
        with zipfile.ZipFile(scratch, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            for name, path in sorted(entries.items()):
                entry = zipfile.ZipInfo(name, date_time=_EPOCH)
                entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, _MODE, 3
                content = path.read_bytes()
                digest.update(f"{name}\0{len(content)}\0".encode() + content)
                archive.writestr(entry, content)
            archive.comment = digest.hexdigest().encode()
    Path(scratch.name).chmod(0o644)
    Path(scratch.name).replace(target)


def _key(*parts: str | bytes) -> str:
    digest = hashlib.sha256(_FORMAT.encode())
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()[:40]
