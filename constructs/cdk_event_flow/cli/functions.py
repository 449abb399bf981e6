"""`event-flow functions`: what makes cold starts long, function by function."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.measure import Measurement
from rich.text import Text

from cdk_event_flow.cli.app import assembly_of, read_flow
from cdk_event_flow.cli.console import err, out, show, table
from cdk_event_flow.cli.options import template_options
from cdk_event_flow.extras import need_extra

if TYPE_CHECKING:
    from cdk_event_flow.local.coldstarts import Overview

_NEEDED = ("awslambdaric", "boto3", "time_machine")
_HEAVIEST, _HEAVIEST_JSON = 3, 10
_UNBOUNDED = 10_000  # columns


@click.command(short_help="How large functions are, how long they import.")
@click.argument("names", nargs=-1)
@click.option(
    "--runs", type=click.IntRange(0, 100), default=3, show_default=True, help="Imports of each function; 0 measures sizes only."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@template_options
def functions(names: tuple[str, ...], runs: int, as_json: bool, app: str | None, template: Path | None) -> None:
    """Each function's package, imports, memory, environments kept ready, and whether it keeps old versions.

    NAMES choose some functions. An import time is the shortest of --runs on this machine, in a process with nothing of this
    machine's environment: without bytecode, as Lambda imports what is not precompiled, and with it.
    """
    need_extra("local", "event-flow functions", _NEEDED, "measuring imports")
    from cdk_event_flow.flow.model import Function
    from cdk_event_flow.local.coldstarts import overview_of

    steps, notes = err(), list[str]()

    def say(text: str) -> None:
        if text.startswith("measuring "):
            steps.print(text, style="dim", markup=False)
        else:
            notes.append(text)

    with assembly_of(template, app) as assembly:
        flow = read_flow(assembly)
        named = {flow.find(name, Function).arn for name in names}
        chosen = [each for each in flow.of(Function) if not named or each.arn in named]
        folder = assembly if assembly.is_dir() else assembly.parent
        rows = list(overview_of(flow, chosen, app=Path.cwd(), assembly=folder, runs=runs, say=say))
    if runs == 0:
        notes.append("imports are not measured with --runs 0")
    if as_json:
        click.echo(json.dumps({"functions": [_document(row, runs) for row in rows], "notes": notes}, indent=2))
    elif rows:
        unmeasured = [f"{row.name}: not measured, {row.why}" for row in rows if runs and row.imports is None]
        _print(rows, [*unmeasured, *notes])
    else:
        click.echo("the template has no functions")


def _print(rows: "list[Overview]", notes: list[str]) -> None:
    """A table; on a terminal that is too narrow for it, a paragraph a function."""
    cells = [_cells(row) for row in rows]
    shown = table(*cells[0], right=("zip", "unzipped", "memory", "import", "precompiled"))
    for each in cells:
        shown.add_row(*each.values())
    console = out()
    if Measurement.get(console, console.options.update(max_width=_UNBOUNDED), shown).maximum <= console.width:
        show(shown)
    else:
        _print_paragraphs(cells)
    for note in notes:
        click.echo(f"note: {note}")


def _print_paragraphs(cells: list[dict[str, Text]]) -> None:
    names = table("", "")
    names.show_header = False
    for each in cells:
        for column, cell in each.items():
            names.add_row(Text(column if column == "function" else f"  {column}", style="dim"), cell)
    show(names)


def _cells(row: "Overview") -> dict[str, Text]:
    """What is shown of a function, by column."""
    size, imports = row.size, row.imports
    heaviest = ", ".join(f"{name} {share:.0%}" for name, share in list(imports.shares.items())[:_HEAVIEST]) if imports else ""
    ready = ", ".join(map(str, row.ready)) or ("snapshots" if row.function.snap_start else "")
    return {
        "function": Text(row.name, style="bold"),
        "runtime": Text(row.function.runtime or ("image" if row.function.code.image else "-")),
        "zip": _bytes(size.zipped if size else None),
        "unzipped": _bytes(size.unzipped if size else None),
        "memory": Text(f"{row.function.memory:,} MB"),
        "import": _milliseconds(imports.seconds if imports else None),
        "precompiled": _milliseconds(imports.precompiled if imports else None),
        "heaviest": Text(heaviest) if heaviest else _dash(),
        "ready": Text(ready) if ready else _dash(),
        "versions": Text("kept" if row.keeps_versions else "newest"),
    }


def _document(row: "Overview", runs: int) -> dict[str, Any]:
    size, imports, function = row.size, row.imports, row.function
    return {
        "name": row.name,
        "path": function.path,
        "runtime": function.runtime or None,
        "architecture": function.architecture,
        "memory_mb": function.memory,
        "zip_bytes": size.zipped if size else None,
        "unzipped_bytes": size.unzipped if size else None,
        "layers_unzipped_bytes": row.layers,
        "precompiled": size.compiled if size else None,
        "provisioned": [{"alias": each.qualifier, "least": each.least, "most": each.most} for each in row.ready],
        "snap_start": function.snap_start,
        "keeps_versions": row.keeps_versions,
        "imports": None
        if imports is None
        else {
            "runs": runs,
            "seconds": round(imports.seconds, 6),
            "precompiled_seconds": round(imports.precompiled, 6),
            "shares": {name: round(share, 4) for name, share in list(imports.shares.items())[:_HEAVIEST_JSON]},
        },
        "not_measured": row.why or None,
    }


def _bytes(size: int | None) -> Text:
    if size is None:
        return _dash()
    if size < 1_000:
        return Text(f"{size} B")
    return Text(f"{size / 1_000_000:,.1f} MB" if size >= 100_000 else f"{size / 1_000:,.1f} kB")


def _milliseconds(seconds: float | None) -> Text:
    return _dash() if seconds is None else Text(f"{1_000 * seconds:,.0f} ms")


def _dash() -> Text:
    return Text("-", style="dim")
