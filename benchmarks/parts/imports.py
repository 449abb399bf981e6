"""Imports: how long the reference app's handlers take to import, which is most of a cold start, without bytecode and with it."""

import json
import sys
from pathlib import Path

from benchmarks.measure import program
from benchmarks.section import Claim, Section, about, number, prose, table

TITLE = "Importing handlers"
RUNS = 5


def measured(quick, say):
    """What `event-flow functions` measures of the app of this repository."""
    command = [Path(sys.executable).with_name("event-flow"), "functions", "--json", "--runs", 1 if quick else RUNS]
    found = json.loads(program([*command, *(["Reconcile"] if quick else [])]))
    rows = [
        {
            "name": each["name"],
            "zipped": each["zip_bytes"],
            "unzipped": each["unzipped_bytes"],
            "seconds": each["imports"]["seconds"],
            "precompiled": each["imports"]["precompiled_seconds"],
            "shares": dict(list(each["imports"]["shares"].items())[:3]),
        }
        for each in found["functions"]
    ]
    for row in rows:
        say(f"{row['name']}: {row['seconds'] * 1000:.0f} ms, precompiled {row['precompiled'] * 1000:.0f} ms")
    return {"runs": 1 if quick else RUNS, "rows": rows}


def section(figures):
    """Its part of the page."""
    rows = figures["rows"]
    longest = max(rows, key=lambda row: row["seconds"])
    claims = [
        Claim(
            key=f"imports-{key}",
            what=f"to import {longest['name']} of the reference app, {what}",
            figure=f"{about(longest[of] * 1000)} ms",
        )
        for key, of, what in (("plain", "seconds", "without bytecode"), ("precompiled", "precompiled", "with `precompile=True`"))
    ]
    cells = [
        [
            row["name"], f"{row['zipped'] / 1e6:.1f}", f"{row['unzipped'] / 1e6:.1f}", number(row["seconds"] * 1000),
            number(row["precompiled"] * 1000), f"{row['precompiled'] / row['seconds']:.0%}",
            ", ".join(f"{name} {share:.0%}" for name, share in row["shares"].items()),
        ]
        for row in rows
    ]  # fmt: skip
    blocks = [
        prose(
            "What Lambda does after it has fetched a package and started the runtime, measured by `event-flow functions` on this",
            "machine: each import in a process of its own, without bytecode of the package, as Lambda makes it, and with it, as",
            "`precompile=True` puts it into the package. The handlers of the reference app use Powertools, pydantic and boto3. The",
            f"shortest of {figures['runs']} runs. See [shorten cold starts](../how-to/shorten-cold-starts.md).",
        ),
        table(
            ["function", ">MB zipped", ">MB unzipped", ">import, ms", ">precompiled, ms", ">of it", "heaviest by themselves"], cells
        ),
    ]
    return Section(blocks=blocks, claims=claims)
