"""Every Python block of the documents runs, page by page from top to bottom; what is generated is up to date."""

import re
from pathlib import Path

import pytest

from cdk_event_flow.render.findings import as_reference

DOCS = Path(__file__).parent.parent.parent / "docs"
PAGES = sorted(page for page in DOCS.rglob("*.md") if "```python" in page.read_text("utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_every_block_of_the_page_runs(page):
    names = {}
    for number, block in enumerate(re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL), start=1):
        exec(compile(block, f"{page}, block {number}", "exec"), names)


def test_the_findings_are_all_described_as_they_are():
    assert (DOCS / "reference" / "findings.md").read_text("utf-8") == as_reference(), "make docs writes it again"
