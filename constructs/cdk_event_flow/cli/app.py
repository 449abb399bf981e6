"""The template that a command is about: as it lies there, or synthesized for it."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cdk_event_flow.cli.console import working
from cdk_event_flow.synth import app_of, synthesize

if TYPE_CHECKING:
    from cdk_event_flow.flow import Flow


@contextmanager
def assembly_of(template: Path | None, app: str | None, *, said: bool = True) -> Iterator[Path]:
    """The template or assembly as it lies there, or the app's assembly, synthesized into a folder that goes again.

    It takes seconds: on a terminal that is `said` while it lasts. Raises click.UsageError for a template and an app.
    """
    if template is not None and app is not None:
        raise click.UsageError("--template and --app say different things: give one of them.")
    if template is not None:
        yield template
        return
    with tempfile.TemporaryDirectory(prefix="event-flow-") as folder:
        command = app or app_of(Path.cwd())
        with working(f"synthesizing: {command}") if said else nullcontext():
            synthesize(command, Path(folder))
        yield Path(folder)


def read_flow(assembly: Path, *, stack: str | None = None) -> "Flow":
    """The flow of a template file (of a stack of this name) or an assembly's folder."""
    from cdk_event_flow.flow import Flow

    return Flow.from_assembly(assembly) if assembly.is_dir() else Flow.from_template(assembly, stack=stack)


def flow_of(template: Path | None, app: str | None) -> "Flow":
    """The flow of a template, an assembly, or an app."""
    with assembly_of(template, app) as assembly:
        return read_flow(assembly)
