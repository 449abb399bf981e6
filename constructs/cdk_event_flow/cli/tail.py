"""`event-flow tail`: the logs of all functions of a flow, as they come."""

import json
import time
from datetime import datetime
from itertools import cycle
from typing import TYPE_CHECKING

import click
from rich.text import Text

from cdk_event_flow.cli.console import out
from cdk_event_flow.cli.kinds import DURATION
from cdk_event_flow.cli.operating import operates, stopping

if TYPE_CHECKING:
    from cdk_event_flow.operate.logs import Line
    from cdk_event_flow.operate.stack import Stack

_COLOURS = ("cyan", "green", "magenta", "yellow", "blue", "bright_cyan", "bright_green", "bright_magenta")


@click.command(short_help="Follow what the functions log.")
@click.argument("functions", nargs=-1)
@click.option("--correlation", "text", default="", metavar="ID", help="Only lines that name this order, message or request.")
@click.option("--since", type=DURATION, default="1m", show_default=True, help="How far back to begin: 30s, 10m, 2h.")
@click.option("--follow/--no-follow", default=True, show_default=True, help="Go on until Ctrl-C.")
@click.option("--raw", is_flag=True, help="Lines as they were written; else structured ones are shortened.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line.")
@operates
def tail(functions: tuple[str, ...], stack: "Stack", text: str, since: float, follow: bool, raw: bool, as_json: bool) -> None:
    """What the functions log (all, or FUNCTIONS), in the order of time, with the function before each line.

    --correlation follows one order across the consumers: a line is shown where its text has the id in it.
    """
    from cdk_event_flow.flow.model import Function
    from cdk_event_flow.operate.logs import Tail, functions_of, summary

    if functions:
        found = [stack.find(name, Function) for name in functions]
        chosen = [each for each in found if isinstance(each, Function)]
    else:
        chosen = functions_of(stack)
    names = [stack.called(each.arn) for each in chosen]
    colours = dict(zip(names, cycle(_COLOURS), strict=False))
    width = max(map(len, names), default=0)
    console = out()

    def show(line: "Line") -> None:
        if as_json:
            click.echo(json.dumps({"at": line.at, "function": line.function, "text": line.text}, ensure_ascii=False))
            return
        at = datetime.fromtimestamp(line.at).astimezone()
        shown = Text(f"{at:%H:%M:%S}.{at.microsecond // 1000:03d} ", style="dim")
        shown.append(f"{line.function:<{width}}  ", style=colours[line.function])
        console.print(shown.append(line.text if raw else summary(line.text)))

    tailing = Tail(stack, chosen, time.time() - since, text)
    if not follow:
        for line in tailing.poll():
            show(line)
        return
    with stopping() as stopped:
        tailing.follow(show, stopped)
