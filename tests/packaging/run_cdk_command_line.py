"""`cdk synth` and `cdk diff` on the reference app and each example: one line each, and all that is not explained.

Usage: `python tests/packaging/run_cdk_command_line.py [EXAMPLE …]`, or `make cdk`.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

from tests.packaging.cdk_command_line import ROOT, synth_and_diff


def main(chosen):
    examples = sorted(each.parent.name for each in (ROOT / "examples").glob("*/app.py"))
    failed = False
    os.environ.pop("CDK_VALIDATION", None)  # all validation runs, as for those who deploy
    for name in chosen or ["app.py", *examples]:
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as out:
            found = synth_and_diff(ROOT if name == "app.py" else ROOT / "examples" / name, Path(out))
        failed = failed or bool(found)
        print(f"{name}: {len(found)} lines not explained, {time.monotonic() - began:.0f} s", flush=True)
        for line in found:
            print(f"  {line}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
