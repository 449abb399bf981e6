"""The reference app, as it is, under guardrails and by hand, and every example, in front of every security pack; writes the page.

Usage: `make packs`, which installs checkov and cdk-preflight. Exit status 1 where something of ours is found.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from cdk_preflight import Preflight

from benchmarks.synth_sides.bridge import counted
from tests.compose.guard.judged import EXAMPLES, NAG, ROOT, findings_of, guard, judged
from tests.examples.running import run_app
from tests.examples.synthesizer import Unchecked

PAGE = ROOT / "docs" / "reference" / "security-packs.md"
CHECKOV = ROOT / ".venv-checkov" / "bin" / "checkov"
PREFLIGHT = "cdk-preflight"
SIDES = {"ours": "ours", "guarded": "ours, under guardrails", "by_hand": "by hand"}
PACKS = {
    "AwsSolutions": "cdk-nag AwsSolutions",
    "Serverless": "cdk-nag Serverless",
    "NIST.800.53.R5": "cdk-nag NIST 800-53 r5",
    "HIPAA.Security": "cdk-nag HIPAA",
    "PCI.DSS.321": "cdk-nag PCI DSS 3.2.1",
    PREFLIGHT: "cdk-preflight",
    "checkov": "checkov",
}
CONTEXT = {
    "aws:cdk:enable-path-metadata": True,
    "aws:cdk:enable-asset-metadata": True,
    **json.loads((ROOT / "cdk.json").read_text("utf-8"))["context"],
}


def by_hand(into):
    """The findings of the app as a careful person writes it with the CDK's L2 constructs."""
    from benchmarks.synth_sides.packing_by_hand import (
        OrderPackingByHand,
    )  # with the app's `lambda_src`, of which examples have others

    app = cdk.App(outdir=str(into), context=CONTEXT)
    OrderPackingByHand(app, "OrderPacking")
    cdk.Validations.of(app).add_plugins(*(pack(app) for pack in NAG.values()))
    Preflight.apply(app)
    return findings_of(app.synth, into)


def preflight_looks(into):
    """That cdk-preflight finds what it must find: or its silence would say nothing."""
    app = cdk.App(outdir=str(into))
    Preflight.apply(app)
    code = lambda_.Code.from_inline("exports.h = 0")
    large = {"A": "x" * 5_000}
    lambda_.Function(cdk.Stack(app, "S"), "F", code=code, handler="index.h", runtime=lambda_.Runtime.NODEJS_24_X, environment=large)
    return findings_of(app.synth, into).get(PREFLIGHT) == Counter({"size": 1})


def by_checkov(into):
    """What checkov finds in the assemblies of a folder, and what it leaves out, by assembly."""
    command = [CHECKOV, "--framework", "cloudformation", "-d", into, "--compact", "-o", "json", "--skip-download", "--soft-fail"]
    done = subprocess.run(command, cwd=into, env={**os.environ, "LOG_LEVEL": "ERROR"}, capture_output=True, text=True, check=True)
    said = json.loads(done.stdout)
    assert said["summary"]["parsing_errors"] == 0, said["results"]["parsing_errors"]
    assert said["summary"]["passed"] > 1_000
    kinds = {}
    for kept in ("failed", "skipped"):
        kinds[kept] = found = {}
        for each in said["results"][f"{kept}_checks"]:
            found.setdefault(each["file_path"].split("/")[1], Counter())[each["check_id"]] += 1
    return kinds["failed"], kinds["skipped"]


def cost(guarded, into):
    """Composing and synthesizing the app, without any pack: seconds, and calls between Python and the CDK's Node."""
    validations = cdk.Validations
    cdk.Validations = SimpleNamespace(of=lambda scope: Unchecked())

    def make(app, context):
        made = app(outdir=str(into), context=context, builtin_cloud_formation_validation=False)
        if guarded:
            made.synth = lambda: (guard(made), app.synth(made))
        return made

    began = time.perf_counter()
    try:
        with counted() as calls:
            run_app(ROOT, make)
    finally:
        cdk.Validations = validations
    return time.perf_counter() - began, calls.total()


def resources(assembly):
    """How many resources its templates have."""
    return sum(len(json.loads(file.read_text("utf-8"))["Resources"]) for file in assembly.rglob("*.template.json"))


