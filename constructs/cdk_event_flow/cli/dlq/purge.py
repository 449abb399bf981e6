"""`event-flow dlq purge`: dead letters deleted."""

import json
from typing import TYPE_CHECKING

import click

from cdk_event_flow.cli.dlq.selecting import LOGS, selection_in, selects
from cdk_event_flow.cli.operating import operates, stopping

if TYPE_CHECKING:
    from cdk_event_flow.operate.select import Selection
    from cdk_event_flow.operate.stack import Stack


@click.command(short_help="Delete dead letters for good.")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do it. Without it, it is said how many would be deleted.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@LOGS
@selects
@operates
def purge(name: str, stack: "Stack", selection: "Selection", yes: bool, logs: bool, as_json: bool) -> None:
    """Delete the dead letters in NAME, or those that are selected, for good."""
    from cdk_event_flow.operate.dead_letters import find
    from cdk_event_flow.operate.purge import purge, to_purge

    queue = find(stack, name)
    selection = selection_in(stack, queue, selection, logs=logs)
    if yes:
        with stopping() as stopped:
            count = purge(stack, queue, selection, stopped=stopped)
    else:
        count = to_purge(stack, queue, selection)
    if as_json:
        click.echo(json.dumps({"dry_run": not yes, "deleted": count, "about": selection.everything}, indent=2))
        return
    number = f"about {count}" if selection.everything else str(count)
    click.echo(f"{number} deleted from {queue.name}" if yes else f"{number} would be deleted from {queue.name}; --yes does it")
