"""`event-flow run`: the template on this machine, with the real handlers."""

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

import click

from cdk_event_flow.cli.app import assembly_of, read_flow
from cdk_event_flow.cli.kinds import MOMENT
from cdk_event_flow.cli.options import read_events, template_options
from cdk_event_flow.extras import LOCAL, need_extra

PORT = 4599


@click.command(short_help="Run the template here, with the real handlers.")
@click.argument("events", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--once", is_flag=True, help="Send EVENTS, wait until everything is accounted for, print the result, exit.")
@click.option("--on", "bus", help="The bus EVENTS are put on (default: each event's own, else the app's only bus).")
@click.option(
    "--clock",
    type=click.Choice(["real", "fast"]),
    help="fast: retries and visibility timeouts take no time (default: fast with --once, else real).",
)
@click.option(
    "--start", type=MOMENT, help="When the run's clock begins, as 2026-11-02T01:59 (UTC). Schedules go by it.  [default: now]"
)
@click.option("--port", type=click.IntRange(0, 65535), help=f"The endpoint for SDKs, 0 for any (default: {PORT}; any with --once).")
@click.option(
    "--page-port",
    type=click.IntRange(0, 65535),
    help="The page, 0 for any port (default: 4600, or any if that is taken); none with --once.",
)
@click.option("--no-page", is_flag=True, help="Serve no page.")
@click.option("--open", "open_page", is_flag=True, help="Open the page in the browser.")
@click.option("--logs", is_flag=True, help="Show the handlers' log lines.")
@click.option("--seed", type=int, default=0, show_default=True, help="Makes the ids of a run, the choices of aliases, the faults.")
@click.option("--state", type=click.Path(path_type=Path), help="A folder that keeps what was accepted, for the next run to go on.")
@click.option("--reset", is_flag=True, help="Empty the folder of --state first.")
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="KIND=HOW,…",
    help="errors=10%, timeouts=2%, kills=1%, throttles=5%, duplicates=1%, slow=200ms; Billing:errors=10% for one function.",
)
@click.option(
    "--allow",
    "allowed",
    multiple=True,
    metavar="HOST",
    help="A host that API destinations and topics may call besides this machine; all else is shown, not sent.",
)
@click.option("--debug", metavar="FUNCTION", help="This function waits for a debugger (debugpy); it has all the time meanwhile.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object at the end.")
@template_options
def run(
    events: tuple[Path, ...],
    once: bool,
    bus: str | None,
    clock: str | None,
    start: float | None,
    port: int | None,
    page_port: int | None,
    no_page: bool,
    open_page: bool,
    logs: bool,
    seed: int,
    state: Path | None,
    reset: bool,
    faults: tuple[str, ...],
    allowed: tuple[str, ...],
    debug: str | None,
    as_json: bool,
    app: str | None,
    template: Path | None,
) -> None:
    """Run the template here: the real handlers in execution environments; no Docker, no account.

    EVENTS are JSON files, folders of them, or - for one a line. Without --once the run goes on until Ctrl-C, with a page
    at the address that it prints, and every AWS SDK reaches it by AWS_ENDPOINT_URL. The exit status is 0 when everything
    that was accepted is accounted for.
    """
    began = time.monotonic()
    need_extra("local", "event-flow run", LOCAL, "running functions here")
    if once and not events:
        raise click.UsageError("--once needs EVENTS, for example: event-flow run --once events/")
    if no_page and (page_port is not None or open_page):
        raise click.UsageError("--no-page serves no page: leave --page-port and --open out.")
    if reset and state is None:
        raise click.UsageError("--reset empties the folder of --state, for example: event-flow run --state .event-flow --reset")
    from cdk_event_flow.cli.running import PageOptions, Running
    from cdk_event_flow.flow.model import Bus
    from cdk_event_flow.local.faults import read_faults

    rules = read_faults(faults)
    to_send = list(read_events(tuple(place for place in events if once or str(place) != "-")))
    running = Running(bus=bus, logs=logs, as_json=as_json, began=began)
    running.step("reading the template" if template else "synthesizing")
    with assembly_of(template, app, said=False) as assembly:
        flow = read_flow(assembly)
        if bus is not None:
            flow.find(bus, Bus)  # said now, not after functions were built
        options: dict[str, Any] = {
            "flow": flow,
            "app": Path.cwd(),
            "assembly": assembly if assembly.is_dir() else assembly.parent,
            "fast": once if clock is None else clock == "fast",
            "port": port if port is not None else (0 if once else PORT),
            "start": start,
            "seed": seed,
            "state": state,
            "reset": reset,
            "faults": rules,
            "allowed": allowed,
            "debug": debug,
        }
        if once:
            work = running.once(to_send, **options)
        else:
            work = running.until_interrupted(
                to_send,
                from_stdin=Path("-") in events,
                template=assembly,
                page=None if no_page else PageOptions(port=page_port, open=open_page),
                **options,
            )
        balanced = asyncio.run(work)
    sys.exit(0 if balanced else 1)
