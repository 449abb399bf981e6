"""What the README of an example shows in its consoles, and what the same commands print.

A console has commands, each after `$ `, with what it prints below. A diff under `<!-- in app.py -->` changes that file for the
consoles after it, in a copy of the example, which is synthesized again.
"""

import io
import re
import shlex
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

from cdk_event_flow.cli import main
from tests.docs.blocks import blocks_of
from tests.examples.checked import EXAMPLES, checked, synthesizer

_COMMAND = re.compile(
    r"^\$ (?P<line>(?:echo '(?P<said>[^']*)' \| )?event-flow (?P<arguments>.*))\n(?P<printed>(?:(?!\$ ).*\n)*)", re.MULTILINE
)


def as_shown(text):
    """A pattern of what is printed: `[…]` is anything, and so is how long something took."""
    return re.sub(r"\d+\\ ms", r"\\d+\\ ms", re.escape(text).replace(re.escape("[…]"), ".*"))


def differences(example):
    """By command and what the README of this example shows of it: what it printed, where that is something else.

    `make docs` writes that into the README.
    """
    found, here = {}, EXAMPLES / example
    with tempfile.TemporaryDirectory(prefix=f"readme-{example}-") as kept, pytest.MonkeyPatch.context() as patch:
        assembly = checked(example).assembly
        for block in blocks_of(f"examples/{example}/README.md"):
            if block.kind == "diff":
                if here.parent == EXAMPLES:
                    here = Path(shutil.copytree(here, Path(kept) / example))
                file = here / block.mark.removeprefix("in ")
                change(file, block.text)
                if file.suffix == ".py":
                    assembly = here / "cdk.out"
                    synthesizer(here, assembly, check=False)
            elif block.kind == "console":
                patch.chdir(here)
                for command in commands_of(block):
                    arguments = [*shlex.split(command["arguments"]), "--template", str(assembly)]
                    text = printed(arguments, patch, command["said"])
                    if not re.fullmatch(as_shown(command["printed"]), text, re.DOTALL):
                        found[command["line"], command["printed"]] = text
    return found


def commands_in(block):
    """The lines of a console that are commands, of whatever program, each with what is shown below it."""
    return re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block.text, re.MULTILINE)


def commands_of(block):
    """The commands of a console; each has its `line`, what `echo` has `said` to it, its `arguments`, and what it `printed`."""
    commands = list(_COMMAND.finditer(block.text))
    assert "".join(command[0] for command in commands) == block.text, f"{block.page}, line {block.line}: no commands of event-flow"
    return commands


def change(file, diff):
    """Write what a diff says into a file: its lines with `-` stand there once."""
    old, new = ("".join(line[1:] for line in diff.splitlines(keepends=True) if line[0] == sign) for sign in "-+")
    before = file.read_text("utf-8")
    assert before.count(old) == 1, f"{file.name} has {before.count(old)} times:\n{old}"
    file.write_text(before.replace(old, new), "utf-8")


def printed(arguments, patch, said=None, *, succeeds=False):
    """What `event-flow` with these arguments prints in the current folder; its error, where it ends by one. `said` is its input.

    `succeeds` fails the test where the exit status is not 0; `check` and others end with 1 for what they found.
    """
    out, err = io.StringIO(), io.StringIO()
    with patch.context() as during:
        during.setattr(sys, "argv", ["event-flow", *arguments])
        during.setattr(sys, "stdin", io.StringIO(said or ""))
        during.setattr(sys, "stdout", out)
        during.setattr(sys, "stderr", err)
        try:
            main()
        except SystemExit as ended:
            if ended.code and succeeds:
                pytest.fail(f"{shlex.join(arguments)} ended with {ended.code}: {err.getvalue()}")
            if isinstance(ended.code, str):
                return f"{out.getvalue()}{ended.code}\n"
    return out.getvalue() or err.getvalue()
