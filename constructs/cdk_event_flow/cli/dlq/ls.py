"""`event-flow dlq ls`: every dead-letter queue of a flow."""

import json
from typing import TYPE_CHECKING

import click
from rich.text import Text

from cdk_event_flow.cli.console import ago, show, table
from cdk_event_flow.cli.operating import operates

if TYPE_CHECKING:
    from cdk_event_flow.operate.dead_letters import Filling
    from cdk_event_flow.operate.stack import Stack


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
@operates
def ls(stack: "Stack", as_json: bool) -> None:
    """Every dead-letter queue: how many messages, how old the oldest is, and where they come from."""
    from cdk_event_flow.operate.dead_letters import dead_letter_queues, fillings

    found = fillings(stack, dead_letter_queues(stack))
    if as_json:
        click.echo(json.dumps([_as_dict(stack, each) for each in found], indent=2))
        return
    if not found:
        click.echo("no queue of it keeps dead letters")
        return
    rows = table("dead letters", "messages", "in flight", "oldest", "from", right=("messages", "in flight", "oldest"))
    for each in found:
        depth = each.depth
        full = depth is not None and depth.all > 0
        rows.add_row(
            Text(each.queue.name, style="bold red" if full else ""),
            str(depth.visible + depth.delayed) if depth else "missing",
            str(depth.in_flight) if depth else "",
            ago(each.oldest) if full else "",
            ", ".join(f"{stack.called(of.source)} {of.when}" for of in each.queue.serves),
        )
    show(rows)


def _as_dict(stack: "Stack", filling: "Filling") -> dict[str, object]:
    depth = filling.depth
    return {
        "name": filling.queue.name,
        "arn": filling.queue.node.arn,
        "exists": depth is not None,
        "visible": depth and depth.visible,
        "in_flight": depth and depth.in_flight,
        "delayed": depth and depth.delayed,
        "oldest_seconds": filling.oldest,
        "from": [{"name": stack.called(of.source), "arn": of.source, "kind": of.kind} for of in filling.queue.serves],
    }
