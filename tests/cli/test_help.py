"""What the command line says of itself."""

import re

import click
import pytest
from click.testing import CliRunner

from cdk_event_flow.cli.group import SECTIONS, event_flow


def commands(group=event_flow, before=()):
    """Every command with its name, of groups those inside too."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield (*before, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*before, name))


COMMANDS = dict(commands())


def said(*arguments, status=0):
    """What it prints on a terminal of 80 columns."""
    done = CliRunner().invoke(event_flow, arguments, terminal_width=80)
    assert done.exit_code == status, done.output
    return done.output


def test_every_command_is_listed_with_a_whole_sentence():
    text = said("--help").replace("[ARGS]...", "")
    assert "..." not in text
    for title, names in SECTIONS.items():
        assert f"\n{title}:\n" in text
        assert all(re.search(rf"^  {name}  +[A-Z].*\.$", text, re.MULTILINE) for name in names)
    assert "..." not in said("dlq", "--help").replace("[ARGS]...", "")


@pytest.mark.parametrize("name", COMMANDS, ids=" ".join)
def test_every_option_says_what_it_is_for(name):
    for parameter in COMMANDS[name].params:
        if isinstance(parameter, click.Option) and parameter.name not in ("help", "shape"):
            assert parameter.help, parameter.opts


def test_the_nearest_command_is_said():
    assert said("tracee", status=2).endswith("Error: there is no command 'tracee'; did you mean trace?\n")
    assert said("frobnicate", status=2).endswith("Error: there is no command 'frobnicate'\n")
