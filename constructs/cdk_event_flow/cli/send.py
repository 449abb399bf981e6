"""`event-flow send`: an event for a bus, topic, queue or function, on AWS or here."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cdk_event_flow.cli.kinds import DURATION
from cdk_event_flow.cli.operating import operates, stopping
from cdk_event_flow.cli.options import indented, read_events

if TYPE_CHECKING:
    from cdk_event_flow.operate.stack import Stack


@click.command(short_help="Send events to a bus, topic, queue or function.")
@click.argument("name")
@click.argument("events", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--dry-run", is_flag=True, help="Say where they would go, and send nothing.")
@click.option("--attribute", "attributes", multiple=True, metavar="NAME=TEXT", help="A message attribute, for topics and queues.")
@click.option("--group", default="event-flow", show_default=True, help="The message group, for FIFO topics and queues.")
@click.option("--wait", type=DURATION, default="30s", show_default=True, help="With --local: how long to follow each event.")
@click.option("--json", "as_json", is_flag=True, help="One JSON list of what was sent.")
@operates
def send(
    name: str,
    events: tuple[Path, ...],
    stack: "Stack",
    dry_run: bool,
    attributes: tuple[str, ...],
    group: str,
    wait: float,
    as_json: bool,
) -> None:
    """Send each of EVENTS (JSON files, folders of them, or - for one a line) to the bus, topic, queue or function NAME.

    On a local run, what became of each is printed.
    """
    from cdk_event_flow.flow.model import Bus, Function, Queue, Topic
    from cdk_event_flow.operate.send import send, trace_of

    if dry_run and attributes:
        raise click.UsageError("--dry-run does not follow message attributes; leave one of the two out.")
    node = stack.find(name, Bus, Topic, Queue, Function)
    given = dict(_attribute(each) for each in attributes)
    told = []
    with stopping() as stopped:
        for file, event in read_events(events):
            if dry_run:
                click.echo(f"{file}\n{indented(stack.flow.send(node.arn, event).explain())}")
                continue
            receipt = send(stack, node, event, attributes=given, group=group)
            told.append({"event": file, "to": stack.called(node.arn), "arn": node.arn, "id": receipt.id})
            if as_json:
                continue
            click.echo(f"{file} sent to {stack.called(node.arn)}: {receipt.id}")
            if stack.aws.endpoint:
                click.echo(indented(trace_of(stack, receipt, patience=wait, stopped=stopped)))
    if as_json:
        click.echo(json.dumps(told, indent=2))


def _attribute(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise click.UsageError(f"{text!r} is no attribute; write it as NAME=TEXT.")
    return name, value
