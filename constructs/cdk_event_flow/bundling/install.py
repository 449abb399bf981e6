"""Dependencies into a folder, by uv: wheels for the platform only. What uv says becomes one clear problem."""

import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

from ..errors import BundleError, Problem
from .platform import Platform
from .requirements import Requirements, normalised, refuse_editable

# In every managed Python runtime (https://docs.aws.amazon.com/lambda/latest/dg/python-package.html). Left out where
# only other packages ask for them; all three come along as soon as requirements.txt names one, so versions agree.
RUNTIME_PACKAGES = frozenset({"boto3", "botocore", "s3transfer"})

_NO_WHEEL = (
    re.compile(r"(?:all versions of )?(?P<name>[A-Za-z0-9][\w.-]*)(?:==(?P<version>[^\s,]+))? has no (?:usable )?wheels"),
    re.compile(r"all versions of (?P<name>[A-Za-z0-9][\w.-]*)(?P<version>)? have no (?:usable )?wheels"),
    re.compile(r"Wheels are required for `(?P<name>[^`=]+)(?:==(?P<version>[^`]+))?`"),
    re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*)==(?P<version>\S+) .*can't be installed because it .*(?:wheel|binary)"),
)
_ADDRESS = re.compile(r"`?\b[a-z+]+://[^\s`'\",)]+`?")
_UNREACHABLE = ("Failed to fetch", "Could not connect", "error sending request", "Request failed", "timed out")


def install(requirements: Requirements, platform: Platform, target: Path, *, at: str) -> None:
    """Install into `target`. Raises BundleError; the user's own uv settings (indexes, proxies) are honoured.

    Where no index answers, what uv has in its cache is enough.
    """
    excludes = target.with_name(target.name + ".excludes")
    excludes.write_text("\n".join(sorted(RUNTIME_PACKAGES)) if not RUNTIME_PACKAGES & requirements.names else "")
    listed = _exported(requirements, target.with_name(target.name + ".txt"), at) if requirements.lock else requirements.file
    command: tuple[str | Path, ...] = (
        *("pip", "install", "--target", target, "--only-binary", ":all:", "--excludes", excludes),
        *platform.arguments,
        *("--requirements", listed.resolve()),
    )
    within = requirements.file.parent  # uv finds the settings of the project that the code belongs to
    done = run_uv(*command, within=within, at=at)
    if done.returncode == 0 or (_unreachable(done.stderr) and run_uv(*command, "--offline", within=within, at=at).returncode == 0):
        return
    raise BundleError(at, explain(done.stderr, requirements, platform))


def run_uv(*arguments: str | Path, within: Path, at: str) -> subprocess.CompletedProcess[str]:
    """What uv says to these arguments in a folder; it never fetches a Python. Raises BundleError (EF-CODE-UV)."""
    return subprocess.run(
        [_uv(at), *map(str, arguments), "--no-progress", "--color", "never"],
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        cwd=within,
        env=os.environ | {"UV_PYTHON_DOWNLOADS": "never"},
    )


def _exported(requirements: Requirements, to: Path, at: str) -> Path:
    """What the lock fixes, as a requirements file: neither the project itself nor its development dependencies."""
    _refuse_stale(requirements, at)
    export = ("export", "--frozen", "--no-default-groups", "--no-emit-project", "--no-header", "--no-annotate")
    done = run_uv(*export, "--output-file", to, within=requirements.file.parent, at=at)
    if done.returncode:
        raise BundleError(at, _no_lock(requirements, f"cannot be exported: {_ADDRESS.sub('<address>', _cause(done.stderr))}"))
    refuse_editable(to, at=at)
    return to


def _refuse_stale(requirements: Requirements, at: str) -> None:
    """Raise BundleError where the lock is older than what it locks.

    The packages named are compared here, for uv compares only where a Python that the project accepts is installed.
    """
    assert requirements.lock is not None
    name = normalised(str(tomllib.loads(requirements.content[0].decode()).get("project", {}).get("name", "")))
    packages = tomllib.loads(requirements.content[1].decode()).get("package", ())
    metadata: dict[str, Any] = next((package.get("metadata", {}) for package in packages if package.get("name") == name), {})
    always = (each for each in metadata.get("requires-dist", ()) if "extra ==" not in each.get("marker", ""))
    locked = {normalised(each["name"]) for each in always}
    if locked != requirements.names:
        said = ", ".join(sorted(locked ^ requirements.names))
        raise BundleError(at, _no_lock(requirements, f"and {requirements.file.name} do not agree on {said}"))
    done = run_uv("lock", "--check", within=requirements.file.parent, at=at)
    if "needs to be updated" in done.stderr:
        raise BundleError(at, _no_lock(requirements, f"is older than {requirements.file.name}"))


def _no_lock(requirements: Requirements, what: str) -> Problem:
    return Problem(
        code="EF-CODE-LOCK",
        given=f"{requirements.lock} {what}",
        allowed="what is deployed is what is locked",
        fix="run 'uv lock' there",
    )


def explain(said: str, requirements: Requirements, platform: Platform) -> Problem:
    """What uv said on its standard error, as one problem; addresses are left out, they can hold credentials."""
    text = " ".join(said.split())
    for pattern in _NO_WHEEL:
        if match := pattern.search(text):
            return _no_wheel(match["name"], match["version"] or "", requirements, platform)
    cause = _ADDRESS.sub("<address>", _cause(text))
    if _unreachable(text):
        return Problem(
            code="EF-CODE-INDEX",
            given=f"the package index did not answer for {requirements.file.name}: {cause}",
            allowed="packages that are not in uv's cache are fetched from an index",
            fix="check the network and uv's index settings (UV_DEFAULT_INDEX, UV_INDEX)",
        )
    return Problem(
        code="EF-CODE-REQUIREMENT",
        given=f"{requirements.file} cannot be installed: {cause}",
        allowed=f"every requirement must have a version with a wheel for {platform.name}",
        fix="correct the requirement",
    )


def _unreachable(said: str) -> bool:
    text = " ".join(said.split())
    return any(word in text for word in _UNREACHABLE)


def _no_wheel(name: str, version: str, requirements: Requirements, platform: Platform) -> Problem:
    package = f"{name} {version}" if version else f"{name} (any version)"
    return Problem(
        code="EF-CODE-WHEEL",
        given=f"{package} in {requirements.file} has no wheel for {platform.name}",
        allowed="only wheels are bundled, so that no compiler and no Docker are needed",
        fix=f"choose a version of {name} with such a wheel, another Python or architecture, or build the wheel once "
        "and give its folder by UV_FIND_LINKS",
    )


def _cause(text: str) -> str:
    """The sentence after uv's `cause:` or `error:`, without its hints."""
    body = text.partition(" hint: ")[0]
    for mark in ("cause: ", "error: "):
        if mark in body:
            return body.rpartition(mark)[2].strip()
    return body.strip() or "uv gave no reason"


def _uv(at: str) -> str:
    try:
        import uv

        return os.fsdecode(uv.find_uv_bin())
    except (ImportError, FileNotFoundError) as error:
        raise BundleError(
            at,
            Problem(
                code="EF-CODE-UV",
                given="uv is not installed",
                allowed="dependencies are bundled by the PyPI package uv",
                fix="install it with 'pip install uv'",
            ),
        ) from error
