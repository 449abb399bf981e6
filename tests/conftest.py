"""What all tests share: the processes they start find what is compiled and unpacked already."""

import os
import sys
from pathlib import Path

# Without bytecode every process would compile the package anew, and where HOME is another folder jsii would unpack the CDK again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ.setdefault("JSII_RUNTIME_PACKAGE_CACHE_ROOT", str(Path.home() / ".cache" / "aws" / "jsii" / "package-cache"))


def pytest_sessionfinish():
    """What `make coverage` measured in a worker of xdist is written now: a worker that takes long to end is killed."""
    if "PYTEST_XDIST_WORKER" in os.environ and "coverage" in sys.modules and (measured := sys.modules["coverage"].Coverage.current()):
        measured.stop()
        measured.save()
