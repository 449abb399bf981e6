"""`event-flow view`: the flow as one HTML file."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cdk_event_flow.cli.app import read_flow
from cdk_event_flow.cli.options import read_events
from cdk_event_flow.cli.samples import saved_samples
from cdk_event_flow.cli.source import Source, source_options
from cdk_event_flow.errors import Problem, RunError

if TYPE_CHECKING:
    from cdk_event_flow.flow import Flow


@click.command(short_help="Write the flow as one HTML file.")
@click.argument("place", metavar="[TEMPLATE]", required=False, type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    default="flow.html",
    show_default=True,
    help="Where to write it.",
)
@click.option(
    "--events", multiple=True, type=click.Path(path_type=Path), help="Sample events: JSON files or folders (default: events)."
)
@click.option("--against", type=click.Path(path_type=Path), help="An older template or folder: what changes since is shown too.")
@click.option("--title", help="Default: the name of the stack, or of the folder.")
@source_options
def view(output: Path, events: tuple[Path, ...], against: Path | None, title: str | None, source: Source, place: Path | None) -> None:
    """Write the flow of TEMPLATE (a file, or a folder such as cdk.out) as one HTML file that stands by itself.

    It shows the picture, where each sample event goes and why not elsewhere, the findings and, with --against, what changed.
    """
    from cdk_event_flow.page.content import title_of
    from cdk_event_flow.page.view import view as written

    flow = _flow(source, place)
    old = read_flow(against) if against else None
    samples = list(read_events(events)) if events else saved_samples(Path.cwd())
    text = written(flow, samples, title=title or title_of(flow, Path.cwd().name), old=old)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, "utf-8")
    except OSError as error:
        problem = Problem(code="EF-VIEW-FILE", given=f"it cannot be written: {error.strerror}",
                          allowed="the page needs a file", fix="give another -o")  # fmt: skip
        raise RunError(str(output), problem) from None
    click.echo(f"{output}: {len(text.encode()) // 1024} kB, with {len(samples)} sample events from files", err=True)


def _flow(source: Source, place: Path | None) -> "Flow":
    if place is None:
        return source.flow()
    if source.template or source.app or source.stacks:
        raise click.UsageError("a template is given twice: as the argument, and by an option.")
    return read_flow(place)
