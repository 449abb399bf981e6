"""One app of so many consumers, of one side, in stacks of 25; what importing took, as JSON. Run by the part `synth`.

Usage: `python benchmarks/synth_sides/app.py ours|by_hand|solutions CONSUMERS OUT`
"""

import importlib
import json
import sys
import time
from pathlib import Path

import aws_cdk as cdk

A_STACK = 25


def compose(side, consumers, out):
    """The app, composed; each consumer has code of its own, as consumers have."""
    context = json.loads((Path(__file__).parent.parent.parent / "cdk.json").read_text("utf-8"))["context"]
    app = cdk.App(outdir=str(out / "cdk.out"), context={**context, "aws:cdk:enable-path-metadata": True})
    made = importlib.import_module(f"benchmarks.synth_sides.{side}")
    for number in range(consumers):
        if number % A_STACK == 0:
            stack = made.Consumers(app, f"Stack{number // A_STACK}")
        code = out / f"code{number}"
        code.mkdir(parents=True)
        (code / "handler.py").write_text(
            f"def handler(event, context):\n    return {{'batchItemFailures': [], 'number': {number}}}\n"
        )
        stack.add(f"Consumer{number}", str(code), number)
    return app


if __name__ == "__main__":
    side, consumers, out = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    importlib.import_module(f"benchmarks.synth_sides.{side}")
    imported = time.process_time()
    compose(side, consumers, out).synth()
    print(json.dumps({"imported": imported}))
