"""Bundling: seconds and bytes of a function with Powertools and pydantic for Lambda, beside pip's way and what is told of Docker's.

It needs a package index; what is "cold" includes what that takes to answer.
"""

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measure import compared, program, seconds
from benchmarks.section import Claim, Section, about, number, prose, table, times
from cdk_event_flow.bundling import Platform, Source, bundle

TITLE = "Bundling"
# Seconds that each may take.
BARS = {"cold": 4.0, "hit": 0.3}
REQUIREMENTS = "aws-lambda-powertools[all]\npydantic>=2\n"
PYTHON = "3.13"
PLATFORM = Platform.aws(python=PYTHON, architecture="arm64")
WHEELS = ("manylinux_2_34_aarch64", "manylinux_2_28_aarch64", "manylinux2014_aarch64")
RUNTIME = ("boto3", "botocore", "s3transfer")
NAMES = {
    "pip cold": "pip and zip, nothing cached",
    "pip warm": "pip and zip, wheels in pip's cache",
    "cold": "ours, nothing cached",
    "warm": "ours, wheels in uv's cache",
    "four": "ours, four functions with these packages, wheels in uv's cache",
    "changed": "ours, only the handler changed",
    "hit": "ours, nothing changed",
}


def measured(quick, say):
    """Seconds by what was done, the shortest of the rounds, and the sizes of both ways."""
    rounds = []
    for _ in range(1 if quick else 2):
        with tempfile.TemporaryDirectory() as folder:
            rounds.append(_round(Path(folder)))
    took = {name: min(each["took"][name] for each in rounds) for name in NAMES}
    say(f"{took['cold']:.2f} s with nothing cached, pip {took['pip cold']:.2f} s")
    assert len({each["ours"]["sha256"] for each in rounds}) == 1, "two rounds gave other bytes"
    return {"rounds": len(rounds), "took": took, "sizes": {way: rounds[0][way] for way in ("pip", "ours")}}


def _round(work):
    one, four = _function(work / "one"), [_function(work / f"function{at}", at) for at in range(4)]
    with _variable("UV_CACHE_DIR", work / "uv"):
        made = []
        took = {
            "pip cold": seconds(lambda: _pip(work, "cold")),
            "cold": seconds(lambda: made.append(_bundle(one, work / "ours"))),
            "pip warm": seconds(lambda: _pip(work, "warm")),
            "warm": seconds(lambda: _bundle(one, work / "again")),
            "four": seconds(lambda: [_bundle(each, work / "four") for each in four]),
            "changed": seconds(lambda: _bundle(_function(work / "changed", 9), work / "ours")),
            "hit": seconds(lambda: _bundle(one, work / "ours")),
        }
    by_pip = [file for file in (work / "pip-cold").rglob("*") if file.is_file()]
    return {
        "took": took,
        "ours": {"zipped": made[0].zip.stat().st_size, "unzipped": made[0].size, "sha256": made[0].sha256},
        "pip": {
            "runtime": sum(file.stat().st_size for file in by_pip if file.relative_to(work / "pip-cold").parts[0] in RUNTIME),
            "bytecode": sum(file.stat().st_size for file in by_pip if file.suffix == ".pyc"),
            "zipped": (work / "pip-cold.zip").stat().st_size,
            "unzipped": sum(file.stat().st_size for file in by_pip),
        },
    }


def _function(folder, answer=0):
    """A function's folder."""
    folder.mkdir()
    (folder / "handler.py").write_text(f"def handler(event, context): return {answer}\n")
    (folder / "requirements.txt").write_text(REQUIREMENTS)
    return Source(folder=folder)


def _bundle(source, cache):
    return bundle(source, PLATFORM, at="Shop/F", cache=cache)


