"""`event-flow dlq`: dead letters read, sent back, deleted."""

import click

from cdk_event_flow.cli.dlq.ls import ls
from cdk_event_flow.cli.dlq.purge import purge
from cdk_event_flow.cli.dlq.redrive import redrive
from cdk_event_flow.cli.dlq.show import show


@click.group(short_help="Dead letters: ls, show, redrive, purge.")
def dlq() -> None:
    """The dead letters of a deployed stack (--stack NAME) or of a run on this machine (--local)."""


for command in (ls, show, redrive, purge):
    dlq.add_command(command)
