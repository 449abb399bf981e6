"""Tests: the same assertions with the fixtures of the pytest plugin, and as CDK tests are written; and tests of local runs."""

import re
import statistics
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

from benchmarks.measure import alternating, processor, program
from benchmarks.section import Claim, Section, about, number, prose, table, times

TITLE = "Tests"
SUITES = {"fixtures": "test_with_fixtures.py", "usual": "test_as_usual.py", "sharing": "test_sharing.py"}
# What is run of both suites, by pytest's -k.
ROWS = {"of `template` and `flow`": "not variant", "the same, and two of `synth`": ""}
BAR = 8.0
WARM = 3  # tests of local runs until all environments are warm


def measured(quick, say):
    """A row for each part of the suites, the best of the runs; and the seconds of each test with a local run."""
    _suite("fixtures", "variant")  # bytecode, and the functions' bundles
    rows = []
    for title, of in ROWS.items():
        if quick:
            of = "count and (KMS or Bus)"  # noqa: PLW2901 - two tests of each
        runs = alternating({suite: lambda suite=suite, of=of: _suite(suite, of) for suite in SUITES}, 1 if quick else 2)
        best = {suite: min(taken) for suite, taken in runs.items()}
        (tests,) = {count for _, count in best.values()}
        row = {"title": title, "tests": tests, **{suite: took for suite, (took, _) in best.items()}}
        say(f"{tests} tests {title}: {row['usual'] / row['fixtures']:.1f} times")
        rows.append(row)
    local = _local_runs()
    say(f"a test of a local run: {statistics.median(local[WARM:]) * 1000:.0f} ms")
    return {"rows": rows, "local": local, "runs": 1 if quick else 2}


def _suite(suite, of):
    """Processor seconds of a whole run of pytest, its Node and its app's included, and how many tests passed; all must."""
    with processor() as took:
        said = program([*_pytest(SUITES[suite]), "-k", of])
    return took[0], int(re.findall(r"(\d+) passed", said)[0])


def _local_runs():
    """Seconds of each test on the wall, its setting up included, in the order in which they ran."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        program([*_pytest("test_with_local_run.py"), "-o", "event_flow_app=python app.py", f"--junitxml={report}"])
        return [float(case.get("time")) for case in ElementTree.parse(report).iter("testcase")]


def _pytest(file):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "benchmarks/suite/pytest.ini", "--rootdir", "."]
    return [*command, f"benchmarks/suite/{file}"]


def section(figures):
    """Its part of the page."""
    rows, local = figures["rows"], figures["local"]
    first, each = rows[0], (rows[0]["usual"] - rows[0]["fixtures"]) / rows[0]["tests"]
    warm = statistics.median(local[WARM:])
    claims = [
        Claim(
            key="tests-fifty",
            what=f"less processor time for {first['tests']} tests with our fixtures than with `Template.from_stack` in each",
            figure=times(first["usual"] / first["fixtures"]),
        ),
        Claim(
            key="tests-sharing",
            what="less than with one `Template.from_stack` for all of them",
            figure=times(first["sharing"] / first["fixtures"]),
        ),
        Claim(
            key="tests-local-run",
            what="a test that runs the app's handlers, once they are warm (median)",
            figure=f"{about(warm * 1000)} ms",
        ),
    ]
    blocks = [
        prose(
            "The same assertions, written three times: with the plugin's fixtures, which synthesize the app once a session and",
            "without CDK's validation; as CDK tests are usually written, with an `App`, a stack and `Template.from_stack` for each",
            "test; and with one template for all tests of the module, as careful people have it. The last two have CDK's",
            "validation on, its default. All test a stack of ten consumers of our own constructs (`benchmarks/suite`): what",
            "differs is how a test comes to its template. Processor seconds of whole runs of pytest, with their Node and their",
            f"app; the best of {figures['runs']} runs, in which they take turns.",
        ),
        table(
            [">tests", "", ">with the fixtures, s", ">as usual, s", ">times", ">one template, s", ">times"],
            [
                [
                    row["tests"],
                    row["title"],
                    number(row["fixtures"]),
                    *(cell for suite in ("usual", "sharing") for cell in (number(row[suite]), number(row[suite] / row["fixtures"]))),
                ]
                for row in rows
            ],
        ),
        prose(
            f"As usual, each test takes {each:.2f} s, and more on a larger stack; with the fixtures, milliseconds. One template for",
            "a module costs once a module what it costs usually once a test, and is right as long as no test changes its stack.",
            "`synth` makes a stack in the tests' process: its first starts the CDK once more, and each takes what a stack takes",
            "without validation.",
        ),
        prose(
            "A test of the reference app with `local_run` (the one that the README shows), by the clock: the first takes",
            f"{local[0]:.1f} s, for it starts the run and the handlers' environments; of the {len(local) - WARM} after the first",
            f"{WARM}, the median takes {warm * 1000:.0f} ms and the longest {max(local[WARM:]) * 1000:.0f} ms.",
        ),
    ]
    reached = first["usual"] / first["fixtures"]
    missed = [f"{reached:.1f} times, the bar is {BAR:.0f}"] if reached < BAR else []
    return Section(blocks=blocks, claims=claims, missed=missed)
