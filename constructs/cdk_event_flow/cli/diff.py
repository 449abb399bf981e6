"""`event-flow diff`: what changes from one template to another."""

import sys

import click

from cdk_event_flow.cli.source import Account, account_options, comparable


@click.command(short_help="What changes from one template to another.")
@click.argument("old")
@click.argument("new")
@click.option("--format", "shape", type=click.Choice(["text", "mermaid", "json"]), default="text", show_default=True)
@click.option("--exit-code", is_flag=True, help="Exit with 1 when something changes.")
@account_options
def diff(old: str, new: str, shape: str, exit_code: bool, account: Account) -> None:
    """Hops that come, go and change from OLD to NEW, and events that go elsewhere.

    Each is a template file, a folder such as cdk.out, or stack:NAME for a stack as it is deployed.
    """
    before, after = comparable(old, new, account)
    difference = before.diff(after)
    if shape == "json":
        click.echo(difference.as_json())
    elif shape == "mermaid":
        from cdk_event_flow.render.difference import mermaid

        click.echo(mermaid(difference), nl=False)
    else:
        click.echo(str(difference))
    sys.exit(1 if exit_code and difference else 0)
