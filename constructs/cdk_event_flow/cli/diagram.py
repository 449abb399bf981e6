"""`event-flow diagram`: a picture of where events go."""

import json
from pathlib import Path
from typing import Any

import click

from cdk_event_flow.cli.options import theme_option
from cdk_event_flow.cli.source import Source, source_options
from cdk_event_flow.errors import Problem, RunError
from cdk_event_flow.extras import need_extra

_FORMATS = {".svg": "svg", ".mmd": "mermaid", ".json": "json", ".png": "png"}


@click.command(short_help="Draw the flow.")
@click.option("--format", "kind", type=click.Choice(["svg", "mermaid", "png", "json"]), help="Default: by FILE's ending, else svg.")
@theme_option
@click.option("--dead-letters", is_flag=True, help="Draw the queues that only keep dead letters.")
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), help="Default: standard output.")
@source_options
def diagram(kind: str | None, theme: Any, dead_letters: bool, output: Path | None, source: Source) -> None:
    """Draw the flow: buses, rules, topics, filters, queues, functions, schedules; what nothing flows through is left out."""
    from cdk_event_flow.render import mermaid, picture_of, svg

    shape = kind or _FORMATS.get(output.suffix if output else "", "svg")
    if shape == "png":
        need_extra("png", "event-flow diagram", ("resvg_py",), "drawing PNG")  # before the app is synthesized
    flow = source.flow()
    if shape == "png":
        from cdk_event_flow.render.png import as_png

        drawn = as_png(picture_of(flow, dead_letters=dead_letters), theme="dark" if theme == "dark" else "light")
        write(output, drawn)
        return
    match shape:
        case "mermaid":
            text = mermaid(flow, dead_letters=dead_letters)
        case "json":
            text = json.dumps(picture_of(flow, dead_letters=dead_letters).as_json(), indent=1, ensure_ascii=False) + "\n"
        case _:
            text = svg(picture_of(flow, dead_letters=dead_letters), theme=theme)
    write(output, text.encode("utf-8"))


def write(output: Path | None, content: bytes) -> None:
    """To the file, or standard output."""
    if output is None:
        click.echo(content, nl=False)
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(content)
    except OSError as error:
        problem = Problem(code="EF-DIAGRAM-FILE", given=f"it cannot be written: {error.strerror}",
                          allowed="the picture needs a file", fix="give another -o, or none for standard output")  # fmt: skip
        raise RunError(str(output), problem) from None
