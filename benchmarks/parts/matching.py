"""Matching: events a second through growing numbers of rules, beside `json.loads` of the same texts, and moto's matcher."""

import json
import time
import tracemalloc

from moto.events.models import EventPattern as MotoPattern

from benchmarks import rules
from benchmarks.measure import alternating, per_second
from benchmarks.plot import Axis, Line, plot
from benchmarks.section import Claim, Section, about, number, prose, table, times
from cdk_event_flow.match import Router

TITLE = "Matching"
SIZES = (1, 10, 100, 1_000, 10_000)
SETS = {"five keys": rules.five_keys, "mixed operators": rules.mixed}
ROUNDS = 3


def measured(quick, say):
    """A row for each set of rules and size."""
    sizes, each, rounds = (SIZES[:3], 0.05, 1) if quick else (SIZES, 0.6, ROUNDS)
    texts = [json.dumps(event, separators=(",", ":")) for event in rules.events(2_000)]
    rows = []
    for name, make in SETS.items():
        every = make(max(sizes))
        for size in sizes:
            patterns = {str(at): pattern for at, pattern in enumerate(every[:size])}
            router, built, megabytes = _build(patterns)
            per_second(router.route, texts, each)  # automata are built as they are needed
            sides = {"loads": json.loads, "ours": router.route, "moto": _moto(patterns)}
            rates = alternating({side: _rate(work, texts, each) for side, work in sides.items()}, rounds)
            row = {"set": name, "rules": size, **{side: max(of) for side, of in rates.items()}, "built": built, "mb": megabytes}
            say(f"{name}, {size:,} rules: {row['ours']:,.0f} events a second, {row['ours'] / row['moto']:,.0f} times moto")
            rows.append(row)
    return {"bytes": sum(map(len, texts)) // len(texts), "rounds": rounds, "rows": rows}


def _rate(work, texts, each):
    return lambda: per_second(work, texts, each)


def _build(patterns):
    """A router, the seconds it took to be ready for its first event, and the megabytes it holds."""
    began = time.perf_counter()
    router = Router(patterns)
    router.route("{}")
    took = time.perf_counter() - began
    tracemalloc.start()
    kept = Router(patterns)
    kept.route("{}")
    megabytes = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    return router, took, megabytes


def _moto(patterns):
    """moto's matcher, asked for each rule, as its buses do."""
    compiled = [MotoPattern.load(json.dumps(pattern)) for pattern in patterns.values()]

    def ask(text):
        event = json.loads(text)
        for pattern in compiled:
            pattern.matches_event(event)

    return ask


def section(figures):
    """Its part of the page."""
    rows = figures["rows"]
    most = {row["set"]: row for row in rows if row["rules"] == max(each["rules"] for each in rows)}
    five, mixed = most["five keys"], most["mixed operators"]
    claims = [
        Claim(
            key=f"matching-{key}",
            what=f"routed through {row['rules']:,} rules of {row['set']}, on one processor, in Python",
            figure=f"{about(row['ours'])} events a second",
        )
        for key, row in (("five-keys", five), ("mixed", mixed))
    ] + [
        Claim(
            key="matching-moto",
            what=f"moto's matcher, asked rule by rule of the same {five['rules']:,}",
            figure=times(five["ours"] / five["moto"]),
        ),
        Claim(key="matching-build", what=f"to make {five['rules']:,} rules ready", figure=f"{about(five['built'])} s"),
    ]
    shown = table(
        [">rules", "of", ">events a second", ">of `json.loads` alone", ">moto's", ">times moto", ">seconds to build", ">MB"],
        [
            [
                f"{row['rules']:,}", row["set"], number(row["ours"]), number(row["ours"] / row["loads"]), number(row["moto"]),
                number(row["ours"] / row["moto"]), f"{row['built']:.3f}", f"{row['mb']:.1f}",
            ]
            for row in rows
        ],
    )  # fmt: skip
    explained = prose(
        f"Events of about {figures['bytes']} bytes as JSON text, each routed through all rules by one `Router`, in processor time.",
        "Both sides parse the text; moto's matcher is asked rule by rule, as its buses do. Rules of five keys have exact values",
        "and a range; those of mixed operators have five of fifteen keys with all operators (`benchmarks/rules.py`). The best of",
        f"{figures['rounds']} rounds, in which the sides take turns.",
    )
    lined = [Line(name=f"ours, {name}", points=[(row["rules"], row["ours"]) for row in rows if row["set"] == name]) for name in SETS]
    lined += [Line(name=f"moto, {name}", points=[(row["rules"], row["moto"]) for row in rows if row["set"] == name]) for name in SETS]
    drawn = plot("Events a second by number of rules", Axis(title="rules", log=True), Axis(title="events a second", log=True), lined)
    return Section(blocks=[explained, shown], claims=claims, plots={"matching": drawn}, missed=_missed(five, mixed))


def _missed(five, mixed):
    """At 10,000 rules; a quick run has fewer."""
    bars = [
        ("five keys", five["ours"] / five["loads"], 0.4, "of json.loads"),
        ("five keys", five["ours"] / five["moto"], five["rules"] / 10, "times moto"),
        ("mixed operators", mixed["ours"] / mixed["moto"], mixed["rules"] / 10, "times moto"),
    ]
    return [f"{what}: {got:,.2f} {unit}, the bar is {bar:,.2f}" for what, got, bar, unit in bars if got < bar]
