"""How long it takes until changed code of a handler runs in `event-flow run`."""

import json
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.engines import event_flow_run

APP = """
import aws_cdk as cdk
from cdk_event_flow import PythonFunction

app = cdk.App()
PythonFunction(cdk.Stack(app, "Shop"), "Billing", code="billing")
app.synth()
"""


def reloads(how_often):
    """Seconds from writing a handler until an invoke gives its new answer, each time."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "app.py").write_text(APP)
        (folder / "billing").mkdir()
        handler = folder / "billing" / "handler.py"
        _write(handler, 0)
        with event_flow_run(folder, "--app", f"{sys.executable} app.py") as running:
            client = running.aws("lambda")
            (function,) = client.list_functions()["Functions"]

            def answer():
                return json.loads(client.invoke(FunctionName=function["FunctionName"])["Payload"].read())

            assert answer() == 0
            return [_seconds(handler, number, answer) for number in range(1, how_often + 1)]


def _seconds(handler, number, answer):
    _write(handler, number)
    began = time.perf_counter()
    while answer() != number:
        if time.perf_counter() - began > 60:
            sys.exit("changed code did not take over in a minute")
        time.sleep(0.005)
    return time.perf_counter() - began


def _write(handler, number):
    handler.write_text(f"def handler(event, context):\n    return {number}\n")
