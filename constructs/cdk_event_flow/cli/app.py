"""The template that a command is about: as it lies there, or synthesized for it."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cdk_event_flow.synth import app_of, synthesize

if TYPE_CHECKING:
    from cdk_event_flow.flow import Flow


@contextmanager
def assembly_of(template: Path | None, app: str | None) -> Iterator[Path]:
    """The template or assembly as it lies there, or the app's assembly, synthesized into a folder that goes again."""
    if template is not None:
        yield template
        return
    with tempfile.TemporaryDirectory(prefix="event-flow-") as folder:
        synthesize(app or app_of(Path.cwd()), Path(folder))
        yield Path(folder)


def read_flow(assembly: Path, *, stack: str | None = None) -> "Flow":
    """The flow of a template file (of a stack of this name) or an assembly's folder."""
    from cdk_event_flow.flow import Flow

    return Flow.from_assembly(assembly) if assembly.is_dir() else Flow.from_template(assembly, stack=stack)


def flow_of(template: Path | None, app: str | None) -> "Flow":
    """The flow of a template, an assembly, or an app."""
    with assembly_of(template, app) as assembly:
        return read_flow(assembly)
