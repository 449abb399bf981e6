"""What the README shows is what happens."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
BLOCK = re.compile(r"<!-- (?P<mark>[^>]+) -->\n```\w*\n(?P<text>.*?)```\n", re.DOTALL)
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = [(match["mark"], match["text"]) for match in BLOCK.finditer(README)]


NOON = "2026-11-02T12:00"  # retries take half an hour of a run's time, and at night its schedule is due


def shown(mark):
    """The texts under `<!-- mark: arguments -->`, each with its arguments."""
    return [(name.partition(": ")[2].split(), text) for name, text in BLOCKS if name.partition(":")[0] == mark]


def printed(*arguments):
    """What the command line prints."""
    command = [Path(sys.executable).with_name("event-flow"), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_the_run_prints_what_is_shown(assembly):
    ((events, text),) = shown("run")
    said = printed("run", "--once", *(f"events/{name}" for name in events), "--template", str(assembly), "--start", NOON)
    wanted = re.escape(text).replace(re.escape("[…]"), ".*")
    wanted = re.sub(r"\d+\\ ms", r"\\d+\\ ms", wanted)
    assert re.fullmatch(wanted, said)


def test_the_trace_prints_what_is_shown(assembly):
    ((events, text),) = shown("trace")
    assert printed("trace", *events, "--template", str(assembly)) == text


@pytest.mark.parametrize("text", [text for mark, text in BLOCKS if mark == "from app.py"])
def test_what_is_shown_of_the_app_is_in_the_app(text):
    assert text in (ROOT / "app.py").read_text("utf-8")


def test_the_tests_shown_pass_on_the_app(tmp_path):
    ((_, text),) = shown("tests")
    (tmp_path / "test_routes.py").write_text(text)
    (([name], table),) = shown("file")
    (tmp_path / name).write_text(table)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--snapshot-update", tmp_path / "test_routes.py"]
    command += ["-c", ROOT / "pyproject.toml", "--rootdir", ROOT]
    done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False)
    assert "6 passed" in done.stdout, done.stdout


def test_the_makefile_has_the_commands_shown():
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert set(re.findall(r"make (run|test|synth)", (ROOT / "README.md").read_text("utf-8"))) <= set(targets)


def test_every_example_is_named():
    linked = set(re.findall(r"\(examples/(\w+)\)", README))
    assert linked == {folder.name for folder in (ROOT / "examples").iterdir() if (folder / "app.py").is_file()}
