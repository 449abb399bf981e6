"""The redrive under fault at its full size: `make redrive`."""

import argparse
import tempfile
import time
from pathlib import Path

from tests.operate.test_redrive_under_fault import redrive_under_fault

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--letters", type=int, default=5_000)
    letters = parser.parse_args().letters
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        told = redrive_under_fault(Path(folder), letters, throttled=0.15)
    moved, seconds = told["moved"][0]["count"] + told["moved_before"], time.monotonic() - began
    print(f"{letters} dead letters, killed twice, {told['throttled']} of {told['requests']} requests throttled, {seconds:.0f} s:")
    print(f"{moved} once at their target and {told['in_doubt']} in doubt and still dead letters; then all at their target")
