"""Where people read: colours on a terminal without NO_COLOR, whole lines in a pipe."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

_WHOLE_LINES = 1_000  # columns


def out() -> Console:
    """Standard output. Long lines fold on a terminal only."""
    return Console(highlight=False) if sys.stdout.isatty() else Console(highlight=False, width=_WHOLE_LINES)


def err() -> Console:
    """Standard error, for what goes on."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def working(what: str) -> Iterator[None]:
    """Say on a terminal what is waited for, while it lasts; a pipe or a file gets nothing of it."""
    if not sys.stderr.isatty():
        yield
        return
    with err().status(Text(what)):
        yield


def show(rows: Table) -> None:
    """Print a table to standard output, in a pipe without blanks at the ends of lines."""
    console = out()
    with console.capture() as captured:
        console.print(rows)
    for line in captured.get().splitlines():
        click.echo(line if sys.stdout.isatty() else line.rstrip())


def table(*columns: str, right: tuple[str, ...] = ()) -> Table:
    """A table without frames; the columns named in `right` hold numbers."""
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in columns:
        made.add_column(column, justify="right" if column in right else "left", overflow="fold")
    return made


def ago(seconds: float | None) -> str:
    """An age for people: `45 s`, `12 min`, `3 h 20 min`, `5 d 2 h`; `-` where it is not known."""
    if seconds is None:
        return "-"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = int(seconds // 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours < 24 else f"{hours // 24} d {hours % 24} h"
