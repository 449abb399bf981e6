"""What all tests share: the processes they start find what is compiled and unpacked already."""

import os
from pathlib import Path

# Without bytecode every process would compile the package anew, and where HOME is another folder jsii would unpack the CDK again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ.setdefault("JSII_RUNTIME_PACKAGE_CACHE_ROOT", str(Path.home() / ".cache" / "aws" / "jsii" / "package-cache"))
