"""Compares the fast matcher with the slow one on random pairs: `python tests/match/run_fuzz.py [--seed N] [--pairs N]`.

Patterns come in groups: each event is put to every pattern of its group, to the explanation, and as text to their router.
"""

import argparse
import json
import random
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import track

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from cdk_event_flow.match import EventPattern, Router
from tests.match import generate, reference

GROUP = 6
EVENTS = 6  # for each pattern, and each is put to all of the group


def compared(rnd):
    """What a group of patterns and their events give: pairs, matches, and (pattern, event, what is right) where we differ."""
    patterns = {str(at): generate.pattern(rnd) for at in range(GROUP)}
    single = {name: EventPattern(each) for name, each in patterns.items()}
    router = Router(patterns)
    pairs, matching, different = 0, 0, []
    for event in [generate.event(rnd, pattern) for pattern in patterns.values() for _ in range(EVENTS)]:
        routed = router.route(json.dumps(event, ensure_ascii=rnd.random() < 0.5))
        for name, pattern in patterns.items():
            right = reference.matches(pattern, event)
            if {name in routed, single[name].matches(event), single[name].explain(event).matched} != {right}:
                different.append((pattern, event, right))
            pairs += 1
            matching += right
    return pairs, matching, different


def main(seed, pairs):
    """0 when nothing differs."""
    rnd = random.Random(seed)
    done, matched, wrong = 0, 0, 0
    groups = range(-(-pairs // (GROUP * EVENTS * GROUP)))
    for _ in track(groups, description=f"seed {seed}", console=Console(stderr=True)):
        more, matching, different = compared(rnd)
        done += more
        matched += matching
        for pattern, event, right in different[: max(0, 10 - wrong)]:
            print(json.dumps(pattern, ensure_ascii=False), json.dumps(event, ensure_ascii=False), "should be", right)
        wrong += len(different)
    print(f"seed {seed}: {done:,} pairs, {matched:,} of them match; {wrong} differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--pairs", type=int, default=100_000)
    given = arguments.parse_args()
    sys.exit(main(given.seed, given.pairs))
