"""What templates have: resources, and statements of all their policies.

Usage: `python benchmarks/synth_sides/counts.py ours|by_hand|solutions|apps FOLDER`
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.synth_sides.behaviour import behaviour
from benchmarks.synth_sides.bridge import counted


def statements(template):
    """How many statements all policies have: of roles, beside roles, shared, of queues, topics, keys and buckets."""
    return sum(len(part["Statement"]) for part in _mappings(template["Resources"]) if isinstance(part.get("Statement"), list))


def further(side, folder, consumers=3):
    """What one consumer more takes: resources, statements, calls over the bridge with the synth's part; and what one does.

    The first makes what is shared, so it is the difference between `consumers` and one more, in a process that is warm.
    """
    from benchmarks.synth_sides.app import compose

    (one,) = [stack.template for stack in compose(side, 1, folder / "warm").synth().stacks]
    found = []
    for number in (consumers, consumers + 1):
        with counted() as calls:
            assembly = compose(side, number, folder / str(number)).synth()
        (template,) = [stack.template for stack in assembly.stacks]
        found.append((len(template["Resources"]), statements(template), calls.total()))
    few, more = found
    each = dict(
        zip(("resources", "statements", "calls"), (after - before for before, after in zip(few, more, strict=True)), strict=True)
    )
    return {**each, "shared": few[0] - consumers * each["resources"], "behaviour": behaviour(one)}


def apps(folder):
    """The order-packing app, ours and by hand."""
    import aws_cdk as cdk

    from benchmarks.synth_sides.packing_by_hand import OrderPackingByHand

    subprocess.run([sys.executable, "app.py"], env={**os.environ, "CDK_OUTDIR": str(folder / "ours")}, check=True, stdout=sys.stderr)
    app = cdk.App(outdir=str(folder / "by_hand"), context=json.loads(Path("cdk.json").read_text("utf-8"))["context"])
    OrderPackingByHand(app, "ByHand")
    templates = {
        "ours": json.loads((folder / "ours" / "OrderPacking.template.json").read_text("utf-8")),
        "by_hand": app.synth().get_stack_by_name("ByHand").template,
    }
    return {side: {"resources": len(each["Resources"]), "statements": statements(each)} for side, each in templates.items()}


def _mappings(value):
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _mappings(each)


if __name__ == "__main__":
    what, out = sys.argv[1], Path(sys.argv[2])
    print(json.dumps(apps(out) if what == "apps" else further(what, out)))
