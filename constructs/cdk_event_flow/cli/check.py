"""`event-flow check`: what is dead, loses messages or cannot work."""

import sys
from pathlib import Path

import click

from cdk_event_flow.cli.app import flow_of
from cdk_event_flow.cli.options import template_options


@click.command()
@click.option(
    "--format",
    "shape",
    type=click.Choice(["text", "json", "sarif", "github"]),
    default="text",
    show_default=True,
    help="sarif for code scanning, github for annotations in a workflow's log.",
)
@click.option("--strict", is_flag=True, help="Exit with 1 on warnings too.")
@template_options
def check(shape: str, strict: bool, app: str | None, template: Path | None) -> None:
    """What is dead, loses messages or cannot work. The exit status is 1 when an error is found."""
    from cdk_event_flow.render.findings import SHAPES

    findings = flow_of(template, app).check()
    click.echo(SHAPES[shape](findings, str(template or "cdk.json")), nl=False)
    sys.exit(1 if any(strict or finding.severity == "error" for finding in findings) else 0)
