"""Compares what `flow.send` says with what the local run does: `python tests/flow/run_prediction.py [--seed N] [--topologies N]`."""

import argparse
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.progress import track

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from tests.flow.test_prediction import EVENTS, compare

if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seed", type=int, default=int(time.time()))
    arguments.add_argument("--topologies", type=int, default=300)
    given = arguments.parse_args()
    for seed in track(
        range(given.seed, given.seed + given.topologies), description=f"seed {given.seed}", console=Console(stderr=True)
    ):
        compare(seed)
    print(f"{given.topologies} topologies from seed {given.seed}, {EVENTS} events each: no difference")
