"""`event-flow trace`: where events go, and why not elsewhere."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cdk_event_flow.cli.app import flow_of
from cdk_event_flow.cli.options import indented, read_events, template_options

if TYPE_CHECKING:
    from cdk_event_flow.flow import Flow


@click.command()
@click.argument("events", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--on", "node", help="The bus, topic or queue it is put on (default: the app's only bus).")
@click.option("--to", help="Say only whether it reaches this node, and why not; the exit status is 1 if it does not.")
@template_options
def trace(events: tuple[Path, ...], node: str | None, to: str | None, app: str | None, template: Path | None) -> None:
    """Where each of EVENTS (JSON files, folders of them, or - for one a line) goes, and why not elsewhere."""
    flow = flow_of(template, app)
    on = node or _only_bus(flow)
    reached = True
    for name, event in read_events(events):
        sent = flow.send(on, event)
        click.echo(name)
        if to is None:
            click.echo(indented(sent.explain()))
        else:
            reached &= bool(sent.reaches(to))
            click.echo(indented(f"reaches {to}" if sent.reaches(to) else sent.why_not(to)))
    sys.exit(0 if reached else 1)


def _only_bus(flow: "Flow") -> str:
    from cdk_event_flow.flow.model import Bus

    own = [bus for bus in flow.of(Bus) if bus.name != "default"]
    return own[0].arn if len(own) == 1 else "default"
