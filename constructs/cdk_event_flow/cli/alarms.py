"""`event-flow alarms`: each alarm, when it fires, what it says, whom it tells."""

import json
from dataclasses import asdict

import click

from cdk_event_flow.cli.source import Source, source_options


@click.command(short_help="Alarms: when each fires, what to do, whom it tells.")
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
@source_options
def alarms(as_json: bool, source: Source) -> None:
    """Each alarm: what it watches, when it fires, what to do then, and whom it tells; those of whole flows first."""
    from cdk_event_flow.flow.watching import watches

    found = watches(source.flow())
    if as_json:
        click.echo(json.dumps([asdict(each) for each in found], indent=2, ensure_ascii=False))
        return
    for each in found:
        click.echo(f"{each.path}: {each.when}")
        if each.metrics:
            click.echo(f"  watches {', '.join(each.metrics)}")
        click.echo(f"  {each.says or 'It does not say what to do.'}")
        click.echo(
            f"  tells {', '.join(each.tells) or 'nobody'}" + (f"; that it is over, {', '.join(each.over)}" if each.over else "")
        )
    untold = sum(not each.tells for each in found)
    metrics = sum(len(each.metrics) for each in found)
    said = f"{_counted(len(found), 'alarm')} on {_counted(metrics, 'metric')}"
    click.echo(f"{said}, {untold} of them {'tells' if untold == 1 else 'tell'} nobody" if untold else said)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
