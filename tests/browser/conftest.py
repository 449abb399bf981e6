"""A real local run of the reference app, and a Chromium that opens its page. Skipped where there is none: see `make browser`."""

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.browser.chromium import FLAGS, HERE, find

ROOT = Path(__file__).parent.parent.parent
EVENT_FLOW = Path(sys.executable).with_name("event-flow")
AXE = HERE / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="session")
def chromium(tmp_path_factory):
    """The browser."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: `make browser` installs it")
    found = find(tmp_path_factory.mktemp("chromium"))
    if isinstance(found, str):
        pytest.skip(found)
    program, environment = found
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=list(FLAGS), env=environment)
        yield browser
        browser.close()


class Run:
    """`event-flow run` in a process of its own, in the folder of the `app`: `url` is the page's, with its token."""

    def __init__(self, assembly, folder, app=ROOT):
        self.said = folder / "said"
        with self.said.open("w") as out:
            command = [EVENT_FLOW, "run", "--template", assembly, "--clock", "fast", "--port", "0", "--page-port", "0"]
            environment = {**os.environ, "XDG_STATE_HOME": str(folder / "state")}
            self.process = subprocess.Popen(command, cwd=app, stdout=out, stderr=out, env=environment)
        until = time.monotonic() + 90
        while not (found := re.search(r"page: +(\S+)", self.said.read_text())):
            assert self.process.poll() is None, self.said.read_text()
            assert time.monotonic() < until, self.said.read_text()
            time.sleep(0.1)
        self.url = found[1]
        self.base, _, self.token = self.url.partition("/#token=")

    def says(self, text, after=0, seconds=30):
        """Wait until it has said this in the terminal, after so many characters."""
        until = time.monotonic() + seconds
        while text not in self.said.read_text()[after:]:
            assert time.monotonic() < until, self.said.read_text()
            time.sleep(0.05)

    def ask(self, path, body=None):
        """The page's API, as JSON."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(f"{self.base}/api/{path}", data, headers), timeout=30) as answer:
            return json.load(answer)

    def end(self):
        self.process.terminate()
        self.process.wait(30)


@pytest.fixture(scope="session")
def run(chromium, assembly, tmp_path_factory):
    """The run of this session, shared: tests look at what they sent themselves."""
    run = Run(assembly, tmp_path_factory.mktemp("run"))
    yield run
    run.end()


@pytest.fixture
def context(chromium):
    """A browser window of its own, and the errors that were seen in it."""
    made = chromium.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    made.set_default_timeout(15_000)
    yield made
    made.close()


@pytest.fixture
def page(context, run):
    """The page, open; what goes wrong in it fails the test."""
    page = opened(context, run)
    yield page
    assert page.wrong == []


def opened(context, run):
    """The page of a run; `wrong` is what went wrong in it."""
    page = context.new_page()
    page.wrong = []
    page.on("pageerror", lambda error: page.wrong.append(str(error)))
    page.on(
        "console",
        lambda message: page.wrong.append(message.text) if message.type == "error" and "status of 400" not in message.text else None,
    )
    page.on("dialog", lambda dialog: page.wrong.append(f"a dialog: {dialog.message}"))
    page.goto(run.url)
    page.get_by_text("live,").wait_for()
    return page
