"""`event-flow dashboard`: a picture of a stack's dashboard, with what a run here measures."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cdk_event_flow.cli.diagram import write
from cdk_event_flow.cli.options import read_events, theme_option
from cdk_event_flow.cli.source import Source, source_options
from cdk_event_flow.errors import Problem, TemplateError
from cdk_event_flow.extras import LOCAL, need_extra

if TYPE_CHECKING:
    from cdk_event_flow.flow import Flow

AFTERWARDS = 300.0  # seconds that go by after the last event, for what is over to be seen


@click.command(short_help="Draw the dashboard, with what a run here measures.")
@click.argument("events", nargs=-1, type=click.Path(path_type=Path))
@click.option("--name", help="A dashboard by its construct path or name, where there are several.")
@click.option("--on", "bus", help="The bus EVENTS are put on (default: each event's own, else the app's only bus).")
@theme_option
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="An .svg or .png; default: SVG on standard output.",
)
@source_options
def dashboard(events: tuple[Path, ...], name: str | None, bus: str | None, theme: Any, output: Path | None, source: Source) -> None:
    """Draw a dashboard of the template as CloudWatch lays it out, and below it what each alarm says.

    With EVENTS (files, folders, - for standard input) they are run here with the real handlers, on a fast clock, and the graphs
    show what was measured: of queues, functions, rules and topics.
    """
    from cdk_event_flow.render.board import board, size_of

    if output is not None and output.suffix == ".png":
        need_extra("png", "event-flow dashboard", ("resvg_py",), "drawing PNG")
    if events and source.stacks:
        raise click.UsageError("EVENTS run here, and --stack is deployed: give the app or its template.")
    if events:
        need_extra("local", "event-flow dashboard EVENTS", LOCAL, "running functions here")
    to_send = list(read_events(events))
    with source.read() as (flow, assembly):
        drawn = _one(flow, name, source.place)
        from cdk_event_flow.flow.watching import watches

        recorded, states = asyncio.run(_recorded(flow, assembly, to_send, bus, drawn)) if assembly and events else ({}, {})
    says = {each.arn: each.says for each in watches(flow) if each.arn in {arn for widget in drawn.widgets for arn in widget.alarms}}
    text = board(drawn, theme=theme if output is None or output.suffix != ".png" or theme != "auto" else "light",
                 measured=recorded, states=states, says=says)  # fmt: skip
    if output is not None and output.suffix == ".png":
        from cdk_event_flow.render.png import drawn_as_png

        write(output, drawn_as_png(text, max(size_of(text))))
        return
    write(output, text.encode("utf-8"))


def _one(flow: "Flow", name: str | None, place: str) -> Any:
    from cdk_event_flow.flow.dashboards import dashboards

    found = dashboards(flow)
    wanted = [each for each in found if name in (None, each.name, each.path) or each.path.endswith(f"/{name}")]
    if len(wanted) == 1:
        return wanted[0]
    there = ", ".join(each.path for each in found)
    given = "it has no dashboard" if not found else f"{name or 'no name'} is given"
    raise TemplateError(
        place,
        Problem(code="EF-DASHBOARD", given=given, allowed=f"it has {there}" if found else "CloudWatch's dashboards can be drawn",
                fix="give one of them by --name" if found else "give a template with AWS::CloudWatch::Dashboard"),
    )  # fmt: skip


async def _recorded(
    flow: "Flow", assembly: Path, events: list[Any], bus: str | None, drawn: Any
) -> tuple[dict[Any, Any], dict[str, str]]:
    """The values of the dashboard's lines, and the worst state of each alarm, in a run of these events."""
    from cdk_event_flow.flow.sources import Alarm
    from cdk_event_flow.local.recording import Recording, metrics_of, states
    from cdk_event_flow.local.start import start
    from cdk_event_flow.render.board import key_of

    lines = [line for widget in drawn.widgets for line in widget.lines]
    alarms = flow.of(Alarm)
    wanted = [(line.namespace, line.metric, line.dimensions) for line in lines]
    wanted += [metric for alarm in alarms for metric in metrics_of(alarm)]
    folder = assembly if assembly.is_dir() else assembly.parent
    async with start(flow, app=Path.cwd(), assembly=folder, fast=True, port=0, say=lambda text: click.echo(text, err=True)) as run:
        recording = Recording(run, wanted)
        for origin, event in events:
            await run.put_events([event], bus=bus, origin=origin)
        await run.settle()
        await run.clock.advance(AFTERWARDS)
        await run.settle()
        samples = recording.stop()
    measured = {key_of(line): samples.get((line.namespace, line.metric, line.dimensions), ()) for line in lines}
    return measured, states(alarms, samples)
