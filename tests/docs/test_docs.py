"""Every Python block of the documents runs, page by page from top to bottom; what is generated is up to date."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from cdk_event_flow.render.findings import as_reference

DOCS = Path(__file__).parent.parent.parent / "docs"
# The tutorial runs in an app of its own: tests/packaging/test_wheel.py.
PAGES = sorted(page for page in DOCS.rglob("*.md") if "```python" in page.read_text("utf-8") and page.name != "tutorial.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_every_block_of_the_page_runs(page):
    names = {}
    for number, block in enumerate(re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL), start=1):
        exec(compile(block, f"{page}, block {number}", "exec"), names)


def test_the_findings_are_all_described_as_they_are():
    assert (DOCS / "reference" / "findings.md").read_text("utf-8") == as_reference(), "make docs writes it again"


COMMANDS = [
    (page, line.split()[1:])
    for page in sorted(DOCS.rglob("*.md"))
    for block in re.findall(r"```sh\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    for line in block.splitlines()
]


def test_every_command_of_the_pages_runs_and_says_what_the_page_says(assembly, tmp_path):
    said = {}
    for page, arguments in COMMANDS:
        given = [str(tmp_path / one) if one in (".event-flow", "catalogue", "flow.html") else one for one in arguments]
        command = [Path(sys.executable).with_name("event-flow"), *given, "--template", str(assembly)]
        done = subprocess.run(command, cwd=DOCS.parent, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{page}: {done.stderr}"
        said[" ".join(arguments)] = done.stdout
    assert said["run --once events --state .event-flow"].splitlines()[-1] in (DOCS / "how-to" / "keep-and-break-a-run.md").read_text()
    (shown,) = re.findall(r"<!-- functions -->\n```\n(.*?)```", (DOCS / "how-to" / "shorten-cold-starts.md").read_text(), re.DOTALL)
    assert re.fullmatch(_figures(shown), said["functions Reconcile --runs 1"])
    (broken,) = (text for arguments, text in said.items() if "--fault" in arguments)
    assert re.search(r"injected: .*error.*\n8 sent \+ .* = .*\n\Z", broken)
    page = (DOCS / "how-to" / "keep-a-catalogue.md").read_text("utf-8")
    (part,) = re.findall(r"```markdown\n(.*?)```", page, re.DOTALL)
    assert part in (tmp_path / "catalogue" / "events" / "PackingFailed.md").read_text("utf-8")


def _figures(shown):
    """A pattern for a table of the same form, whatever its figures and its heaviest packages are."""
    pattern = re.sub(r"(\\ )+", " +", re.escape(shown))
    pattern = re.sub(r"\d[\d\\.]*", r"[\\d.,]+", pattern)
    return re.sub(r"\w+ \+(\[\\d\.,\]\+%)", r"\\w+ +\1", pattern)
