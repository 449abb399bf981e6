"""What a bundle is built for: Lambda's own machines, or this one."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

# Lambda's Python runtimes from 3.12 on stand on Amazon Linux 2023, whose C library is glibc 2.34
# (https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html).
_TRIPLES = {"arm64": "aarch64-manylinux_2_34", "x86_64": "x86_64-manylinux_2_34"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Platform:
    """A platform, as the arguments by which uv chooses wheels for it; `name` is for people and for the cache."""

    name: str
    arguments: tuple[str, ...]

    @classmethod
    def aws(cls, *, python: str, architecture: Literal["arm64", "x86_64"]) -> Self:
        """Lambda's runtime of this Python ("3.14") and architecture."""
        arguments = ("--python-version", python, "--python-platform", _TRIPLES[architecture])
        return cls(name=f"Python {python} on Lambda, {architecture}", arguments=arguments)

    @classmethod
    def here(cls, interpreter: Path) -> Self:
        """This machine, with this interpreter."""
        return cls(name=f"this machine's {interpreter}", arguments=("--python", str(interpreter)))
