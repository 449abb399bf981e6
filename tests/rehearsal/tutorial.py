"""The last step of the tutorial, on the engine: its app is deployed by the real CDK command line, and the commands that the page
shows of a deployed app say there what the page says.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

from cdk_event_flow.flow import Flow
from cdk_event_flow.synth import app_of, synthesize
from tests.docs.blocks import blocks_of
from tests.examples.readme import as_shown, commands_in
from tests.rehearsal.engine import client_environment

PAGE = "docs/tutorial.md"
MARK = "deployed"
_TAILS = 30  # each takes about a second


def app(folder):
    """The app of the tutorial as it is before it is deployed, in a folder of its own."""
    event_flow = Path(sys.executable).with_name("event-flow")
    subprocess.run([event_flow, "init", "shop"], cwd=folder, check=True, capture_output=True)
    shop = folder / "shop"
    for block in blocks_of(PAGE):
        if block.mark.startswith("into "):
            (shop / block.mark.removeprefix("into ")).write_text(block.text, "utf-8")
    return shop


def deployed(folder, cdk, url, prepare):
    """Deploy it and run the page's commands; gives what each printed that the page does not show. `prepare(flow, assembly, app)`
    puts code for this machine in place of Lambda's.
    """
    shop = app(folder)
    assembly = shop / "cdk.out"
    synthesize(app_of(shop), assembly, folder=shop)
    flow = Flow.from_assembly(assembly)
    prepare(flow, assembly, shop)
    environment = client_environment(folder / "tutorial", url, PATH=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    (block,) = (each for each in blocks_of(PAGE) if each.mark == MARK)
    differ = {}
    for line, shown in commands_in(block):
        if line == "npx cdk bootstrap":
            continue  # the app before this one did
        if line == "npx cdk deploy":
            cdk("deploy", "--app", assembly, "--require-approval", "never")
            continue
        said = _said(line, shop, environment, shown=shown)
        if not re.fullmatch(as_shown(shown), said, re.DOTALL):
            differ[line] = said
    cdk("destroy", "--app", assembly, "--force")
    return differ


def _said(line, shop, environment, *, shown):
    """What a command prints. `tail` is asked again for a while, for a handler must have written first."""
    for _ in range(_TAILS if " tail " in line else 1):
        done = subprocess.run(line.split(), cwd=shop, env=environment, capture_output=True, text=True, check=False)
        said = done.stdout + done.stderr
        if re.fullmatch(as_shown(shown), said, re.DOTALL):
            break
    return said
