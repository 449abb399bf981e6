"""Orders through every fault, and kills of the run: `python tests/local/chaos/run_chaos.py [--orders N] [--kills N] [--seed N]`."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent.parent))

from tests.local.chaos.chaos import FAULTS, chaos

if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--orders", type=int, default=10_000)
    arguments.add_argument("--kills", type=int, default=2)
    arguments.add_argument("--seed", type=int, default=int(time.time()))
    given = arguments.parse_args()
    print(f"{given.orders} orders, one in 100 poison; --fault {FAULTS} --seed {given.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        left = chaos(Path(folder), given.orders, seed=given.seed, kills=given.kills)
        print(left)
        left.check()
