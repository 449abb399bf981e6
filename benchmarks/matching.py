"""Matching speed, as ratios in one run: to `json.loads` of the same events, and to moto's matcher. Writes a table and a plot.

Usage: `python benchmarks/matching.py [--quick]`
"""

import argparse
import json
import math
import platform
import sys
import time
import tracemalloc
from pathlib import Path

from moto.events.models import EventPattern as MotoPattern
from rich.console import Console

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import rules
from cdk_event_flow.match import Router

HERE = Path(__file__).parent.parent / "docs" / "reference"
SIZES = (1, 10, 100, 1_000, 10_000)
SETS = {"five keys": rules.five_keys, "mixed operators": rules.mixed}


def per_second(work, items, seconds):
    """How many items a second, over at least so many seconds."""
    done, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        for item in items:
            work(item)
        done += len(items)
    return done / (time.perf_counter() - began)


def build(patterns):
    """A router, the seconds it took to be ready for its first event, and the megabytes it holds."""
    began = time.perf_counter()
    router = Router(patterns)
    router.route("{}")
    seconds = time.perf_counter() - began
    tracemalloc.start()
    kept = Router(patterns)
    kept.route("{}")
    megabytes = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    return router, seconds, megabytes


def moto_rate(patterns, texts, seconds):
    """Events a second of moto's matcher asked for each rule, as its buses do."""
    compiled = [MotoPattern.load(json.dumps(pattern)) for pattern in patterns.values()]

    def ask(text):
        event = json.loads(text)
        for pattern in compiled:
            pattern.matches_event(event)

    began = time.perf_counter()
    done = 0
    for text in texts:
        ask(text)
        done += 1
        if time.perf_counter() - began > seconds:
            break
    return done / (time.perf_counter() - began)


def measured(sizes, seconds):
    """A row for each set and size."""
    texts = [json.dumps(event, separators=(",", ":")) for event in rules.events(2_000)]
    out = Console(stderr=True)
    for name, make in SETS.items():
        every = make(max(sizes))
        for size in sizes:
            patterns = {str(number): pattern for number, pattern in enumerate(every[:size])}
            router, built, megabytes = build(patterns)
            per_second(router.route, texts, seconds / 4)  # automata are built as they are needed
            loads = per_second(json.loads, texts, seconds)
            ours = per_second(router.route, texts, seconds)
            moto = moto_rate(patterns, texts, seconds)
            row = {
                "set": name,
                "rules": size,
                "ours": ours,
                "loads": ours / loads,
                "moto": ours / moto,
                "built": built,
                "mb": megabytes,
            }
            out.print(f"{name:16} {size:6,} rules: {ours:9,.0f}/s, {row['loads']:.2f} of json.loads, {row['moto']:,.1f} times moto")
            yield row


def table(rows):
    """The rows in Markdown."""
    lines = [
        "# Matching speed",
        "",
        "Events of about 770 bytes as JSON text, each routed through all rules. Written by `make bench`; events a second drift",
        "with the machine, the ratios are of one run: to `json.loads` of the same texts alone, and to moto's matcher asked",
        "rule by rule, as its buses do.",
        "",
        f"Python {platform.python_version()}, {platform.machine()}, {platform.system()}.",
        "",
        "| rules | of | events a second | of `json.loads` | times moto | seconds to build | MB |",
        "|---:|---|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        lines.append(
            f"| {row['rules']:,} | {row['set']} | {row['ours']:,.0f} | {row['loads']:.2f} | {row['moto']:,.1f} "
            f"| {row['built']:.3f} | {row['mb']:.1f} |"
        )
    return "\n".join([*lines, "", "![Events a second by number of rules](matching-speed.svg)", ""])


def plot(rows):
    """Events a second over the number of rules, both axes logarithmic, as SVG."""
    width, height, left, bottom = 640, 320, 70, 50
    low, high = 3, 6

    def x(size):
        return left + math.log10(size) / 4 * (width - left - 150)

    def y(rate):
        return height - bottom - (math.log10(rate) - low) / (high - low) * (height - bottom - 20)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12" role="img">',
        "<title>Events a second by number of rules</title>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for power in range(low, high + 1):
        at = y(10**power)
        parts.append(f'<line x1="{left}" y1="{at:.0f}" x2="{width - 150}" y2="{at:.0f}" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 8}" y="{at + 4:.0f}" text-anchor="end">{10**power:,}</text>')
    parts += [f'<text x="{x(size):.0f}" y="{height - 28}" text-anchor="middle">{size:,}</text>' for size in SIZES]
    parts.append(f'<text x="{(left + width - 150) / 2:.0f}" y="{height - 8}" text-anchor="middle">rules</text>')
    for name, stroke, dash in (("five keys", "#0969da", "none"), ("mixed operators", "#bc4c00", "6 3")):
        points = [(x(row["rules"]), y(row["ours"])) for row in rows if row["set"] == name]
        joined = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
        parts.append(f'<polyline points="{joined}" fill="none" stroke="{stroke}" stroke-width="2" stroke-dasharray="{dash}"/>')
        parts.append(f'<text x="{points[-1][0] + 10:.0f}" y="{points[-1][1] + 4:.0f}" fill="{stroke}">{name}</text>')
    return "\n".join([*parts, "</svg>", ""])


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="a fifth of a second a figure, nothing is written")
    quick = arguments.parse_args().quick
    found = list(measured(SIZES, 0.2 if quick else 2.0))
    if quick:
        print(table(found))
    else:
        (HERE / "matching-speed.md").write_text(table(found), "utf-8")
        (HERE / "matching-speed.svg").write_text(plot(found), "utf-8")
