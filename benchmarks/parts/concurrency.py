"""Concurrency: 1 to 64 environments of one function at once, one that waits and one that computes, beside ministack."""

import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.callers import call
from benchmarks.engines import function, made, memory, ministack, ours
from benchmarks.plot import Axis, Line, plot
from benchmarks.section import Claim, Section, about, number, prose, table

TITLE = "Many environments at once"
CALLERS = (1, 2, 4, 8, 16, 32, 64)
WAIT = 0.05
COMPUTE = 0.01
WAITS = f"""
import time
def handler(event, context):
    print("taken")
    time.sleep({WAIT})
    return "done"
"""
COMPUTES = f"""
import time
def handler(event, context):
    until = time.process_time() + {COMPUTE}
    while time.process_time() < until:
        pass
    print("taken")
    return "done"
"""
FUNCTIONS = {"waits": WAITS, "computes": COMPUTES}
ENGINES = {"ours": ours, "ministack": ministack}


def measured(quick, say):
    """For each engine and function a row for each number of callers, the best rate of the rounds."""
    levels, seconds, rounds = (CALLERS[:3], 0.3, 1) if quick else (CALLERS, 1.5, 2)
    taken = {name: [] for name in ENGINES}
    for _ in range(rounds):
        for name, start in ENGINES.items():
            with tempfile.TemporaryDirectory() as folder, start(Path(folder), _resources()) as running:
                taken[name].append([row for of in FUNCTIONS for row in _levels(running, of, levels, seconds)])
            last = taken[name][-1][len(levels) - 1]
            say(f"{name}: {last['rate']:.0f} invokes a second of {last['callers']} callers, {last['memory']:.0f} MB")
    rows = {name: [max(same, key=lambda row: row["rate"]) for same in zip(*of, strict=True)] for name, of in taken.items()}
    return {"rounds": rounds, "engines": rows}


def _resources():
    role = made("IAM::Role", AssumeRolePolicyDocument={"Version": "2012-10-17", "Statement": []})
    arn = {"Fn::GetAtt": ["Role", "Arn"]}
    return {"Role": role, **{name.title(): function(name, code, arn) for name, code in FUNCTIONS.items()}}


def _levels(running, of, levels, seconds):
    for callers in levels:
        called = call(running.url, of, callers, seconds=seconds, warm=2)
        if not called.took:
            sys.exit(f"{callers} callers of {of}: nothing was answered but {called.refused[:1]}")
        yield {
            "function": of,
            "callers": callers,
            "rate": called.rate,
            "median": statistics.median(called.took),
            "refused": len(called.refused),
            "memory": memory(running.pid),
        }


def section(figures):
    """Its part of the page."""
    engines = figures["engines"]
    rows = {(name, row["function"], row["callers"]): row for name, of in engines.items() for row in of}
    levels = sorted({callers for _, _, callers in rows})
    most = levels[-1]
    waits, one = rows["ours", "waits", most], rows["ours", "waits", levels[0]]
    each = (waits["memory"] - one["memory"]) / (most - levels[0])
    ideal = most / WAIT
    claims = [
        Claim(
            key="concurrency-waits",
            what=f"of a handler that waits for {WAIT * 1000:.0f} ms, {most} at once; {ideal:,.0f} if nothing else took time",
            figure=f"{about(waits['rate'])} invokes a second",
        ),
        Claim(key="concurrency-memory", what=f"for each environment more, up to {most}", figure=f"{about(each)} MB"),
    ]
    explained = prose(
        f"A function that sleeps for {WAIT * 1000:.0f} ms, as one that waits for a service, and one that takes {COMPUTE * 1000:.0f}",
        "ms of a processor, each with a line in its log; so many callers invoke it at once over HTTP, each again when it has its",
        "answer, after two invokes each that do not count. Each environment does one invoke at a time, as in Lambda, so there are",
        f"as many environments as callers. The better of {figures['rounds']} rounds of each engine, in which they take turns; the",
        "callers and the engine share this machine's processors. Memory is that of all processes, what they share counted once. A",
        "refused invoke is one that was answered otherwise than by the handler.",
    )
    tables = [_table(rows, levels, of, f"of one that {of}") for of in FUNCTIONS]
    plots = {
        "concurrency": _plot(
            rows, levels, "rate", "Invokes a second by number of environments, of a handler that waits", "invokes a second"
        ),
        "memory": _plot(rows, levels, "memory", "Memory by number of environments", "MB"),
    }
    return Section(blocks=[explained, *tables], claims=claims, plots=plots, missed=_missed(rows))


def _table(rows, levels, of, title):
    head = [f">callers, {title}"]
    head += [f">{name}: {what}" for name in ENGINES for what in ("invokes a second", "median, ms", "refused", "MB")]

    def cells(row):
        return [number(row["rate"]), number(row["median"] * 1000), row["refused"], number(row["memory"])]

    return table(head, [[level, *(cell for name in ENGINES for cell in cells(rows[name, of, level]))] for level in levels])


def _plot(rows, levels, what, title, unit):
    lines = [Line(name=name, points=[(level, rows[name, "waits", level][what]) for level in levels]) for name in ENGINES]
    return plot(title, Axis(title="environments", log=True), Axis(title=unit, log=what == "rate"), lines)


def _missed(rows):
    refused = sum(row["refused"] for (name, *_), row in rows.items() if name == "ours")
    return [f"{refused} invokes were not answered by the handler"] if refused else []
