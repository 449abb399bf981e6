"""All benchmarks, one part after the other, into docs/reference/benchmarks.md, its plots, and where other pages quote its figures.

Usage: `python -m benchmarks [--only matching,synth] [--quick] [--json] [--render]`. Ends with 1 where a bar is missed.
"""

import argparse
import json
import os
import sys
import time
from datetime import UTC, datetime

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from benchmarks.machine import machine, versions
from benchmarks.measure import ROOT
from benchmarks.page import claims, page, sections, with_figures
from benchmarks.parts import PARTS

FIGURES = ROOT / "docs" / "reference" / "benchmarks.json"
PAGE = FIGURES.with_suffix(".md")
PICTURES = ROOT / "docs" / "pictures"


def measured(names, quick):
    """Each of these parts with its figures, as the JSON has them, as soon as it has been measured."""
    load = round(os.getloadavg()[0], 1)  # what the machine does besides: later, it would be that of the parts before
    columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("", total=len(names))
        for name in names:
            progress.update(task, description=name)
            began = time.monotonic()
            figures = PARTS[name].measured(quick, lambda text, name=name: progress.console.print(f"{name}: {text}", markup=False))
            took = round(time.monotonic() - began, 1)
            yield name, {"date": f"{datetime.now(UTC):%Y-%m-%d}", "load": load, "seconds": took, "figures": _rounded(figures)}
            progress.advance(task)


def _rounded(value):
    """The same with five significant digits: more are noise, and make the file long."""
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(each) for each in value]
    return float(f"{value:.5g}") if isinstance(value, float) else value


def kept_of(here, names):
    """The parts that were measured before and are not now; they must be of the same machine and versions."""
    if len(names) == len(PARTS) or not FIGURES.is_file():
        return {}
    kept = json.loads(FIGURES.read_text("utf-8"))
    for what, now in here.items():
        if kept[what] != now:
            sys.exit(f"the figures that are kept are of another {what.removesuffix('s')}; measure all parts, without --only")
    return kept["parts"]


def write(document):
    """The figures, the page, its plots, and the figures that other pages quote."""
    FIGURES.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")
    PAGE.write_text(page(document), "utf-8")
    for section in sections(document).values():
        for name, svg in section.plots.items():
            (PICTURES / f"bench-{name}.svg").write_text(svg, "utf-8")
    by_key = claims(document)
    for place in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        text = place.read_text("utf-8")
        if (now := with_figures(text, by_key)) != text:
            place.write_text(now, "utf-8")


def main(arguments=None):
    """Measure, then write or print; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.partition("\n")[0])
    parser.add_argument("--only", metavar="PARTS", default=",".join(PARTS), help=f"some parts, by commas, of {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="a smoke of each in seconds: the page is printed, nothing is written")
    parser.add_argument("--json", action="store_true", help="print the figures and write nothing")
    parser.add_argument("--render", action="store_true", help="measure nothing: write the page of the figures that are kept")
    given = parser.parse_args(arguments)
    if given.render:
        write(json.loads(FIGURES.read_text("utf-8")))
        return 0
    names = [name.strip() for name in given.only.split(",") if name.strip()]
    if not names:
        parser.error(f"--only names no part; there are {', '.join(PARTS)}")
    if unknown := [name for name in names if name not in PARTS]:
        parser.error(f"no part is called {', '.join(unknown)}; there are {', '.join(PARTS)}")
    here = {"machine": machine(), "versions": versions()}
    writes = not given.quick and not given.json
    parts = kept_of(here, names) if writes else {}
    for name, part in measured([name for name in PARTS if name in names], given.quick):
        parts[name] = part
        document = {**here, "parts": {name: parts[name] for name in PARTS if name in parts}}
        if writes:
            write(document)  # after each part: a run that is cut off keeps what it has
    if given.json:
        print(json.dumps(document, indent=1))
    elif given.quick:
        print(page(document))
    missed = [f"{name}: {each}" for name, section in sections(document).items() if name in names for each in section.missed]
    print(*missed, sep="\n", end="\n" if missed else "", file=sys.stderr)
    return int(bool(missed) and not given.quick)


if __name__ == "__main__":
    sys.exit(main())
