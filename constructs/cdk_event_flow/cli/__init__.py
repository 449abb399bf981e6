"""The command line `event-flow`: one module a command, loaded when it is used."""

import sys


def main() -> None:
    """Run the command line; errors of ours are one line, never a traceback."""
    try:
        import click
    except ModuleNotFoundError:
        sys.exit("EF-EXTRA: event-flow needs the extra [cli]; install it with: pip install 'cdk-event-flow[cli]'")
    from cdk_event_flow.cli.group import event_flow
    from cdk_event_flow.errors import EventFlowError

    try:
        event_flow(standalone_mode=False, prog_name="event-flow")
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except EventFlowError as error:
        sys.exit(str(error))