def _pip(work, way):
    """The same packages and handler as Lambda's documentation has it: installed into a folder, and zipped."""
    target = work / f"pip-{way}"
    command = [compared(), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", target]
    command += ["--only-binary", ":all:", "--python-version", PYTHON, "--requirement", work / "one" / "requirements.txt"]
    program([*command, *(f"--platform={each}" for each in WHEELS)], PIP_CACHE_DIR=str(work / "pip-cache"))
    shutil.copy(work / "one" / "handler.py", target)
    shutil.make_archive(str(target), "zip", target)


@contextmanager
def _variable(name, value):
    before = os.environ.get(name)
    os.environ[name] = str(value)
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def section(figures):
    """Its part of the page."""
    took, sizes = figures["took"], figures["sizes"]
    claims = [
        Claim(key="bundling-cold", what="pip's time to ours, with nothing cached", figure=times(took["pip cold"] / took["cold"])),
        Claim(
            key="bundling-warm", what="pip's time to ours, with wheels in the cache", figure=times(took["pip warm"] / took["warm"])
        ),
        Claim(key="bundling-changed", what="to bundle again when only the handler changed", figure=f"{about(took['changed'])} s"),
        Claim(key="bundling-pip", what="the same by pip and zip, with wheels in its cache", figure=f"{about(took['pip warm'])} s"),
        Claim(key="bundling-bytes", what="the package, zipped", figure=f"{sizes['ours']['zipped'] / 1e6:.1f} MB"),
        Claim(key="bundling-pip-bytes", what="the package by pip, zipped", figure=f"{sizes['pip']['zipped'] / 1e6:.1f} MB"),
    ]
    by_pip = sizes["pip"]
    blocks = [
        prose(
            f"A function that needs `aws-lambda-powertools[all]` and `pydantic` for Python {PYTHON} on arm64, bundled on this",
            "machine without Docker. pip's way is that of [Lambda's",
            "documentation](https://docs.aws.amazon.com/lambda/latest/dg/python-package.html): into a folder, for the function's",
            "platform, and zipped. Ours leaves out boto3, botocore and s3transfer, which Lambda's runtime brings, bytecode, and",
            f"what the installer writes. Seconds by the clock, the shortest of {figures['rounds']} rounds; with nothing cached, the",
            "package index is waited for.",
        ),
        table(
            ["", ">seconds", ">pip's with nothing cached, times"],
            [[name, f"{took[key]:.3f}", number(took["pip cold"] / took[key])] for key, name in NAMES.items()],
        ),
        table(
            ["", ">MB zipped", ">MB unzipped"],
            [
                [name, f"{of['zipped'] / 1e6:.1f}", f"{of['unzipped'] / 1e6:.1f}"]
                for name, of in (("pip", by_pip), ("ours", sizes["ours"]))
            ],
        ),
        prose(
            f"Of pip's {by_pip['unzipped'] / 1e6:.1f} MB, boto3, botocore and s3transfer are {by_pip['runtime'] / 1e6:.1f} MB, and",
            f"bytecode is {by_pip['bytecode'] / 1e6:.1f} MB, partly of these: bytecode for the Python that runs pip, not for that",
            "of the function.",
        ),
        *DOCKER,
    ]
    late = [f"{NAMES[name]} took {took[name]:.2f} s, the bar is {bar} s" for name, bar in BARS.items() if took[name] > bar]
    return Section(blocks=blocks, claims=claims, missed=late)


# Not measured here, for there is no Docker: what is told where it is used.
DOCKER = [
    prose(
        "The Docker way is not measured here. What its users tell of the `PythonFunction` of `aws-lambda-python-alpha`, which",
        "bundles in a container:",
    ),
    table(
        ["", "told", "where"],
        [
            [
                "the first time, with the image to be built",
                "4 minutes, and an image of 3 GB (2.1 GiB for the maintainer who looked) for a package of 3.6 MB",
                "[aws-cdk, number 32682](https://github.com/aws/aws-cdk/issues/32682), December 2024",
            ],
            [
                "each time after, with requirements, Docker's layers cached",
                "about 40 s; about 1 s without requirements",
                "[aws-cdk, number 23829](https://github.com/aws/aws-cdk/issues/23829), June 2023",
            ],
        ],
    ),
]
