"""The distributions, built once a process. The outside app has tests of its own, which run in an environment of its own."""

import os
import subprocess
from pathlib import Path

import pytest
import uv

ROOT = Path(__file__).parent.parent.parent
collect_ignore = ["outside_app"]


@pytest.fixture(scope="session")
def distributions(tmp_path_factory):
    """The sdist, and the wheel that comes of it."""
    folder = tmp_path_factory.mktemp("dist")
    command = [uv.find_uv_bin(), "build", "--quiet", "--out-dir", folder, ROOT]
    done = subprocess.run(command, cwd=folder, env=dict(os.environ), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return sdist, wheel
