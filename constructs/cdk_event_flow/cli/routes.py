"""`event-flow routes`: every hop of a template."""

import json

import click

from cdk_event_flow.cli.source import Source, source_options


@click.command(short_help="Every hop: from where, under which filter, to where.")
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
@source_options
def routes(as_json: bool, source: Source) -> None:
    """Every hop: from where, by what and under which filter, to where."""
    from cdk_event_flow.render.hops import hops

    found = hops(source.flow())
    if as_json:
        click.echo(json.dumps([hop._asdict() for hop in found], indent=2))
        return
    width = max((len(hop.source) for hop in found), default=0)
    for hop in found:
        by = f" by {hop.by}" if hop.by not in (hop.source, hop.target) else ""
        filtered = f"  [{'; '.join(hop.filter)}]" if hop.filter else ""
        click.echo(f"{hop.source:<{width}} → {hop.target}{by}{filtered}")
