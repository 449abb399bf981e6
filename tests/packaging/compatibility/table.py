"""What came of it, and the table in the docs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.packaging.compatibility.cells import ENDS
from tests.packaging.compatibility.machine import declared
from tests.packaging.compatibility.trying import Tried

BEGIN, END = "<!-- written by make compatibility -->\n", "<!-- end of what make compatibility wrote -->\n"


@dataclass(frozen=True)
class Cell:
    """One Python with one end of the versions. `versions` is what was installed, by package."""

    python: str
    end: str
    versions: dict[str, str]
    tried: list[Tried]


@dataclass(frozen=True)
class Matrix:
    """Everything that was tried on a day; `extras` by the extra that was alone."""

    date: str
    offline: str
    missing: list[str]
    cells: list[Cell]
    extras: dict[str, list[Tried]]

    @property
    def failed(self) -> list[str]:
        """The steps that did not end as they should, each with where."""
        of_cells = [f"{cell.python} {cell.end}: {each.name}" for cell in self.cells for each in cell.tried if not each.passed]
        return of_cells + [f"{extra}: {each.name}" for extra, tried in self.extras.items() for each in tried if not each.passed]

    @property
    def passed(self) -> bool:
        return not self.failed


def read(text: str) -> Matrix:
    """What `--json` printed."""
    found = json.loads(text)
    cells = [Cell(**{**cell, "tried": [Tried(**each) for each in cell["tried"]]}) for cell in found.pop("cells")]
    extras = {extra: [Tried(**each) for each in tried] for extra, tried in found.pop("extras").items()}
    return Matrix(**found, cells=cells, extras=extras)


def joined(parts: Sequence[Matrix]) -> Matrix:
    """Several runs as one, of the last one's day."""
    cells = sorted((cell for part in parts for cell in part.cells), key=lambda cell: ([*map(int, cell.python.split("."))], cell.end))
    extras = {extra: tried for part in parts for extra, tried in part.extras.items()}
    return Matrix(max(part.date for part in parts), parts[-1].offline, parts[-1].missing, cells, extras)


def table(matrix: Matrix) -> str:
    """A row for each cell, and what of the extras."""
    tried = {(cell.python.rpartition(".")[0], cell.end): cell for cell in matrix.cells}
    rows = [_row(minor, end, tried.get((minor, end))) for minor in declared() for end in ENDS]
    lines = [
        f"Tried on {matrix.date} by `make compatibility`. A step is one command in an environment made from the wheel, "
        f"{matrix.offline}.",
        "",
        "| Python | of what it depends on, the | aws-cdk-lib | constructs | boto3 | moto | steps that passed |",
        "|---|---|---|---|---|---|---|",
        *rows,
        "",
        *([f"Not tried, for want of an interpreter: Python {', '.join(matrix.missing)}.", ""] if matrix.missing else []),
        "Each extra was installed alone too; every command was tried there, and works or names the extra that it needs: "
        + ", ".join(f"{'none' if extra == 'none' else f'`[{extra}]`'} ({len(tried)} steps)" for extra, tried in matrix.extras.items())
        + ".",
    ]
    return "\n".join(lines) + "\n"


def _row(minor: str, end: str, cell: Cell | None) -> str:
    if cell is None:
        return f"| {minor} | {end} | not tried that day | | | | |"
    versions = " | ".join(cell.versions[name] for name in ("aws-cdk-lib", "constructs", "boto3", "moto"))
    return f"| {cell.python} | {end} | {versions} | {sum(each.passed for each in cell.tried)} of {len(cell.tried)} |"


def write_into(page: Path, matrix: Matrix) -> None:
    """Put the table in the place of the former one."""
    before, _, rest = page.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n{table(matrix)}\n{END}{after}", "utf-8")
