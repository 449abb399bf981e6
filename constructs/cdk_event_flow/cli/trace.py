"""`event-flow trace`: where events go, and why not elsewhere."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cdk_event_flow.cli.options import indented, read_events
from cdk_event_flow.cli.source import Source, source_options
from cdk_event_flow.errors import EventError

if TYPE_CHECKING:
    from cdk_event_flow.flow import Flow


@click.command(short_help="Where events go, and why not elsewhere.")
@click.argument("events", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--on", "node", help="The bus, topic or queue it is put on (default: the app's only bus).")
@click.option("--attribute", "attributes", multiple=True, metavar="NAME=VALUE", help="A message attribute, for a topic or queue.")
@click.option("--to", help="Say only whether it reaches this node, and why not; the exit status is 1 if it does not.")
@source_options
def trace(events: tuple[Path, ...], node: str | None, attributes: tuple[str, ...], to: str | None, source: Source) -> None:
    """Where each of EVENTS (JSON files, folders of them, or - for one a line) goes, and why not elsewhere."""
    beside = dict(map(_attribute, attributes))
    read = list(read_events(events))
    flow = source.flow()
    on = node or _only_bus(flow)
    reached = True
    for name, event in read:
        try:
            sent = flow.send(on, event, attributes=beside)
        except EventError as error:
            raise EventError(f"{name}, {error.at}", error.problems) from None
        if to is None:
            said = sent.explain()
        else:
            reached &= bool(sent.reaches(to))
            said = f"reaches {to}" if sent.reaches(to) else sent.why_not(to)
        click.echo(f"{name}\n{indented(said)}")
    sys.exit(0 if reached else 1)


def _attribute(given: str) -> tuple[str, object]:
    """`kind=urgent`, `total=5`: what is JSON is taken as such."""
    from cdk_event_flow.flow.payload import json_or_text

    name, equals, value = given.partition("=")
    if not (name and equals):
        raise click.BadParameter(f"{given!r} is no NAME=VALUE; give for example --attribute kind=urgent", param_hint="--attribute")
    return name, json_or_text(value)


def _only_bus(flow: "Flow") -> str:
    from cdk_event_flow.flow.model import Bus

    own = [bus for bus in flow.of(Bus) if bus.name != "default"]
    return own[0].arn if len(own) == 1 else "default"
