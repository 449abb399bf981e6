"""`event-flow init`: an app to begin with."""

import os
from pathlib import Path

import click

from cdk_event_flow.errors import Problem, RunError

FILES = Path(__file__).parent.parent / "new_app"
# What a new app has, and how the file is called here: names that tools would take for settings of our own are others.
NAMES = {
    "app.py": "app.py",
    "cdk.json": "cdk.json",
    "billing/handler.py": "billing/handler.py",
    "billing/requirements.txt": "billing/requirements.txt",
    "events/1-order.json": "events/1-order.json",
    "events/2-free-order.json": "events/2-free-order.json",
    "tests/test_routes.py": "tests/test_routes.py",
    "pytest.ini": "pytest.ini",
    "requirements.txt": "requirements.txt",
    "README.md": "README.md",
    ".gitignore": "gitignore",
}


@click.command(short_help="Write a small app to begin with.")
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path), default=".")
def init(folder: Path) -> None:
    """Write a small app into DIR (default: here): a bus, a rule, a function, sample events, a routing test, a README.

    Nothing is written over: where one of its files is there already, nothing is written.
    """
    there = [name for name in NAMES if os.path.lexists(folder / name)]
    if there:
        problem = Problem(code="EF-INIT", given=f"{', '.join(there)} {'is' if len(there) == 1 else 'are'} there already",
                          allowed="nothing is written over", fix="give another folder: event-flow init shop")  # fmt: skip
        raise RunError(str(folder), problem)
    try:
        for name, source in NAMES.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((FILES / source).read_bytes())
            click.echo(f"wrote {folder / name}")
    except OSError as error:
        problem = Problem(code="EF-INIT", given=f"{error.filename} cannot be written: {error.strerror}",
                          allowed="an app needs a folder", fix="give another folder: event-flow init shop")  # fmt: skip
        raise RunError(str(folder), problem) from None
    click.echo("\nNext:")
    if folder.resolve() != Path.cwd():
        click.echo(f"  cd {_quoted(folder)}")
    for command, what in (
        ("event-flow trace events", "where the sample events go, and why not elsewhere"),
        ("pytest", "the same as tests"),
        ("event-flow run --once events", "the app on this machine, with the real handler"),
        ("event-flow run", "the same until Ctrl-C, with a page to see it on"),
    ):
        click.echo(f"  {command:<30} # {what}")
    click.echo("README.md says more.")


def _quoted(folder: Path) -> str:
    import shlex

    return shlex.quote(str(folder))
