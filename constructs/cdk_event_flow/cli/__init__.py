"""The command line `event-flow`: one module a command, loaded when it is used."""

import os
import sys

_BUG = 70  # EX_SOFTWARE of sysexits.h


def main() -> None:
    """Run the command line; errors of ours are one line, never a traceback, and so is what nobody thought of."""
    try:
        import click
    except ModuleNotFoundError:
        sys.exit("EF-EXTRA: event-flow needs the extra [cli]; install it with: pip install 'cdk-event-flow[cli]'")
    from cdk_event_flow.cli.group import event_flow
    from cdk_event_flow.errors import EventFlowError

    try:
        status = event_flow(standalone_mode=False, prog_name="event-flow")  # not None where a command ended by its context's exit
        if status:
            sys.exit(status)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except EventFlowError as error:
        sys.exit(str(error))
    except Exception as error:
        if os.environ.get("EVENT_FLOW_DEBUG"):
            raise
        print(_bug(error), file=sys.stderr)  # noqa: T201 - it is for people
        sys.exit(_BUG)


def _bug(error: Exception) -> str:
    """What went wrong and where, in one line, and what to do about it."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    place = f"{at.tb_frame.f_globals.get('__name__', '?')}, line {at.tb_lineno}" if at else "?"
    said = " ".join(str(error).split())
    return (
        f"EF-BUG at {place}: {type(error).__name__}{': ' if said else ''}{said}, which is a fault of event-flow; "
        "please report it with what EVENT_FLOW_DEBUG=1 and the same command print"
    )
