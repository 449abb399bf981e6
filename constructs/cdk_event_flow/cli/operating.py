"""What the commands share that work on a flow where it runs: on AWS by its stack's name, or on a local run."""

import contextlib
import functools
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cdk_event_flow.cli.app import read_flow
from cdk_event_flow.cli.options import Command
from cdk_event_flow.cli.runs import find_run
from cdk_event_flow.extras import need_extra

if TYPE_CHECKING:
    from cdk_event_flow.operate.stack import Stack


def operates(command: Command) -> Command:
    """Give the command its `stack`, for `--stack`, `--region` and `--profile`, or `--local` and `--port`.

    Errors of the AWS SDK become one line.
    """

    @functools.wraps(command)
    def wrapped(
        *args: Any, stack: str | None, local: bool, port: int | None, region: str | None, profile: str | None, **options: Any
    ) -> None:
        if (stack is None) is not local:
            raise click.UsageError("give either --stack NAME, for a stack on AWS, or --local, for a run on this machine.")
        need_extra("operate", click.get_current_context().command_path, ("boto3",), "operating a flow")
        from cdk_event_flow.operate.aws import clear_errors

        with clear_errors(stack or "the local run"):
            found = _local(port) if stack is None else _deployed(stack, region, profile)
            command(*args, stack=found, **options)

    for option in (
        click.option("--profile", help="A profile of your AWS configuration."),
        click.option("--region", help="The region of the stack (default: your configuration's)."),
        click.option("--port", type=click.IntRange(1, 65535), help="With --local: which run, if there are several."),
        click.option("--local", is_flag=True, help="Work on the event-flow run that goes on here."),
        click.option("--stack", metavar="NAME", help="Work on the stack that CloudFormation has under this name."),
    ):
        wrapped = option(wrapped)
    return wrapped


def _deployed(name: str, region: str | None, profile: str | None) -> "Stack":
    from cdk_event_flow.operate.aws import Aws
    from cdk_event_flow.operate.stack import deployed

    return deployed(name, Aws.of_profile(region=region, profile=profile))


def _local(port: int | None) -> "Stack":
    from cdk_event_flow.operate.aws import Aws
    from cdk_event_flow.operate.stack import Stack

    run = find_run(port)
    flow = read_flow(Path(run.template))
    return Stack(name="the local run", flow=flow, aws=Aws.of_run(run.endpoint, region=flow.region), run=run.id)


@contextlib.contextmanager
def stopping() -> Iterator[Callable[[], bool]]:
    """Whether the user wants it to stop: the first Ctrl-C, or SIGTERM, is said so, the second ends the command at once."""
    asked = False

    def ask(number: int, frame: Any) -> None:  # noqa: ARG001
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
