"""The pages as a site: what does not resolve is an error, and what is public is on a page."""

import os
import re
import subprocess
import sys
from pathlib import Path

import cdk_event_flow

from .run_error_codes import page

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"


def test_the_site_is_built_without_a_warning(tmp_path):
    # Not --quiet: mkdocs would not count the warnings either.
    command = [Path(sys.executable).with_name("mkdocs"), "build", "--site-dir", tmp_path]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    shown = (tmp_path / "reference" / "command-line" / "index.html").read_text("utf-8")
    assert "event-flow dlq redrive" in shown


def test_every_public_name_is_on_a_page_of_the_reference():
    named = {
        name
        for file in (DOCS / "reference" / "api").glob("*.md")
        for name in re.findall(r"^::: cdk_event_flow\.((?:compose)\S+)$", file.read_text("utf-8"), re.MULTILINE)
    }
    assert named == {f"{home}.{name}" for name, home in cdk_event_flow._HOMES.items()}


def test_every_code_of_an_error_is_on_its_page():
    assert (DOCS / "reference" / "error-codes.md").read_text("utf-8") == page(), "make docs writes it again"


def test_every_other_project_is_compared_with_by_sources_that_have_a_date():
    text = (DOCS / "explanation" / "comparison.md").read_text("utf-8")
    table = set(re.findall(r"^\| ([^|*]+?) \|", text, re.MULTILINE)) - {""}
    sections = dict(re.findall(r"^## (.*)\n((?:(?!## ).*\n?)+)", text, re.MULTILINE))
    del sections["What nobody here does"]
    assert {title.removeprefix("AWS ") for title in sections} == {name.removeprefix("AWS ") for name in table}
    for title, said in sections.items():
        assert "**Better there**" in said
        assert "**Not" in said or "left to it" in said
        assert re.search(r"^Read on \d+ \w+ 20\d\d: \[.*\]\(https://", said, re.MULTILINE) or "Measured with" in said, title
