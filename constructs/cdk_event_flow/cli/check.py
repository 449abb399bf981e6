"""`event-flow check`: what is dead, loses messages or cannot work."""

import sys

import click

from cdk_event_flow.cli.source import Source, source_options


@click.command(short_help="What is dead, loses messages or cannot work.")
@click.option(
    "--format",
    "shape",
    type=click.Choice(["text", "json", "sarif", "github"]),
    default="text",
    show_default=True,
    help="sarif for code scanning, github for annotations in a workflow's log.",
)
@click.option("--strict", is_flag=True, help="Exit with 1 on warnings too.")
@click.option("--advice", is_flag=True, help="Say also what is no fault and worth a look: consumers that may do things twice.")
@source_options
def check(shape: str, strict: bool, advice: bool, source: Source) -> None:
    """What is dead, loses messages or cannot work. The exit status is 1 when an error is found."""
    from cdk_event_flow.render.findings import SHAPES

    findings = source.flow().check(advice=advice)
    click.echo(SHAPES[shape](findings, source.place), nl=False)
    fails = ("error", "warning") if strict else ("error",)
    sys.exit(1 if any(finding.severity in fails for finding in findings) else 0)
