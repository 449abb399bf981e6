"""An independent engine with a CloudFormation of its own, for deploying to it: ministack, in an environment made by uv.

It is never a dependency of this library. It listens on 127.0.0.1 only, and gets nothing of the machine's environment, which
it would hand to the handlers.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
REQUIREMENTS = HERE / "requirements.txt"
ACCOUNT, REGION = "000000000000", "eu-west-1"
_START_SECONDS = 60


def python_of(folder):
    """The Python of the engine's environment, made in `folder` at the first time, with exactly what is pinned."""
    made = folder / "made-of.txt"
    python = folder / "bin" / "python"
    if not made.exists() or made.read_text("utf-8") != REQUIREMENTS.read_text("utf-8"):
        uv = Path(sys.executable).with_name("uv")
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, folder], check=True)
        install = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--no-deps", "--python", python, "-r", REQUIREMENTS]
        subprocess.run(install, check=True)
        made.write_text(REQUIREMENTS.read_text("utf-8"), "utf-8")
    return python


def scrubbed(home, **more):
    """An environment with a home and a place for temporary files of its own, and nothing of the machine's but PATH."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "tmp").mkdir(exist_ok=True)
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": str(home),
        "TMPDIR": str(home / "tmp"),
        "LANG": "C.UTF-8",
        **more,
    }


def client_environment(home, url, **more):
    """What AWS's tools need to reach the engine, with credentials that are none."""
    given = {"AWS_ENDPOINT_URL": url, "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION}
    return scrubbed(home, **given, AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_EC2_METADATA_DISABLED="true", **more)


@contextmanager
def engine(python, folder, *, starter=HERE / "start_engine.py"):
    """The engine's address and the file of its stubs, until the block ends; `folder` takes its log and its temporary files."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    variables = {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": REGION,
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
    }
    stubs = folder / "stubs.txt"
    with (folder / "engine.log").open("w") as log:
        process = subprocess.Popen(
            [python, starter, stubs], env=scrubbed(folder / "engine", **variables), stdout=log, stderr=log, start_new_session=True
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(process, url, folder / "engine.log")
            yield url, stubs, process.pid
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _wait(process, url, log):
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(f"{url}/_ministack/health", timeout=1).read()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"the engine did not start:\n{log.read_text('utf-8')[-2000:]}")
