"""What several commands take: the template, and events from files."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from cdk_event_flow.flow.event_files import events_in, events_of

Command = Callable[..., None]


def template_options(command: Command) -> Command:
    """`--template` and `--app`."""
    command = click.option("--app", help="The command that synthesizes (default: the one in cdk.json).")(command)
    return click.option("--template", type=click.Path(path_type=Path), help="A template file or a folder such as cdk.out, as it is.")(
        command
    )


def theme_option(command: Command) -> Command:
    """`--theme` of what draws."""
    return click.option(
        "--theme",
        type=click.Choice(["auto", "light", "dark"]),
        default="auto",
        show_default=True,
        help="Of SVG and PNG; auto follows the reader's screen, in PNG it is light.",
    )(command)


def read_events(places: tuple[Path, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The events of files and folders with the name of where each was; `-` is standard input, as one JSON text or with an
    event a line.

    Raises EventError (EF-EVENT) for what cannot be read.
    """
    for place in places:
        yield from _from_stdin(sys.stdin.read()) if str(place) == "-" else events_of(place)


def _from_stdin(text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        json.loads(text)
    except ValueError:
        for number, line in enumerate(text.splitlines(), start=1):
            if line.strip():
                yield from events_in(f"line {number}", line)
    else:
        yield from events_in("standard input", text)


def indented(text: str) -> str:
    """The lines of a text, two blanks in."""
    return "\n".join(f"  {line}" for line in text.splitlines())
