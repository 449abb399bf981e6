"""Every block of code that a page shows, and which test runs it.

A block is what stands in a fence, with the comment in the line before it: `<!-- mark -->`. RUNNERS says for each test which blocks
it runs; the tests take their blocks from `run_by`, so what is named here is what is run. NOT_RUN names the few that no test runs.
"""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PLACES = ("*.md", "docs/**/*.md", "examples/**/*.md", "constructs/**/*.md", "lambda_src/**/*.md", "tests/**/*.md")
_FENCE = re.compile(r"^(?:<!-- (?P<mark>.*) -->\n)?(?P<in> *)```(?P<kind>\w*)\n(?P<text>(?:.*\n)*?)(?P=in)```$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A block of `page` (from the repository's root) that begins in `line`."""

    page: str
    line: int
    kind: str
    mark: str
    text: str


def pages():
    """Every page that people read, from the repository's root."""
    found = {path.relative_to(ROOT).as_posix() for place in PLACES for path in ROOT.glob(place)}
    return sorted(page for page in found if "node_modules" not in page)


def blocks_of(page):
    """The blocks of a page, from top to bottom."""
    text = (ROOT / page).read_text("utf-8")
    return [
        Block(page, text[: found.start()].count("\n") + 1 + bool(found["mark"]), found["kind"], found["mark"] or "", found["text"])
        for found in _FENCE.finditer(text)
    ]


def run_by(test):
    """The blocks that a test runs, page by page."""
    return [block for page in pages() for block in blocks_of(page) if RUNNERS[test](block)]


def runners_of(block):
    """The tests that run a block."""
    return [test for test, runs in RUNNERS.items() if runs(block)]


def _in_docs(block):
    return block.page.startswith("docs/") and block.page != "docs/tutorial.md"


def _marked(page, *marks):
    """Blocks of a page whose mark, before a colon, is one of these."""
    return lambda block: block.page == page and block.mark.partition(":")[0] in marks


RUNNERS = {
    "docs/test_docs.py::test_every_block_of_the_page_runs": lambda block: _in_docs(block) and block.kind == "python",
    "docs/test_docs.py::test_every_command_of_the_pages_runs_and_says_what_the_page_says": lambda block: (
        _in_docs(block) and (block.kind == "sh" or block.mark in ("printed at the end", "functions", "of the catalogue", "alarms"))
    ),
    "docs/test_docs.py::test_what_is_shown_of_a_file_is_in_it": lambda block: block.mark.startswith("from "),
    "docs/test_local_run_page.py::test_a_report_says_what_the_page_says": _marked("docs/how-to/test-with-a-local-run.md", "report"),
    "docs/test_schedules_page.py::test_the_times_shown_are_the_times_of_the_reference_app": _marked(
        "docs/how-to/schedule-things.md", "schedules"
    ),
    "docs/test_review_page.py::test_a_change_is_told_as_the_page_tells_it": lambda block: (
        block.page == "docs/how-to/review-a-change.md"
    ),
    "docs/test_table_page.py::test_the_table_in_yaml": _marked("docs/how-to/test-who-gets-what.md", "file"),
    "docs/test_readme.py::test_the_run_prints_what_is_shown": _marked("README.md", "run"),
    "docs/test_readme.py::test_the_trace_prints_what_is_shown": _marked("README.md", "trace"),
    "docs/test_readme.py::test_the_tests_shown_pass_on_the_app": _marked("README.md", "tests", "file"),
    "docs/test_readme.py::test_the_makefile_has_the_commands_shown": lambda block: (
        block.page in ("README.md", "CONTRIBUTING.md") and block.text.startswith("make ")
    ),
    "docs/test_operating.py::test_dead_letters_are_shown_and_sent_back_as_it_is_shown": _marked("README.md", "operate"),
    "docs/test_operating.py::test_a_run_says_at_the_start_what_the_page_on_it_shows": _marked("docs/how-to/use-the-page.md", "ready"),
    "packaging/test_wheel.py::test_a_ten_line_app_makes_a_filtered_fan_out": _marked("README.md", "an app"),
    "packaging/test_wheel.py::test_the_tutorial_is_what_happens_to_a_new_app": lambda block: (
        block.page == "docs/tutorial.md" and block.mark != "deployed"
    ),
    "packaging/test_wheel.py::test_the_readme_of_a_new_app_shows_what_the_tutorial_shows": lambda block: (
        block.page == "constructs/cdk_event_flow/new_app/README.md"
    ),
    "docs/test_learning.py::test_what_a_step_shows_is_shown_and_run_where_it_links_to": lambda block: (
        block.page == "docs/learn.md" and block.kind in ("console", "diff")
    ),
    "examples/test_*.py::test_the_readme_shows_what_happens": lambda block: (
        re.fullmatch(r"examples/\w+/README\.md", block.page) is not None and block.kind in ("console", "diff")
    ),
}

# By page, and how the block begins: why no test runs it.
NOT_RUN = {
    ("docs/tutorial.md", "$ npx cdk bootstrap"): "`make rehearse` deploys the app and runs them, which takes minutes and an engine",
    ("docs/how-to/rehearse-a-deployment.md", "made in name only"): "`make rehearse` prints it, which takes minutes and an engine",
    (
        "docs/how-to/edit-and-debug-handlers.md",
        " 23.1 s  HumanDispatch has",
    ): "local/test_reload.py holds the words; times are its own",
    ("docs/how-to/edit-and-debug-handlers.md", " 31.0 s  Billing waits"): "local/environments/test_debug.py holds the words",
    (
        "docs/how-to/edit-and-debug-handlers.md",
        '{\n  "version"',
    ): "an editor's own file; local/environments/test_debug.py attaches as it",
}
