"""An app as security packs see it: synthesized with all of them, as it is or under guardrails; what each finds, by its kind."""

import json
from collections import Counter
from pathlib import Path

import aws_cdk as cdk
import cdk_nag

from cdk_event_flow import EventFlowChecks, Guardrails, PrivateNetwork, Topic
from tests.examples.running import run_app

ROOT = Path(__file__).parent.parent.parent.parent
EXAMPLES = sorted(each.parent.name for each in (ROOT / "examples").glob("*/app.py"))
STANDARDS = ("NIST-800-53-R5", "HIPAA", "PCI-DSS-3.2.1")
# By what cdk-nag calls the packs.
NAG = {
    "AwsSolutions": cdk_nag.AwsSolutionsChecks,
    "Serverless": cdk_nag.ServerlessChecks,
    "NIST.800.53.R5": cdk_nag.NIST80053R5Checks,
    "HIPAA.Security": cdk_nag.HIPAASecurityChecks,
    "PCI.DSS.321": cdk_nag.PCIDSS321Checks,
}
OF_THE_APPS = ("AwsSolutions", "Serverless")  # which the apps add themselves
CONCURRENCY = 20  # of the function that keeps most environments ready
ACCEPTED = {"S3BucketReplicationEnabled": "These are examples: nobody would miss the objects."}


def guard(app, **accepted):
    """What a user writes: guardrails for each stack, a network where it has none, and a topic for its alarms."""
    for stack in [each for each in app.node.children if isinstance(each, cdk.Stack)]:
        networks = [each for each in stack.node.find_all() if isinstance(each, PrivateNetwork)]
        settings = {
            "concurrency": CONCURRENCY,
            "network": networks[0] if networks else PrivateNetwork(stack, "Inside"),
            "alarms": Topic(stack, "Pager"),
            "accepts": {**ACCEPTED, **accepted},
        }
        Guardrails.for_pack(*STANDARDS, **settings).apply(stack)


def judged(name, into, *, guarded, validated=False, prepare=None):
    """The findings of `app.py` or an example: by pack, how many of each kind. `prepare` is given the app when it is made.

    An app does not synthesize with findings of the packs; where something else is in the way, its error is raised.
    """
    made = []

    def make(app, context):
        made.append(app(outdir=str(into), context=context, builtin_cloud_formation_validation=validated))
        cdk.Validations.of(made[0]).add_plugins(*(NAG[pack](made[0]) for pack in NAG if pack not in OF_THE_APPS))
        if prepare:
            prepare(made[0])
        if guarded:
            made[0].synth = lambda: (guard(made[0]), app.synth(made[0]))
        return made[0]

    return findings_of(lambda: run_app(ROOT if name == "app.py" else ROOT / "examples" / name, make), into)


def judged_stack(compose, into):
    """The findings of a stack that `compose` fills, under guardrails."""
    app = cdk.App(outdir=str(into), context={"aws:cdk:enable-path-metadata": True}, builtin_cloud_formation_validation=False)
    compose(cdk.Stack(app, "Shop", env=cdk.Environment(account="111122223333", region="eu-west-1")))
    guard(app, LambdaConcurrency="Pollers invoke more often than an account's functions may by default.")
    cdk.Validations.of(app).add_plugins(EventFlowChecks(), *(pack(app) for pack in NAG.values()))
    return findings_of(app.synth, into)


def findings_of(synthesize, into):
    """What the packs find while `synthesize` writes the assembly `into`: by pack, how many of each kind."""
    try:
        synthesize()
    except RuntimeError as error:
        if "Validation failed" not in str(error):
            raise
    report = json.loads((into / "validation-report.json").read_text("utf-8"))
    found = {pack: Counter() for pack in NAG}
    for plugin in report["pluginReports"]:
        kinds = found.setdefault(plugin["pluginName"], Counter())
        for violation in plugin["violations"]:
            kinds[violation["ruleName"].partition("[")[0].rpartition("-")[2]] += len(violation["violatingConstructs"])
    return found
