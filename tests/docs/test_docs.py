"""Every Python block of the documents runs, page by page from top to bottom; what is generated is up to date."""

import re
import subprocess
import sys
from itertools import groupby
from pathlib import Path

import pytest

from cdk_event_flow.local.reload import LOOK_EVERY
from cdk_event_flow.render.findings import as_reference
from tests.examples.readme import printed

from .blocks import ROOT, run_by

DOCS = ROOT / "docs"
BLOCKS = run_by("docs/test_docs.py::test_every_block_of_the_page_runs")
PAGES = {page: list(blocks) for page, blocks in groupby(BLOCKS, lambda block: block.page)}


@pytest.mark.parametrize("page", PAGES)
def test_every_block_of_the_page_runs(page):
    names = {}
    for block in PAGES[page]:
        exec(compile(block.text, f"{page}, line {block.line}", "exec"), names)


SHOWN = run_by("docs/test_docs.py::test_what_is_shown_of_a_file_is_in_it")


@pytest.mark.parametrize("block", SHOWN, ids=lambda block: f"{block.page}:{block.line}")
def test_what_is_shown_of_a_file_is_in_it(block):
    assert block.text in (ROOT / block.mark.removeprefix("from ")).read_text("utf-8")


def test_how_often_a_run_looks_for_new_code_is_what_the_page_says():
    assert f" looks {1 / LOOK_EVERY:.0f} times a second " in (DOCS / "how-to" / "edit-and-debug-handlers.md").read_text("utf-8")


def test_the_findings_are_all_described_as_they_are():
    assert (DOCS / "reference" / "findings.md").read_text("utf-8") == as_reference(), "make docs writes it again"


OF_COMMANDS = run_by("docs/test_docs.py::test_every_command_of_the_pages_runs_and_says_what_the_page_says")
COMMANDS = [(block.page, line.split()[1:]) for block in OF_COMMANDS if block.kind == "sh" for line in block.text.splitlines()]


WRITTEN = (".event-flow", "catalogue", "flow.html", "dashboard.svg")  # what commands of the pages write, by its name there


def shown_as(mark):
    """The one block of all pages with this mark."""
    (found,) = (block.text for block in OF_COMMANDS if block.mark == mark)
    return found


def test_every_command_of_the_pages_runs_and_says_what_the_page_says(assembly, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    said = {}
    for page, arguments in COMMANDS:
        given = [str(tmp_path / one) if one in WRITTEN else one for one in arguments]
        given += ["--template", str(assembly)]
        if arguments[0] != "run":
            said[" ".join(arguments)] = printed(given, monkeypatch, succeeds=True)
            continue
        # At night the app's schedule is due.
        command = [Path(sys.executable).with_name("event-flow"), *given, "--start", "2026-11-02T12:00"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{page}: {done.stderr}"
        said[" ".join(arguments)] = done.stdout
        if "--logs" in arguments:
            assert '"message":"' in done.stderr
            assert '"message":"billed"' not in done.stderr
    assert said["run --once events --state .event-flow --logs"].splitlines()[-1] == shown_as("printed at the end").strip()
    assert re.fullmatch(_figures(shown_as("functions")), said["functions Reconcile --runs 1"])
    (broken,) = (text for arguments, text in said.items() if "--fault" in arguments)
    assert re.search(r"injected: .*error.*\n8 sent \+ .* = .*\n\Z", broken)
    assert shown_as("alarms") in said["alarms"]
    assert shown_as("of the catalogue") in (tmp_path / "catalogue" / "events" / "PackingFailed.md").read_text("utf-8")


def _figures(shown):
    """A pattern for a table of the same form, whatever its figures and its heaviest packages are."""
    pattern = re.sub(r"(\\ )+", " +", re.escape(shown))
    pattern = re.sub(r"\d[\d\\.]*", r"[\\d.,]+", pattern)
    return re.sub(r"\w+ \+(\[\\d\.,\]\+%)", r"\\w+ +\1", pattern)
