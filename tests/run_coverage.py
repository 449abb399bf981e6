"""Branches of each room that tests take, from `coverage json`; 1 where a room takes fewer than it must: see `make coverage`."""

import json
import sys
from collections import Counter
from pathlib import Path

LEAST = {"all": 0.90, "match": 0.95, "flow": 0.95}  # of branches


def rooms(report):
    """The counts of each room, and of all."""
    counts = {}
    for file, found in report["files"].items():
        parts = Path(file).parts
        inner = parts[parts.index("cdk_event_flow") + 1 :]
        for room in ("all", inner[0] if len(inner) > 1 else "(beside the rooms)"):
            counts.setdefault(room, Counter()).update(
                {name: found["summary"][name] for name in ("covered_branches", "num_branches", "covered_lines", "num_statements")}
            )
    return counts


def main():
    """One line a room."""
    wrong = []
    for room, count in sorted(rooms(json.load(sys.stdin)).items()):
        branches = count["covered_branches"] / count["num_branches"] if count["num_branches"] else 1.0
        lines = count["covered_lines"] / count["num_statements"] if count["num_statements"] else 1.0
        print(f"{room:<20} {branches:7.1%} of {count['num_branches']:5,} branches {lines:7.1%} of {count['num_statements']:6,} lines")
        if branches < LEAST.get(room, 0):
            wrong.append(f"{room}: {LEAST[room]:.0%} of the branches are asked for")
    print(*wrong, sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
