"""Speed of bundling a function with Powertools and pydantic for Lambda, as ratios to pip's in the same run.

Usage: `python benchmarks/bundling.py`. Needs a package index; "cold" includes what it takes to answer.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from cdk_event_flow.bundling import Platform, Source, bundle

# Seconds that each may take.
BARS = {"cold": 4.0, "hit": 0.3}
REQUIREMENTS = "aws-lambda-powertools[all]\npydantic>=2\n"
PYTHON = "3.13"
PLATFORM = Platform.aws(python=PYTHON, architecture="arm64")


def function(folder, answer=0):
    """A function's folder."""
    folder.mkdir()
    (folder / "handler.py").write_text(f"def handler(event, context): return {answer}\n")
    (folder / "requirements.txt").write_text(REQUIREMENTS)
    return Source(folder=folder)


def seconds(work):
    """How long it takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def pip(target):
    """The same packages by pip, without a zip."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-cache-dir"]
    command += [
        "--target",
        target,
        "--only-binary",
        ":all:",
        "--platform",
        "manylinux_2_34_aarch64",
        "--platform",
        "manylinux2014_aarch64",
    ]
    command += ["--python-version", PYTHON, "--requirement", target.with_name("one") / "requirements.txt"]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)


def measured(work):
    """Seconds by what was done, and the bundle."""
    source = function(work / "one")
    os.environ["UV_CACHE_DIR"] = str(work / "uv")

    def made(cache, source=source):
        return bundle(source, PLATFORM, at="Shop/F", cache=work / cache)

    four = [function(work / f"function{number}", number) for number in range(4)]
    first = made("cold")
    return {
        "pip, which does not zip": seconds(lambda: pip(work / "pip")),
        "cold": seconds(lambda: made_cold(work, source)),
        "wheels in uv's cache": seconds(lambda: made("warm")),
        "four functions of these packages": seconds(lambda: [made("four", each) for each in four]),
        "only the handler changed": seconds(lambda: made("cold", function(work / "changed", 9))),
        "hit": seconds(lambda: made("cold")),
    }, first


def made_cold(work, source):
    """With nothing in our cache, and nothing in uv's."""
    os.environ["UV_CACHE_DIR"] = str(work / "uv again")
    bundle(source, PLATFORM, at="Shop/F", cache=work / "cold again")
    os.environ["UV_CACHE_DIR"] = str(work / "uv")


def main():
    with tempfile.TemporaryDirectory() as folder:
        found, first = measured(Path(folder))
        packed = first.zip.stat().st_size
    table = Table("powertools with all extras + pydantic, arm64", "seconds", "times pip")
    for name, took in found.items():
        table.add_row(name, f"{took:.3f}", f"{took / found['pip, which does not zip']:.3f}")
    Console().print(table)
    Console().print(f"{packed / 1e6:.1f} MB zipped, {first.size / 1e6:.1f} MB unzipped, on {len(os.sched_getaffinity(0))} cores")
    late = [f"{name} took {found[name]:.2f} s, the bar is {bar} s" for name, bar in BARS.items() if found[name] > bar]
    sys.exit("\n".join(late))


if __name__ == "__main__":
    main()
