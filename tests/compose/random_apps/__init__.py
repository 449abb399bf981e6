"""Random apps of our own constructs, all of them legal and sensible: nothing in them deserves a finding.

One small function a kind of construct, in a module for each room of `compose`: it draws what it needs of what was made
before, makes one, and says who hears which events. A new construct is one more function there, and one more line below,
in the table of targets, or in that of subscribers.
"""

import json
from pathlib import Path

import aws_cdk as cdk

from cdk_event_flow import Queue

from . import events, functions, messaging, pipes
from .composition import Composition

CONTEXT = {
    **json.loads((Path(__file__).parents[3] / "cdk.json").read_text("utf-8"))["context"],
    "aws:cdk:enable-path-metadata": True,
    "aws:cdk:enable-asset-metadata": True,
}
PLACES = ({}, {}, {"account": "111122223333", "region": "eu-central-1"})
# What is made, in this order, and how often: at least, at most.
KINDS = (
    (functions.network, 0, 1),
    (events.bus, 0, 2),
    (events.default_bus, 0, 1),
    (messaging.topic, 0, 1),
    (messaging.fifo_topic, 0, 1),
    (messaging.imported_topic, 0, 1),
    (messaging.queue, 0, 2),
    (messaging.consumed_queue, 0, 1),
    (messaging.between_tiers, 0, 1),
    (pipes.pipe, 0, 2),
    (events.schedule, 0, 3),
    (events.publisher, 0, 2),
)


def code_in(folder):
    """The folder, now with the least handler there is."""
    (folder / "handler.py").write_text('def handler(event, context):\n    return {"batchItemFailures": []}\n')
    return folder


def compose(rnd, outdir, code, last=None):
    """The folder of a random app's assembly. `code` is the folder of the handler that all functions share; `last` is given the app
    when all is composed."""
    app = cdk.App(outdir=str(outdir), context=CONTEXT, builtin_cloud_formation_validation=False)  # slow
    place = rnd.choice(PLACES)
    made = Composition(rnd, code)
    for number in range(rnd.choice((1, 1, 2, 3))):
        made.stacks.append(cdk.Stack(app, f"Stack{number}", env=cdk.Environment(**place) if place else None))
        if made.chance(0.15):
            made.stacks.append(cdk.NestedStack(made.stacks[-1], "Nested"))
            Queue(made.stacks[-1], "Queue")  # CloudFormation takes no nested stack without resources
    for make, least, most in KINDS:
        for _ in range(rnd.randint(least, most)):
            make(made)
    if not made.functions:
        functions.function(made, 0)
    if last:
        last(app)
    return Path(app.synth().directory)
