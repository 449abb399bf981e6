"""Every block of code that a page shows is run by a test, or stands in a short list with the reason; commands in lines exist."""

import re
import shlex

import click
import pytest

from cdk_event_flow.cli.group import event_flow

from . import notes
from .blocks import NOT_RUN, ROOT, RUNNERS, Block, blocks_of, pages, runners_of

BLOCKS = [block for page in pages() for block in blocks_of(page)]
EXAMPLES = sorted(app.parent.name for app in ROOT.glob("examples/*/app.py"))


def not_run(block):
    """The entry of NOT_RUN that this block is, if it is one."""
    return [entry for entry in NOT_RUN if entry[0] == block.page and block.text.startswith(entry[1])]


def test_every_block_is_run_by_a_test_or_has_a_reason():
    claims = {f"{block.page}:{block.line}": len(runners_of(block)) + len(not_run(block)) for block in BLOCKS}
    assert {where: claimed for where, claimed in claims.items() if claimed != 1} == {}
    assert len(BLOCKS) > 120


def test_a_block_that_nothing_runs_is_seen():
    new = Block("docs/how-to/write-a-pattern.md", 1, "sh", "", "event-flow trace events\n")
    assert len(runners_of(new)) == 1
    assert runners_of(Block(new.page, 1, "", "", new.text)) == []
    assert runners_of(Block("README.md", 1, "python", "", "import this\n")) == []


def test_what_is_not_run_is_there_and_little():
    assert {entry for block in BLOCKS for entry in not_run(block)} == NOT_RUN.keys()
    assert len(NOT_RUN) <= 5


@pytest.mark.parametrize("test", RUNNERS)
def test_each_runner_is_a_test_and_runs_something(test):
    file, _, name = test.partition("::")
    files = [path.relative_to(ROOT / "tests").as_posix() for path in (ROOT / "tests").glob(file)]
    assert files
    assert [each for each in files if name not in notes.tests_in(each)] == []
    assert [block for block in BLOCKS if RUNNERS[test](block)]


@pytest.mark.parametrize("page", pages())
def test_code_stands_in_fences(page):
    """Indented code would be seen by no runner. What a list says further on is indented too."""
    text = re.sub(r"^( *)```.*?^\1```$", "", (ROOT / page).read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    within_list, blank, found = False, True, []
    for line in text.splitlines():
        if line.startswith("    ") and blank and not within_list:
            found.append(line)
        within_list = bool(re.match(r"(- |\d+\. |:::)", line)) or (within_list and (not line or line.startswith(" ")))
        blank = not line.strip()
    assert found == []


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_readme_of_each_example_says_how_to_run_it_what_there_is_to_see_and_what_to_change(example):
    text = (ROOT / "examples" / example / "README.md").read_text("utf-8")
    titles = [title for title in re.findall(r"^## (.*)", text, re.MULTILINE) if not title.startswith("As ")]
    assert titles == ["Run it", "What there is to see", "Change it"]
    run, change = text.partition("## Run it\n")[2].split("## Change it\n")
    assert "```console\n" in run
    assert re.search(r"^<!-- in \S+ -->\n```diff\n.*^```\n.*^```console\n", change, re.MULTILINE | re.DOTALL)
    assert "== {}" in (ROOT / "tests" / "examples" / f"test_{example}.py").read_text("utf-8").partition("differences(EXAMPLE)")[2]


def commands_in_lines():
    """What stands between backquotes in the text of a page and begins with the name of a command."""
    for page in pages():
        text = re.sub(r"^( *)```.*?^\1```$", "", (ROOT / page).read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
        later = [
            line
            for block in blocks_of(page)
            if not_run(block)
            for line in re.findall(r"^\$ (event-flow .*)", block.text, re.MULTILINE)
        ]
        for line in [*re.findall(r"`((?:event-flow|make) [^`]+)`", text), *later]:
            yield pytest.param(" ".join(line.split()), id=f"{page}-{line}")


@pytest.mark.parametrize("line", list(commands_in_lines()))
def test_a_command_in_a_line_is_one(line):
    program, *words = shlex.split(line.replace("…", "").partition(" > ")[0])
    if program == "make":
        assert re.search(rf"^{words[0]}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
        return
    command = event_flow
    while words and isinstance(command, click.Group) and not words[0].startswith("-"):
        command = command.get_command(None, words.pop(0))
        assert command, f"there is no such command: {line}"
    options = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)} | {"--help", "-h"}
    assert {word.partition("=")[0] for word in words if re.match(r"--?\w", word)} <= options