def page(found, skipped, sizes, costs):
    """The page, in Markdown."""
    (plain, fewer), (guarded, more) = costs
    versions = ", ".join(f"{name} {version(name)}" for name in ("aws-cdk-lib", "cdk-nag", "cdk-preflight"))
    checkov = subprocess.run([CHECKOV, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    lines = [
        "# Security packs, on both sides",
        "",
        "What each pack finds and nobody has acknowledged: a finding is one rule on one resource. By hand is the same app with the",
        "CDK's L2 constructs, used with care (`benchmarks/synth_sides/packing_by_hand.py`). Guardrails are one line",
        "([how](../how-to/meet-a-security-pack.md)), and a topic for the alarms. Written by `make packs`.",
        "",
        f"{versions}, checkov {checkov}, Python {platform.python_version()}, {datetime.now(UTC):%d %B %Y}.",
        "",
        "## The order-packing app (`app.py`)",
        "",
        "| | " + " | ".join(SIDES.values()) + " |",
        "|---|" + "---:|" * len(SIDES),
        *(f"| {called} | " + " | ".join(str(found[side][pack].total()) for side in SIDES) + " |" for pack, called in PACKS.items()),
        "| resources | " + " | ".join(str(sizes[side]) for side in SIDES) + " |",
        "",
        f"Composed and synthesized, the app takes {guarded / plain:.2f} times as long under guardrails as without (the quickest of",
        f"six runs each), and {more} calls between Python and the CDK's Node in place of {fewer}.",
        "",
        "By hand there are, by kind:",
        "",
        *(f"- {PACKS[pack]}: {_listed(kinds)}" for pack, kinds in found["by_hand"].items() if pack in PACKS and kinds),
        "",
        "## Every example",
        "",
        "As it is, and under guardrails. Examples without a network are given one; replication of buckets is accepted, as by a user.",
        "",
        "| | " + " | ".join(called.removeprefix("cdk-nag ") for called in PACKS.values()) + " |",
        "|---|" + "---:|" * len(PACKS),
        *(
            f"| {name} | "
            + " | ".join(f"{found[name, False][pack].total()} → {found[name, True][pack].total()}" for pack in PACKS)
            + " |"
            for name in EXAMPLES
        ),
        "",
        "## What checkov leaves out",
        "",
        f"In all of ours, as they are: {_listed(skipped[False])}. Under guardrails: {_listed(skipped[True])}.",
        "The reasons stand beside each resource, and in [how to meet a security pack](../how-to/meet-a-security-pack.md).",
        "",
    ]
    return "\n".join(lines)


def _listed(kinds):
    return ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items())) or "nothing"


def main():
    found, skipped, sizes = {}, {False: Counter(), True: Counter()}, {}
    with tempfile.TemporaryDirectory() as folder:
        into = Path(folder)
        assert preflight_looks(into / "looks")
        judging = into / "judged"
        for name in ("app.py", *EXAMPLES):
            for guarded in (False, True):
                assembly = judging / f"{name}-{guarded}"
                found[name, guarded] = judged(name, assembly, guarded=guarded, validated=True, prepare=Preflight.apply)
                print(f"{name}{' under guardrails' if guarded else ''}: {_told(found[name, guarded])}", file=sys.stderr, flush=True)
        found["by_hand"] = by_hand(judging / "by_hand")
        failed, left_out = by_checkov(judging)
        for key, kinds in found.items():
            called = key if isinstance(key, str) else f"{key[0]}-{key[1]}"
            kinds["checkov"] = failed.get(called, Counter())
            kinds.setdefault(PREFLIGHT, Counter())
            if not isinstance(key, str):
                skipped[key[1]] += left_out.get(called, Counter())
        found["ours"], found["guarded"] = found["app.py", False], found["app.py", True]
        for side, called in (("ours", "app.py-False"), ("guarded", "app.py-True"), ("by_hand", "by_hand")):
            sizes[side] = resources(judging / called)
        runs = [(cost(False, into / f"a{run}"), cost(True, into / f"b{run}")) for run in range(6)]
        costs = [min(each) for each in zip(*runs, strict=True)]  # the seconds of the quickest run, and its calls
        PAGE.write_text(page(found, skipped, sizes, costs), "utf-8")
    of_all = ("AwsSolutions", "Serverless", PREFLIGHT, "checkov")  # which find nothing without guardrails either
    wrong = [
        f"{key[0]}: {pack} finds {_listed(kinds[pack])}"
        for key, kinds in found.items()
        if not isinstance(key, str)
        for pack in (PACKS if key[1] else of_all)
        if kinds[pack]
    ]
    return "\n".join(wrong)


def _told(kinds):
    return ", ".join(f"{pack} {each.total()}" for pack, each in kinds.items() if each) or "nothing is found"


if __name__ == "__main__":
    sys.exit(main() or None)
