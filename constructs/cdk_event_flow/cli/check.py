"""`event-flow check`: what is dead, loses messages or cannot work."""

import dataclasses
import json
import sys
from pathlib import Path

import click

from cdk_event_flow.cli.app import flow_of
from cdk_event_flow.cli.options import template_options


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
@template_options
def check(as_json: bool, app: str | None, template: Path | None) -> None:
    """What is dead, loses messages or cannot work. The exit status is 1 when an error is found."""
    findings = flow_of(template, app).check()
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            click.echo(f"{finding.severity} {finding.id} {finding.path}: {finding.what} {finding.why} {finding.fix}")
        if not findings:
            click.echo("nothing found")
    sys.exit(1 if any(finding.severity == "error" for finding in findings) else 0)
