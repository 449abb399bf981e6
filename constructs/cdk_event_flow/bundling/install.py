"""Dependencies into a folder, by uv: wheels for the platform only. What uv says becomes one clear problem."""

import os
import re
import subprocess
from pathlib import Path

from ..errors import BundleError, Problem
from .platform import Platform
from .requirements import Requirements

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
    """Install into `target`. Raises BundleError; the user's own uv settings (indexes, proxies) are honoured."""
    excludes = target.with_name(target.name + ".excludes")
    excludes.write_text("\n".join(sorted(RUNTIME_PACKAGES)) if not RUNTIME_PACKAGES & requirements.names else "")
    command = [
        _uv(at),
        *("pip", "install", "--no-progress", "--color", "never"),
        *("--target", str(target), "--only-binary", ":all:", "--excludes", str(excludes)),
        *platform.arguments,
        *("--requirements", str(requirements.file.resolve())),
    ]
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        cwd=requirements.file.parent,  # uv finds the settings of the project that the code belongs to
        env=os.environ | {"UV_PYTHON_DOWNLOADS": "never"},
    )
    excludes.unlink()
    if done.returncode:
        raise BundleError(at, explain(done.stderr, requirements, platform))


def explain(said: str, requirements: Requirements, platform: Platform) -> Problem:
    """What uv said on its standard error, as one problem; addresses are left out, they can hold credentials."""
    text = " ".join(said.split())
    for pattern in _NO_WHEEL:
        if match := pattern.search(text):
            return _no_wheel(match["name"], match["version"] or "", requirements, platform)
    cause = _ADDRESS.sub("<address>", _cause(text))
    if any(word in text for word in _UNREACHABLE):
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
