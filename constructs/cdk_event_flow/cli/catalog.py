"""`event-flow catalog`: the events of a flow, as AsyncAPI and as pages."""

import sys
from collections.abc import Mapping
from pathlib import Path

import click

from cdk_event_flow.cli.source import Source, source_options
from cdk_event_flow.errors import Problem, RunError

_MARK = "written by event-flow catalog"


@click.command(short_help="Write the catalogue of events: AsyncAPI and pages.")
@click.option(
    "-o", "--output", metavar="DIR", type=click.Path(path_type=Path, file_okay=False), default="catalog", show_default=True,
    help="The folder for asyncapi.yaml and the pages.",
)  # fmt: skip
@click.option("--check", is_flag=True, help="Write nothing: exit with 1, and say so, when the folder is not up to date.")
@click.option("--title", help="What it is called (default: the names of the stacks).")
@click.option("--api-version", default="unknown", show_default=True, help="The version that the AsyncAPI document gives.")
@click.option("--owner-tag", default="owner", show_default=True, help="The tag whose value says who owns something.")
@source_options
def catalog(output: Path, check: bool, title: str | None, api_version: str, owner_tag: str, source: Source) -> None:
    """Write the catalogue: events and their schemas, who publishes them, who takes them under which filter, who owns them.

    It is read from the template alone, so it says "unknown" where the template does not tell. The same template gives the
    same files, byte for byte.
    """
    import yaml

    from cdk_event_flow.render.catalog import asyncapi, catalog_of, pages

    found = catalog_of(source.flow(), title=title, owner_tag=owner_tag)
    document = yaml.safe_dump(asyncapi(found, version=api_version), sort_keys=False, allow_unicode=True, width=120)
    files = {
        "asyncapi.yaml": f"# {_MARK}\n{document}",
        **{name: f"<!-- {_MARK} -->\n{text}" for name, text in pages(found).items()},
    }
    if check:
        _check(output, files)
        return
    _write(output, files)
    counts = ((found.events, "event"), (found.channels, "channel"), (found.functions, "function"))
    told = ", ".join(f"{len(each)} {word}{'' if len(each) == 1 else 's'}" for each, word in counts)
    click.echo(f"{told}: {output / 'README.md'}")


def _check(folder: Path, files: Mapping[str, str]) -> None:
    """Say what of the folder is stale, and exit with 1 where something is."""
    stale = [*(f"{name} is missing" for name in files if not (folder / name).is_file())]
    stale += [f"{name} is out of date" for name, text in files.items() if (folder / name).is_file() and _read(folder / name) != text]
    stale += [f"{name} is of an event that is no more" for name in _left_over(folder, files)]
    for line in stale:
        click.echo(f"{folder}: {line}", err=True)
    if stale:
        click.echo("write it again with the same command without --check", err=True)
        sys.exit(1)
    click.echo(f"{folder} is up to date")


def _write(folder: Path, files: Mapping[str, str]) -> None:
    """Write the files, and remove pages of events that are no more. Raises RunError for a file of somebody else."""
    for name in files:
        if (folder / name).exists() and not _ours(folder / name):
            own = _problem(
                f"it was not {_MARK}", "only its own files are written over", "give another folder with -o, or move it away"
            )
            raise RunError(str(folder / name), own)
    try:
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(text.encode())
        for name in _left_over(folder, files):
            (folder / name).unlink()
    except OSError as error:
        raise RunError(str(folder), _problem(f"it cannot be written: {error.strerror}", "the catalogue needs a folder",
                                             "give another folder with -o")) from None  # fmt: skip


def _left_over(folder: Path, files: Mapping[str, str]) -> list[str]:
    pages = sorted((folder / "events").glob("*.md"))
    return [name for page in pages if (name := page.relative_to(folder).as_posix()) not in files and _ours(page)]


def _ours(file: Path) -> bool:
    return _MARK in _read(file).partition("\n")[0]


def _read(file: Path) -> str:
    try:
        return file.read_bytes().decode()
    except (OSError, ValueError):
        return ""


def _problem(given: str, allowed: str, fix: str) -> Problem:
    return Problem(code="EF-CATALOG-FILE", given=given, allowed=allowed, fix=fix)
