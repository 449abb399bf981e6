"""Speed of tests with the fixtures of the pytest plugin, as a ratio to the same tests as they are usually written. Writes a table.

Usage: `python benchmarks/plugin.py [--quick]`
"""

import argparse
import os
import platform
import re
import resource
import subprocess
import sys
from pathlib import Path

from rich.console import Console

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "reference" / "plugin-speed.md"
SUITES = {"fixtures": "test_with_fixtures.py", "usual": "test_as_usual.py"}
# What is run of both suites, by pytest's -k.
ROWS = {"fifty, of `template` and `flow`": "not variant", "the same, and two of `synth`": ""}
BAR = 8.0


def seconds(suite, of):
    """Processor seconds of a whole run of pytest, its Node and its app's included, and how many tests passed; all must."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "benchmarks/suite/pytest.ini", "--rootdir", "."]
    command += [f"benchmarks/suite/{SUITES[suite]}", "-k", of]
    # Bytecode is kept, as it is where people work; CDK validates unless it is told not to.
    environment = {name: value for name, value in os.environ.items() if name not in ("CDK_VALIDATION", "PYTHONDONTWRITEBYTECODE")}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(done.stdout[-3000:] + done.stderr[-3000:])
    took = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return took, int(re.findall(r"(\d+) passed", done.stdout)[0])


def measured(runs):
    """A row for each part of the suites: the best of so many runs, one suite after the other."""
    out = Console(stderr=True)
    seconds("fixtures", "variant")  # bytecode, and the functions' bundles
    for title, of in ROWS.items():
        taken = [(seconds("fixtures", of), seconds("usual", of)) for _ in range(runs)]
        (fixtures, count), (usual, same) = (min(each) for each in zip(*taken, strict=True))
        assert count == same
        out.print(f"{title}: {fixtures:.1f} s with the fixtures, {usual:.1f} s as usual, {usual / fixtures:.1f} times")
        yield {"title": title, "tests": count, "fixtures": fixtures, "usual": usual, "ratio": usual / fixtures}


def table(rows):
    """The rows in Markdown."""
    each = (rows[0]["usual"] - rows[0]["fixtures"]) / rows[0]["tests"]
    lines = [
        "# Speed of tests with the pytest plugin",
        "",
        "The same assertions, written twice: with the plugin's fixtures, which synthesize the app once a session and without CDK's",
        "validation, and as CDK tests are usually written, with an `App`, a stack and `Template.from_stack` for each test and",
        "validation on, its default. Both test a stack of ten consumers of our own constructs (147 resources, `benchmarks/suite`).",
        "Written by `make bench`: processor seconds of whole runs of pytest, with their Node and their app. Seconds drift with the",
        "machine, the ratios are of one run.",
        "",
        f"Python {platform.python_version()}, {platform.machine()}, {platform.system()}.",
        "",
        "| tests | | with the fixtures | as usual | times |",
        "|---:|---|---:|---:|---:|",
        *(
            f"| {row['tests']} | {row['title']} | {row['fixtures']:.1f} s | {row['usual']:.1f} s | {row['ratio']:.1f} |"
            for row in rows
        ),
        "",
        f"As usual, each test takes {each:.2f} s, and more on a larger stack; with the fixtures, milliseconds. `synth` makes a stack",
        "in the tests' process: its first starts the CDK once more, and each takes what a stack takes without validation.",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="one run of each, nothing is written")
    quick = arguments.parse_args().quick
    found = list(measured(1 if quick else 2))
    if quick:
        print(table(found))
    else:
        PAGE.write_text(table(found), "utf-8")
    if found[0]["ratio"] < BAR:
        sys.exit(f"{found[0]['ratio']:.1f} times is below the bar of {BAR:.0f}")
