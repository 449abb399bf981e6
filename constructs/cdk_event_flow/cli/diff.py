"""`event-flow diff`: what changes from one template to another."""

import sys
from pathlib import Path

import click

from cdk_event_flow.cli.app import read_flow


@click.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--format", "shape", type=click.Choice(["text", "mermaid", "json"]), default="text", show_default=True)
@click.option("--exit-code", is_flag=True, help="Exit with 1 when something changes.")
def diff(old: Path, new: Path, shape: str, exit_code: bool) -> None:
    """Hops that come, go and change from OLD to NEW (template files or folders such as cdk.out), and events that go elsewhere."""
    # Names made up from a template file's name would make every node another one.
    difference = read_flow(old, stack="Stack").diff(read_flow(new, stack="Stack"))
    if shape == "json":
        click.echo(difference.as_json())
    elif shape == "mermaid":
        from cdk_event_flow.render.difference import mermaid

        click.echo(mermaid(difference), nl=False)
    else:
        click.echo(str(difference))
    sys.exit(1 if exit_code and difference else 0)
