"""Options that say which dead letters are meant."""

import functools
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from cdk_event_flow.cli.kinds import DURATION, PATTERN
from cdk_event_flow.cli.options import Command

if TYPE_CHECKING:
    from cdk_event_flow.match import EventPattern
    from cdk_event_flow.operate.dead_letters import DeadLetterQueue
    from cdk_event_flow.operate.select import Selection
    from cdk_event_flow.operate.stack import Stack


def selects(command: Command) -> Command:
    """Give the command its `selection`, for `--error`, `--older-than`, `--newer-than`, `--match` and `--id`; all must hold."""

    @functools.wraps(command)
    def wrapped(
        *args: Any,
        error: str,
        older_than: float | None,
        newer_than: float | None,
        match: "EventPattern | None",
        ids: tuple[str, ...],
        **options: Any,
    ) -> None:
        from cdk_event_flow.operate.select import Selection

        selection = Selection(ids=frozenset(ids), error=error, older=older_than, newer=newer_than, pattern=match, now=time.time())
        command(*args, selection=selection, **options)

    for option in (
        click.option("--id", "ids", multiple=True, help="The message of this id; may be given several times."),
        click.option("--match", type=PATTERN, help="Those whose body matches this EventBridge pattern (JSON, or a file)."),
        click.option("--newer-than", type=DURATION, help="Those sent at most so long ago: 2h."),
        click.option("--older-than", type=DURATION, help="Those sent at least so long ago: 30m."),
        click.option("--error", default="", metavar="TEXT", help="Those whose reason has this text in it."),
    ):
        wrapped = option(wrapped)
    return wrapped


def selection_in(stack: "Stack", queue: "DeadLetterQueue", selection: "Selection", *, logs: bool) -> "Selection":
    """The selection of letters of this queue; with `logs` an error is also looked for in what the consumers logged.

    Raises click.UsageError where no error is looked for.
    """
    if not logs:
        return selection
    if not selection.error:
        raise click.UsageError("--logs looks for --error TEXT in what the consumer logged: give --error too.")
    from cdk_event_flow.operate.look import logged

    return replace(selection, logged=lambda letter: logged(stack, queue, letter))


LOGS = click.option("--logs", is_flag=True, help="Look for --error in what the consumer logged, too; a request for each message.")
