"""`event-flow schedules`: when what happens."""

import json
from datetime import UTC, datetime

import click

from cdk_event_flow.cli.source import Source, source_options

COUNT = 5


@click.command(short_help="When schedules and scheduled rules fire next.")
@click.option(
    "--after",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"]),
    help="From when on, in UTC: 2026-12-24 or 2026-12-24T18:00:00Z (default: now).",
)
@click.option("--count", type=click.IntRange(1, 1_000), default=COUNT, show_default=True, help="How many times to show.")
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
@source_options
def schedules(after: datetime | None, count: int, as_json: bool, source: Source) -> None:
    """Every schedule and scheduled rule with its next times, each in its own time zone."""
    from cdk_event_flow.flow.timetable import timetable

    moment = after.replace(tzinfo=UTC) if after else datetime.now(UTC)
    found = timetable(source.flow(), moment, count)
    if as_json:
        rows = [
            {
                "path": row.path, "when": row.when, "timezone": row.timezone, "to": row.to, "enabled": row.enabled,
                "within_minutes": row.within, "times": [each.isoformat() for each in row.times], "refused": row.refused or None,
            }
            for row in found
        ]  # fmt: skip
        click.echo(json.dumps(rows, indent=2))
        return
    if not found:
        click.echo("Nothing here happens by the clock.")
    for row in found:
        window = f", within {row.within} minutes" if row.within else ""
        click.echo(f"{row.path} → {', '.join(row.to) or 'nothing'}: {row.when} {row.timezone}{window}")
        for each in row.times:
            click.echo(f"  {each:%a %Y-%m-%d %H:%M %Z}")
        if not row.times:
            click.echo(f"  {row.refused or ('never again' if row.enabled else 'disabled')}")
