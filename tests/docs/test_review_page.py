"""What the page on reviews shows of a change is what the command prints, on the templates that it shows."""

import shlex

from tests.examples.readme import change, commands_of, printed

from .blocks import run_by

BLOCKS = run_by("docs/test_review_page.py::test_a_change_is_told_as_the_page_tells_it")


def test_a_change_is_told_as_the_page_tells_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    old, diff, console = BLOCKS
    for file in ("old.yaml", "new.yaml"):
        (tmp_path / file).write_text(old.text, "utf-8")
    change(tmp_path / "new.yaml", diff.text)
    said = {command["line"]: printed(shlex.split(command["arguments"]), monkeypatch) for command in commands_of(console)}
    assert said == {command["line"]: command["printed"] for command in commands_of(console)}
