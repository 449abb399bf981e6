"""`event-flow diagram`: a picture of where events go."""

import json
from pathlib import Path
from typing import Any

import click

from cdk_event_flow.cli.source import Source, source_options
from cdk_event_flow.errors import Problem, RunError

_FORMATS = {".svg": "svg", ".mmd": "mermaid", ".json": "json"}


@click.command(short_help="Draw the flow.")
@click.option("--format", "kind", type=click.Choice(["svg", "mermaid", "json"]), help="Default: by FILE's ending, else svg.")
@click.option(
    "--theme",
    type=click.Choice(["auto", "light", "dark"]),
    default="auto",
    show_default=True,
    help="Of SVG; auto follows the reader's screen.",
)
@click.option("--dead-letters", is_flag=True, help="Draw the queues that only keep dead letters.")
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), help="Default: standard output.")
@source_options
def diagram(kind: str | None, theme: Any, dead_letters: bool, output: Path | None, source: Source) -> None:
    """Draw the flow: buses, rules, topics, filters, queues, functions, schedules; what nothing flows through is left out."""
    from cdk_event_flow.render import mermaid, picture_of, svg

    flow = source.flow()
    match kind or _FORMATS.get(output.suffix if output else "", "svg"):
        case "mermaid":
            text = mermaid(flow, dead_letters=dead_letters)
        case "json":
            text = json.dumps(picture_of(flow, dead_letters=dead_letters).as_json(), indent=1, ensure_ascii=False) + "\n"
        case _:
            text = svg(picture_of(flow, dead_letters=dead_letters), theme=theme)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, "utf-8")
    except OSError as error:
        problem = Problem(code="EF-DIAGRAM-FILE", given=f"it cannot be written: {error.strerror}",
                          allowed="the picture needs a file", fix="give another -o, or none for standard output")  # fmt: skip
        raise RunError(str(output), problem) from None
