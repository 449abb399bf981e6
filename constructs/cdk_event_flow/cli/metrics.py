"""`event-flow metrics`: how a flow fares, in one table a kind."""

import json
from typing import TYPE_CHECKING

import click
from rich.text import Text

from cdk_event_flow.cli.console import ago, show, table
from cdk_event_flow.cli.kinds import DURATION
from cdk_event_flow.cli.operating import operates

if TYPE_CHECKING:
    from cdk_event_flow.operate.metrics import Row
    from cdk_event_flow.operate.stack import Stack

_BAD = ("errors", "throttles", "failed")


@click.command(short_help="How full queues are, how functions fare.")
@click.option("--since", type=DURATION, default="1h", show_default=True, help="The time that is counted: 15m, 24h.")
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
@operates
def metrics(stack: "Stack", since: float, as_json: bool) -> None:
    """Queues: how full and how old; functions, rules and topics: how many, how many failed, how long. From CloudWatch."""
    from cdk_event_flow.operate.metrics import figures_of

    rows = figures_of(stack, int(since))
    if as_json:
        click.echo(json.dumps([{"kind": row.kind, "name": row.name, **row.figures} for row in rows], indent=2))
        return
    kinds = dict.fromkeys(row.kind for row in rows)
    for number, kind in enumerate(kinds):
        of_kind = [row for row in rows if row.kind == kind]
        columns = tuple(of_kind[0].figures)
        shown = table(kind, *columns, right=columns)
        for row in of_kind:
            shown.add_row(row.name, *(_cell(row, column) for column in columns))
        if number:
            click.echo()
        show(shown)


def _cell(row: "Row", column: str) -> Text:
    value = row.figures[column]
    if value is None:
        return Text("-", style="dim")
    if column == "oldest":
        return Text(ago(value))
    if column in ("average", "longest"):
        return Text(f"{value:,.0f} ms")
    return Text(f"{value:,.0f}", style="bold red" if value and column in _BAD else "")
