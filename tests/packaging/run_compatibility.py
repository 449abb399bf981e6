"""The package as people install it, on every Python here, with the oldest and the newest of what it depends on.

The wheel and the sdist are built once. For each Python and each end of the versions: an environment of its own in a folder with
spaces in its name, the wheel with all extras, then, with the network closed and neither node nor git to be found, a new app, its
tests, `trace`, `check` and `run`, and the outside app (`tests/packaging/outside_app`): synthesized twice, its tests, monitored by
cdk-monitoring-constructs, type-checked. Then each extra by itself. What it was tried with goes into docs/reference/versions.md.

Usage: `python tests/packaging/run_compatibility.py [--python PATH …] [--only 3.13,newest] [--extras-only] [--json] [--keep]`, or
`make compatibility`; `--write FILE …` makes one table of what several runs printed with --json. A Python that is not here is left
out, and said.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

import uv
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tests.packaging.compatibility.cells import ENDS, EXTRAS, Built, alone, everything
from tests.packaging.compatibility.machine import ROOT, closed_network, declared, interpreters
from tests.packaging.compatibility.table import Cell, Matrix, joined, read, write_into
from tests.packaging.compatibility.trying import Environment

VERSIONS = ROOT / "docs" / "reference" / "versions.md"


def build(folder: Path) -> Built:
    """The sdist, and the wheel out of it, as an index would get them."""
    subprocess.run([uv.find_uv_bin(), "build", "--quiet", "--out-dir", folder, ROOT], check=True)
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return Built(wheel, sdist)


def matrix(arguments: argparse.Namespace, folder: Path, console: Console) -> Matrix:
    """Try everything, telling each step on the console."""
    here = interpreters(arguments.python)
    missing = [minor for minor in declared() if minor not in here]
    for minor in missing:
        console.print(f"[yellow]Python {minor} is not on this machine: left out[/]")
    built = build(folder / "dist")
    closed = closed_network(Path(sys.executable))
    console.print(f"offline means: {closed.how}")
    only = arguments.only.split(",") if arguments.only else []
    cells = [(python, end) for python in here.values() for end in ENDS if all(each in (python.minor, end) for each in only)]
    newest = here[max(here, key=lambda minor: int(minor.split(".")[1]))]
    extras = [extra for extra in ("none", *EXTRAS) if extra in (arguments.extra or ("none", *EXTRAS))] if not only else []
    result = Matrix(time.strftime("%Y-%m-%d"), closed.how, missing, [], {})
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.completed}/{task.total}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("trying", total=(0 if arguments.extras_only else len(cells)) + len(extras))

        def environment(name: str, python) -> Environment:
            console.print(f"[bold]{name}[/]")
            progress.update(bar, description=name)
            place = folder / f"an app of {name}"
            return Environment(place, python, told=lambda tried: console.print(
                f"  {'[green]✓[/]' if tried.passed else '[red]✗[/]'} {tried.name} [dim]{tried.seconds:.1f} s[/]"
                + (f"\n{tried.said}" if tried.said else ""), highlight=False, markup=not tried.said))  # fmt: skip

        for python, end in [] if arguments.extras_only else cells:
            used = environment(f"Python {python.version}, {end}", python)
            everything(used, built, end, closed, types=python is newest and end == "newest")
            found = used.tried[1].passed if len(used.tried) > 1 else False
            versions = {name: used.version_of(name) for name in ("aws-cdk-lib", "constructs", "boto3", "moto")} if found else {}
            result.cells.append(Cell(python.version, end, versions, used.tried))
            progress.advance(bar)
            if not arguments.keep:
                shutil.rmtree(used.folder)
        for extra in extras:
            used = environment("no extra" if extra == "none" else f"the extra {extra}, alone", newest)
            alone(used, built, None if extra == "none" else extra)
            result.extras[extra] = used.tried
            progress.advance(bar)
            if not arguments.keep:
                shutil.rmtree(used.folder)
    return result


def main() -> int:
    """Try, tell, and write the table where everything was tried."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--python", type=Path, action="append", default=[], help="an interpreter besides those on PATH, in pyenv and uv"
    )
    parser.add_argument("--only", default="", help="a version, an end, or both: 3.13,newest")
    parser.add_argument("--extras-only", action="store_true")
    parser.add_argument("--extra", action="append", choices=("none", *EXTRAS), help="of the extras these only")
    parser.add_argument("--json", action="store_true", help="all steps with their seconds, on standard output")
    parser.add_argument("--write", type=Path, nargs="+", help="try nothing: write the table of what --json printed, in several runs")
    parser.add_argument("--keep", action="store_true", help="leave the environments where they are")
    arguments = parser.parse_args()
    console = Console(stderr=True)
    if arguments.write:
        write_into(VERSIONS, joined([read(file.read_text("utf-8")) for file in arguments.write]))
        return 0
    folder = Path(tempfile.mkdtemp(prefix="compatibility "))
    try:
        result = matrix(arguments, folder, console)
    finally:
        if arguments.keep:
            console.print(f"kept in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    if arguments.json:
        print(json.dumps(asdict(result), indent=2))
    if not (arguments.only or arguments.extras_only or arguments.extra) and result.passed:
        write_into(VERSIONS, result)
        console.print(f"written into {VERSIONS.relative_to(ROOT)}")
    console.print("everything passed" if result.passed else f"[red]{len(result.failed)} steps failed[/]: {', '.join(result.failed)}")
    return int(not result.passed)


if __name__ == "__main__":
    sys.exit(main())
