"""What several commands take: the template, and events from files."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from cdk_event_flow.errors import EventError, Problem

Command = Callable[..., None]


def template_options(command: Command) -> Command:
    """`--template` and `--app`."""
    command = click.option("--app", help="The command that synthesizes (default: the one in cdk.json).")(command)
    return click.option("--template", type=click.Path(path_type=Path), help="A template file or a folder such as cdk.out, as it is.")(
        command
    )


def read_events(places: tuple[Path, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Events with the name of where each was: a JSON file holds one, a list of them, or PutEvents' `{"Entries": […]}`;
    a folder stands for the `*.json` in it, and `-` for standard input, as one JSON text or with an event a line.

    Raises EventError (EF-EVENT) for what cannot be read.
    """
    for place in places:
        if str(place) == "-":
            yield from _from_stdin(sys.stdin.read())
        elif place.is_dir():
            files = sorted(place.glob("*.json"))
            if not files:
                raise _refused(str(place), "the folder has no *.json")
            yield from (event for file in files for event in events_in(file.name, _text(file)))
        else:
            yield from events_in(place.name, _text(place))


def _from_stdin(text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        json.loads(text)
    except ValueError:
        for number, line in enumerate(text.splitlines(), start=1):
            if line.strip():
                yield from events_in(f"line {number}", line)
    else:
        yield from events_in("standard input", text)


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except OSError as error:
        raise _refused(str(file), f"it cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise _refused(str(file), f"it is not UTF-8: {error.reason} at byte {error.start}") from None


def events_in(name: str, text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The events in the text of one file. Raises EventError (EF-EVENT)."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _refused(name, f"it is not JSON: {error}") from None
    if isinstance(found, dict) and isinstance(found.get("Entries"), list):
        found = found["Entries"]
    events = found if isinstance(found, list) else [found]
    for number, event in enumerate(events, start=1):
        if not isinstance(event, dict):
            raise _refused(name, f"it holds {json.dumps(event)[:60]}, which is no event")
        yield (name if len(events) == 1 else f"{name}[{number}]"), event


def indented(text: str) -> str:
    """The lines of a text, two blanks in."""
    return "\n".join(f"  {line}" for line in text.splitlines())


def _refused(at: str, given: str) -> EventError:
    problem = Problem(code="EF-EVENT", given=given, allowed="an event is a JSON object in a file", fix="correct the file")
    return EventError(at, problem)
