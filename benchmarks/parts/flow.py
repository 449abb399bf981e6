"""Proving: reading a template, checking it, and sending an event through it, at growing sizes, beside `json.loads` of it."""

import json

from benchmarks.measure import best
from benchmarks.plot import Axis, Line, plot
from benchmarks.section import Claim, Section, about, number, prose, table
from benchmarks.services import template
from cdk_event_flow.flow import Flow

TITLE = "Reading, checking and sending"
SIZES = (52, 100, 200, 500, 1_000, 2_000)
A_STACK = 500
# Seconds that a template of 500 resources may take.
BARS = {"read": 0.3, "check": 1.0, "send": 0.005}
EVENT = {"source": "shop", "detail-type": "Event1", "detail": {"total": 100, "region": "eu"}}
NAMES = {"loads": "`json.loads`", "read": "read", "check": "check", "first": "send, the first time", "send": "send"}


def measured(quick, say):
    """A row for each size: a flow is checked right after it was read, and sent through once before."""
    rows = []
    for size in SIZES[: 2 if quick else None]:
        row = _row(json.dumps(template(size)), 0.1 if quick else 0.7)
        say(f"{row['resources']:,} resources: read in {row['read'] * 1000:.0f} ms, checked in {row['check'] * 1000:.0f} ms")
        rows.append(row)
    return {"rows": rows}


def _row(text, each):
    parsed = json.loads(text)
    flow = Flow.from_template(parsed)
    assert flow.send("shop", EVENT).reaches("Service1/Function")
    return {
        "resources": len(parsed["Resources"]),
        "kb": len(text) / 1000,
        "loads": best(lambda _: json.loads(text), each),
        "read": best(lambda _: Flow.from_template(parsed), each),
        "check": best(lambda fresh: fresh.check(), 2 * each, lambda: Flow.from_template(parsed)),
        "first": best(lambda fresh: fresh.send("shop", EVENT), 2 * each, lambda: Flow.from_template(parsed)),
        "send": best(lambda _: flow.send("shop", EVENT), each),
    }


def section(figures):
    """Its part of the page."""
    rows = figures["rows"]
    full = min(rows, key=lambda row: abs(row["resources"] - A_STACK))
    claims = [
        Claim(key=f"flow-{key}", what=f"{what} {full['resources']} resources", figure=f"{about(full[key] * 1000)} ms")
        for key, what in (
            ("read", "to read a template of"),
            ("check", "to check all findings of one of"),
            ("send", "to say where an event goes, and why not elsewhere, in one of"),
        )
    ]
    blocks = [
        prose(
            "Services of twelve resources behind one bus: rule → topic → filtered queue → function, with dead letters, policies",
            "and a role. `read` makes the flow of the template, `check` looks for all kinds of findings in it, `send` follows an",
            "event to every receiver. The shortest of all runs of most of a second, in processor time: milliseconds, and below",
            f"that multiples of `json.loads` of the same text. A stack takes {A_STACK} resources: what is larger is several stacks",
            "as one flow.",
        ),
        table(
            [">resources", ">kB", *(f">{name}" for name in NAMES.values())],
            [[f"{row['resources']:,}", number(row["kb"]), *(number(row[key] * 1000) for key in NAMES)] for row in rows],
        ),
        table(
            [">resources", *(f">{name}" for name in NAMES.values())],
            [[f"{row['resources']:,}", *(number(row[key] / row["loads"]) for key in NAMES)] for row in rows],
        ),
    ]
    lined = [
        Line(name=NAMES[key].replace("`", ""), points=[(row["resources"], row[key] * 1000) for row in rows])
        for key in ("check", "read", "first", "send", "loads")
    ]
    drawn = plot(
        "Milliseconds by size of the template", Axis(title="resources", log=True), Axis(title="milliseconds", log=True), lined
    )
    missed = [
        f"{what} of {full['resources']} resources: {full[what] * 1000:.1f} ms, the bar is {bar * 1000:.0f} ms"
        for what, bar in BARS.items()
        if full[what] > bar
    ]
    return Section(blocks=blocks, claims=claims, plots={"flow": drawn}, missed=missed)
