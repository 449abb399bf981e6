"""`event-flow dlq redrive`: dead letters sent back to where they came from, or elsewhere."""

import json
import sys
from typing import TYPE_CHECKING, Any

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cdk_event_flow.cli.console import err
from cdk_event_flow.cli.dlq.selecting import LOGS, selection_in, selects
from cdk_event_flow.cli.operating import operates, stopping
from cdk_event_flow.extras import need_extra

if TYPE_CHECKING:
    from cdk_event_flow.operate.dead_letters import DeadLetterQueue
    from cdk_event_flow.operate.edit import Edit
    from cdk_event_flow.operate.redrive import Account, Plan
    from cdk_event_flow.operate.select import Selection
    from cdk_event_flow.operate.stack import Stack


@click.command(short_help="Send dead letters back, each once.")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do it. Without it, what would be done is said, and nothing is sent or deleted.")
@click.option("--to", help="Send them to this queue, topic, bus or function (default: to what failed to take each).")
@click.option(
    "--set", "sets", multiple=True, metavar="PATH=VALUE", help="Change the body: detail.items[0].sku=SOFA-1. VALUE is JSON, or text."
)
@click.option(
    "--edit", "programs", multiple=True, metavar="JQ", help="Change the body by a program of jq: '.detail.total |= tonumber'."
)
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), help="The most messages a second.")
@click.option("--limit", type=click.IntRange(min=1), help="The most messages.")
@click.option(
    "--in-doubt",
    type=click.Choice(["keep", "send", "delete"]),
    default="keep",
    show_default=True,
    help="What to do with messages that a run that was cut off sent perhaps.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@LOGS
@selects
@operates
def redrive(
    name: str,
    stack: "Stack",
    selection: "Selection",
    yes: bool,
    to: str | None,
    sets: tuple[str, ...],
    programs: tuple[str, ...],
    logs: bool,
    rate: float | None,
    limit: int | None,
    in_doubt: Any,
    as_json: bool,
) -> None:
    """Send the dead letters in NAME back, each once; a letter is deleted when its copy was taken, not before.

    Cut off, however, it is gone on with by running it again. All of a queue, unchanged, is moved by SQS itself. The exit
    status is 1 when something selected did not go.
    """
    from cdk_event_flow.operate.back import place_of
    from cdk_event_flow.operate.dead_letters import find
    from cdk_event_flow.operate.edit import Assignment, JqProgram
    from cdk_event_flow.operate.moves import whole_queue
    from cdk_event_flow.operate.redrive import Plan, dry_run

    if programs:
        need_extra("operate", "event-flow dlq redrive --edit", ("jq",), "a program of jq")
    edits: list[Edit] = [*map(Assignment.parse, sets), *map(JqProgram, programs)]
    queue = find(stack, name)
    plan = Plan(
        selection=selection_in(stack, queue, selection, logs=logs),
        edits=tuple(edits),
        to=place_of(stack, to) if to else None,
        rate=rate,
        limit=limit,
        in_doubt=in_doubt,
    )
    if not yes:
        account = dry_run(stack, queue, plan)
    elif whole_queue(stack, queue, plan):
        _move(stack, queue, plan, as_json)
        return
    else:
        account = _redrive(stack, queue, plan)
    if as_json:
        click.echo(json.dumps(account.as_json(stack.called, dry=not yes), indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(_lines(stack, queue, account, dry=not yes)))
    sys.exit(0 if account.complete else 1)


def _progress() -> Progress:
    bar = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*bar, console=err(), transient=True, disable=not sys.stderr.isatty())


def _redrive(stack: "Stack", queue: "DeadLetterQueue", plan: "Plan") -> "Account":
    from cdk_event_flow.operate.journal import known_in
    from cdk_event_flow.operate.queue import existing_depth
    from cdk_event_flow.operate.redrive import journal_file, redrive

    known = known_in(journal_file(stack, queue))
    if known.sending:
        click.echo(f"going on with a redrive that was cut off: {len(known.sent)} went, {len(known.doubtful)} are in doubt", err=True)
    total = existing_depth(stack.aws.client("sqs"), queue.url).all
    with _progress() as progress, stopping() as stopped:
        task = progress.add_task("redriving", total=total)

        def show(account: "Account") -> None:
            progress.update(task, completed=account.looked_at)

        return redrive(stack, queue, plan, on_progress=show, stopped=stopped)


def _move(stack: "Stack", queue: "DeadLetterQueue", plan: "Plan", as_json: bool) -> None:
    from cdk_event_flow.operate.moves import move

    with _progress() as progress, stopping() as stopped:
        task = progress.add_task("SQS is moving", total=None)
        moved = move(
            stack, queue, plan,
            on_progress=lambda it: progress.update(task, completed=it.moved, total=it.total),
            stopped=stopped,
        )  # fmt: skip
    if as_json:
        click.echo(json.dumps({"by": "SQS", "status": moved.status, "moved": moved.moved, "of": moved.total}, indent=2))
    elif moved.running:
        click.echo(f"SQS goes on: {moved.moved} of about {moved.total} are moved; the same command follows it again")
    else:
        click.echo(f"SQS moved {moved.moved} of {moved.total} messages from {queue.name} ({moved.status.lower()})")
    sys.exit(0 if moved.status == "COMPLETED" else 1)


def _lines(stack: "Stack", queue: "DeadLetterQueue", account: "Account", *, dry: bool) -> list[str]:
    """The account for people, a line each."""
    went = "would go" if dry else "went"
    lines = [f"{count} {went} from {queue.name} to {stack.called(arn)}" for arn, count in sorted(account.moved.items())]
    lines = lines or [f"nothing {went} from {queue.name}"]
    if account.before:
        lines.append(f"{account.before} went before, by runs that were cut off")
    if account.kept:
        lines.append(f"{account.kept} stay: not selected, or over the limit")
    lines += [f"{count} {'would ' if dry else ''}stay: {reason}" for reason, count in account.failed.most_common()]
    if account.doubtful:
        lines.append(
            f"{account.doubtful} stay in doubt: their copies were sent, and no answer was seen. Look whether they arrived, then "
            "--in-doubt delete if they did, --in-doubt send if they did not (or may come twice)"
        )
    if account.unseen:
        lines.append(f"about {account.unseen} more by SQS's count: not looked at, held by somebody else, or gone a moment ago")
    if account.cut:
        lines.append("stopped before the end; the same command goes on")
    if dry:
        lines += _example(account)
        lines.append("nothing was sent or deleted; --yes does it")
    return lines


def _example(account: "Account") -> list[str]:
    if account.first is None or account.first.body == account.first.letter.body:
        return []
    return ["the first of them:", f"  {account.first.letter.body}", "becomes:", f"  {account.first.body}"]
