"""`event-flow replay`: the events of an archive, put on their bus again."""

import json
import sys
import time
from typing import TYPE_CHECKING

import click
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from cdk_event_flow.cli.console import err
from cdk_event_flow.cli.kinds import MOMENT
from cdk_event_flow.cli.operating import operates, stopping

if TYPE_CHECKING:
    from cdk_event_flow.operate.stack import Stack


@click.command(short_help="Put an archive's events on their bus again.")
@click.argument("name")
@click.option("--from", "start", type=MOMENT, required=True, help="The first time: 2026-09-01T12:00 (UTC), or 2h for two hours ago.")
@click.option("--to", "end", type=MOMENT, help="The time before which it ends (default: now).")
@click.option("--rule", "rules", multiple=True, help="Only to this rule; may be given several times (default: to all).")
@click.option("--yes", is_flag=True, help="Do it. Without it, it is said what would be replayed.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@operates
def replay(name: str, stack: "Stack", start: float, end: float | None, rules: tuple[str, ...], yes: bool, as_json: bool) -> None:
    """Put the events of the archive NAME on their bus again, those whose own time is between --from and --to.

    NAME may also be the bus. The rules of the bus get them again, with the replay's name in `replay-name`.
    """
    from cdk_event_flow.flow.model import Rule
    from cdk_event_flow.operate.replay import archive_named, iso, replay

    archive = archive_named(stack, name)
    chosen = [rule for each in rules if isinstance(rule := stack.find(each, Rule), Rule)]
    until = time.time() if end is None else end
    to = ", ".join(stack.called(rule.arn) for rule in chosen) or f"all rules of {stack.called(archive.bus_arn)}"
    if not yes:
        click.echo(f"the events of {stack.called(archive.arn)} from {iso(start)} to {iso(until)} would go to {to}; --yes does it")
        return
    bar = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*bar, console=err(), transient=True, disable=not sys.stderr.isatty()) as progress, stopping() as stopped:
        task = progress.add_task("replaying", total=1.0)
        told = replay(
            stack, archive, chosen, start=start, end=until,
            on_progress=lambda it: progress.update(task, completed=it.part),
            stopped=stopped,
        )  # fmt: skip
    if as_json:
        click.echo(json.dumps({"replay": told.name, "state": told.state, "reason": told.reason, "last": told.last}, indent=2))
    elif told.running:
        click.echo(f"it goes on as {told.name}; to end it: aws events cancel-replay --replay-name {told.name}")
    else:
        last = f", the last event of {iso(told.last)}" if told.last else ", no event is of that time"
        click.echo(f"{told.name}: {told.state.lower()}{last if told.state == 'COMPLETED' else f', {told.reason}'}")
    sys.exit(0 if told.state == "COMPLETED" or told.running else 1)
