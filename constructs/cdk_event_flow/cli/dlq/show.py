"""`event-flow dlq show`: what is in a dead-letter queue, and why."""

import json
import time
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click
from rich.text import Text

from cdk_event_flow.cli.console import ago, out
from cdk_event_flow.cli.dlq.selecting import selects
from cdk_event_flow.cli.operating import operates

if TYPE_CHECKING:
    from cdk_event_flow.operate.letters import DeadLetter
    from cdk_event_flow.operate.look import Looked
    from cdk_event_flow.operate.select import Selection
    from cdk_event_flow.operate.stack import Stack


@click.command(short_help="What is in one, and why.")
@click.argument("name")
@click.option("--limit", type=click.IntRange(min=1), default=10, show_default=True, help="The most messages to show.")
@click.option("--logs", is_flag=True, help="Look up what the consumer logged of each message, also for --error.")
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
@selects
@operates
def show(name: str, stack: "Stack", selection: "Selection", limit: int, logs: bool, as_json: bool) -> None:
    """What is in the dead-letter queue NAME, and why; NAME may also be what the queue is for.

    Messages are not consumed: they are hidden while they are read, and visible again at once.
    """
    from cdk_event_flow.operate.dead_letters import find
    from cdk_event_flow.operate.look import look

    queue = find(stack, name)
    looked = look(stack, queue, selection, limit=limit, logs=logs)
    if as_json:
        click.echo(json.dumps([_as_dict(each, looked.logged.get(each.id)) for each in looked.letters], indent=2, ensure_ascii=False))
        return
    console = out()
    for number, letter in enumerate(looked.letters, start=1):
        _print(console, number, letter, looked, stack.called)
    console.print(Text(f"{len(looked.letters)} of about {looked.all} in {queue.name}", style="bold"))


def _print(console: Any, number: int, letter: "DeadLetter", looked: "Looked", called: Callable[[str], str]) -> None:
    from cdk_event_flow.operate.letters import opened
    from cdk_event_flow.operate.logs import summary

    line = Text(f"{number}. {letter.id}  ", style="bold")
    line.append(f"sent {ago(time.time() - letter.sent_at)} ago", style="dim")
    if letter.group:
        line.append(f"  group {letter.group}", style="dim")
    console.print(line)
    console.print(Text(f"   {letter.reason(called)}", style="red"))
    for text, times in Counter(map(summary, looked.logged.get(letter.id, ()))).items():
        console.print(Text(f"   logged{f' {times} times' if times > 1 else ''}: {text}", style="yellow"))
    for attribute, value in letter.attributes.items():
        given = value.get("StringValue", f"{len(value.get('BinaryValue', b''))} bytes")
        console.print(Text(f"   {attribute} = {given}", style="dim"))
    body = opened(letter.body)
    text = body if isinstance(body, str) else json.dumps(body, indent=2, ensure_ascii=False)
    console.print(Text("\n".join(f"   {each}" for each in text.splitlines())))


def _as_dict(letter: "DeadLetter", logged: list[str] | None) -> dict[str, Any]:
    reason = letter.reason()
    return {
        "id": letter.id,
        "sent_at": letter.sent_at,
        "reason": {"code": reason.code, "message": reason.message},
        "attributes": {name: str(value.get("StringValue", "(binary)")) for name, value in letter.attributes.items()},
        "system": dict(letter.system),
        "body": letter.body,
        **({"logged": logged} if logged is not None else {}),
    }
