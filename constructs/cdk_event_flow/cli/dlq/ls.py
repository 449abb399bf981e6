"""`event-flow dlq ls`: every dead-letter queue of a flow."""

import json
from collections import defaultdict
from typing import TYPE_CHECKING

import click
from rich.text import Text

from cdk_event_flow.cli.console import ago, show, table
from cdk_event_flow.cli.operating import operates

if TYPE_CHECKING:
    from cdk_event_flow.operate.dead_letters import Filling
    from cdk_event_flow.operate.stack import Stack


@click.command(short_help="Every dead-letter queue, how full and how old.")
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
            _sources(stack, each),
        )
    show(rows)


def _sources(stack: "Stack", filling: "Filling") -> str:
    """`Billing, Packing when an asynchronous invoke fails; Orders after 5 receives`."""
    by_when: dict[str, list[str]] = defaultdict(list)
    for of in filling.queue.serves:
        by_when[of.when].append(stack.called(of.source))
    return "; ".join(f"{', '.join(names)} {when}" for when, names in by_when.items())


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
