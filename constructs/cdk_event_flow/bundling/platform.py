"""What a bundle must run on: Lambda's Python on Amazon Linux, or an interpreter of this machine."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..errors import BundleError, Problem

_RUNTIMES = "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html"
_MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
_AL2023_GLIBC = "manylinux_2_34"
_AL2_GLIBC = "manylinux_2_17"  # Amazon Linux 2 has glibc 2.26; 2.17 is the newest wheel tag at or below it in use
_FIRST_MINOR_ON_AL2023 = 12  # python3.12 and newer run on Amazon Linux 2023 (see _RUNTIMES)
_IDENTIFY = "import sys, sysconfig; print(sys.implementation.cache_tag, sysconfig.get_platform(), sys.abiflags or '-')"


@dataclass(frozen=True, kw_only=True, slots=True)
class Platform:
    """`name` is for readers, `identity` for cache keys, `arguments` for uv."""

    name: str
    identity: str
    arguments: tuple[str, ...]

    @classmethod
    def aws(cls, python: str = "3.14", architecture: Literal["arm64", "x86_64"] = "arm64") -> "Platform":
        """Lambda's managed runtime of this Python version (`3.14`) on this architecture."""
        if not (match := re.fullmatch(r"3\.(\d{1,2})", python)):
            raise BundleError("platform", _refused(f"Python is {python!r}", "a version such as '3.14'"))
        if architecture not in _MACHINES:
            raise BundleError("platform", _refused(f"architecture is {architecture!r}", "'arm64' or 'x86_64'"))
        glibc = _AL2023_GLIBC if int(match[1]) >= _FIRST_MINOR_ON_AL2023 else _AL2_GLIBC
        target = f"{_MACHINES[architecture]}-{glibc}"
        return cls(
            name=f"Lambda's python{python} on {architecture}",
            identity=f"aws {python} {target}",
            arguments=("--python", sys.executable, "--python-version", python, "--python-platform", target),
        )

    @classmethod
    def here(cls, interpreter: Path) -> "Platform":
        """This machine, for the given interpreter (which is asked what it is)."""
        # A venv's python is a link: the path is made absolute but the link is kept, or the venv would be lost.
        path = Path(os.path.abspath(interpreter))  # noqa: PTH100
        try:
            answer = subprocess.run([path, "-I", "-c", _IDENTIFY], capture_output=True, text=True, check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise BundleError("platform", _refused(f"{path} is no Python interpreter", "a python3 program")) from error
        tag, platform, abi = answer.stdout.split()
        return cls(
            name=f"this machine's {tag} ({platform})",
            identity=f"here {tag} {platform} {abi}",
            arguments=("--python", str(path)),
        )


def _refused(given: str, wanted: str) -> Problem:
    return Problem(
        code="EF-CODE-PLATFORM",
        given=given,
        allowed=f"a bundle's platform wants {wanted} ({_RUNTIMES})",
        fix="correct the value",
    )
