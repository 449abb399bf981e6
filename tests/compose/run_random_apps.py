"""Random legal apps of fresh seeds, many of them: each synthesizes, and cfn-lint, `flow` and the list of wildcards say nothing.

`make random-apps` makes 200, and 40 under the guardrails of all packs (`--guarded`), where no role has an inline policy either.
What is wrong with an app is printed with its seed, and the exit status is 1.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from tests.compose import random_apps
from tests.compose.guard.judged import guard
from tests.compose.random_apps.judged import inline, wrong


def main() -> int:
    """The exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--apps", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0, help="of the first app; the next has the next")
    parser.add_argument("--guarded", action="store_true", help="under the guardrails of all packs")
    given = parser.parse_args()
    # Their pollers invoke more often than an account's functions may by default.
    last = partial(guard, LambdaConcurrency="These are random.") if given.guarded else None
    os.environ["CDK_VALIDATION"] = "false"
    began, bad = time.monotonic(), 0
    with tempfile.TemporaryDirectory() as folder:
        code = Path(folder) / "code"
        code.mkdir()
        random_apps.code_in(code)
        for seed in range(given.seed, given.seed + given.apps):
            try:
                assembly = random_apps.compose(random.Random(seed), Path(folder) / str(seed), code, last)
                said = wrong(assembly, linted=True) + (inline(assembly) if given.guarded else [])
            except Exception as error:
                said = [repr(error)]
            bad += bool(said)
            for line in said:
                print(f"seed {seed}: {line}", flush=True)
            if (seed - given.seed) % 20 == 19:
                print(f"{seed - given.seed + 1} apps, {bad} with something wrong, {time.monotonic() - began:.0f} s", flush=True)
    print(f"{given.apps} random apps from seed {given.seed} on: {bad} with something wrong")
    return min(bad, 1)


if __name__ == "__main__":
    sys.exit(main())
