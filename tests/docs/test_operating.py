"""What the README shows of operating is what happens, on a run of the app."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from .blocks import run_by
from .test_readme import ROOT, shown

EVENT_FLOW = Path(sys.executable).with_name("event-flow")


@pytest.fixture(scope="module")
def environment(assembly, tmp_path_factory):
    """The environment in which --local finds a run of the app with the poison message, which has come to its dead letters.

    With the port of its endpoint, and what it said until then.
    """
    folder = tmp_path_factory.mktemp("operate")
    environment = {**os.environ, "XDG_STATE_HOME": str(folder)}
    command = [EVENT_FLOW, "run", "events/8-poison.json", "--clock", "fast", "--port", "0", "--page-port", "0"]
    command += ["--template", assembly]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        try:
            said = []
            while not said or "page:" not in said[-1]:
                said.append(run.stderr.readline())
                assert said[-1], said
            port = next(found[1] for line in said if (found := re.search(r"127\.0\.0\.1:(\d+)", line)))
            assert any("then dead-lettered" in line for line in run.stdout)
            yield environment, port, said
        finally:
            run.send_signal(signal.SIGINT)
            run.communicate(timeout=30)


def test_dead_letters_are_shown_and_sent_back_as_it_is_shown(environment):
    variables, port, _ = environment
    blocks = shown("operate")
    assert len(blocks) == 2
    for arguments, text in blocks:
        command = [EVENT_FLOW, *arguments, "--port", port]
        said = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=True).stdout
        wanted = re.escape(text).replace(re.escape("[…]"), ".*")
        assert re.fullmatch(wanted, said, re.DOTALL), said


def test_a_run_says_at_the_start_what_the_page_on_it_shows(environment):
    (shown,) = run_by("docs/test_operating.py::test_a_run_says_at_the_start_what_the_page_on_it_shows")
    wanted = [re.sub(r"\d+", r"\\d+", re.escape(line.strip()).replace("…", r"\S+")) for line in shown.text.splitlines()]
    assert all(re.fullmatch(line, said.strip()) for line, said in zip(wanted, environment[2][-2:], strict=True))
