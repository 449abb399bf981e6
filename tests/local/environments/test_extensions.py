"""Extensions, external and internal, their telemetry, and provisioned concurrency."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from cdk_event_flow.flow.model import Alias, Version
from cdk_event_flow.local.environments import Environments
from cdk_event_flow.local.invocation import Fault

ECHO = "def handler(event, context):\n    print('hello')\n    return event\n"
# An extension as a program: registers, listens to telemetry, and writes down what it is told.
PROGRAM = """#!{python}
import http.client, http.server, json, os, sys, threading
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
told = open({told!r}, "a", buffering=1)
def ask(method, path, body=None, **headers):
    api.request(method, path, body, headers)
    answer = api.getresponse()
    return answer, answer.read()
me = {{"Lambda-Extension-Name": os.path.basename(sys.argv[0])}}
answer, about = ask("POST", "/2020-01-01/extension/register", json.dumps({{"events": ["INVOKE", "SHUTDOWN"]}}), **me)
told.write("registered " + about.decode() + "\\n")
mine = {{"Lambda-Extension-Identifier": answer.headers["Lambda-Extension-Identifier"]}}
class Listen(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        for record in json.loads(self.rfile.read(int(self.headers["Content-Length"]))):
            told.write("telemetry " + record["type"] + "\\n")
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Listen)
threading.Thread(target=server.serve_forever, daemon=True).start()
wanted = {{"schemaVersion": "2022-12-13", "types": ["platform", "function"],
          "destination": {{"protocol": "HTTP", "URI": "http://sandbox.localdomain:%d" % server.server_port}}}}
ask("PUT", "/2022-07-01/telemetry", json.dumps(wanted), **mine)
while True:
    _, event = ask("GET", "/2020-01-01/extension/event/next", **mine)
    event = json.loads(event)
    told.write(event["eventType"] + " " + event.get("shutdownReason", "") + "\\n")
    if event["eventType"] == "SHUTDOWN":
        sys.exit()
"""
INTERNAL = """
import http.client, json, os, threading
def inside():
    api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    def ask(method, path, body=None, **headers):
        api.request(method, path, body, headers)
        answer = api.getresponse()
        return answer, answer.read()
    name = {"Lambda-Extension-Name": "inside"}
    refused, _ = ask("POST", "/2020-01-01/extension/register", json.dumps({"events": ["SHUTDOWN"]}), **name)
    answer, _ = ask("POST", "/2020-01-01/extension/register", json.dumps({"events": ["INVOKE"]}), **name)
    registered.append(refused.status)
    done.set()
    mine = {"Lambda-Extension-Identifier": answer.headers["Lambda-Extension-Identifier"]}
    while True:
        _, event = ask("GET", "/2020-01-01/extension/event/next", **mine)
        seen.append(json.loads(event)["requestId"])
seen, registered, done = [], [], threading.Event()
threading.Thread(target=inside, daemon=True).start()
done.wait()
def handler(event, context):
    return [registered, len(seen)]
"""


def layer(tmp_path, source, name="watcher"):
    folder = tmp_path / "layer" / "extensions"
    folder.mkdir(parents=True)
    told = tmp_path / "told"
    told.touch()
    (folder / name).write_text(source.format(python=sys.executable, told=str(told)))
    (folder / name).chmod(0o755)
    return tmp_path / "layer", told


def test_an_extension_of_a_layer_is_told_of_invokes_telemetry_and_the_end(bench, tmp_path):
    folder, told = layer(tmp_path, PROGRAM)
    bench.layers = (folder,)
    function = bench.function(ECHO)

    async def body(environments: Environments) -> None:
        for _ in range(2):
            assert (await environments.invoke(function.arn, b"{}")).fault is None

    bench.run(body)
    lines = told.read_text().splitlines()
    assert json.loads(lines[0].removeprefix("registered ")) == {
        "functionName": "demo", "functionVersion": "$LATEST", "handler": "app.handler",
    }  # fmt: skip
    assert [line.split()[0] for line in lines].count("INVOKE") == 2
    assert lines[-1] == "SHUTDOWN spindown"
    telemetry = [line.removeprefix("telemetry ") for line in lines if line.startswith("telemetry")]
    assert telemetry == ["platform.start", "platform.runtimeDone", "platform.report", "function"] * 2


def test_an_extension_that_ends_at_once_fails_the_initialization(bench, tmp_path):
    folder, _ = layer(tmp_path, "#!{python}\n# {told}\nraise SystemExit(3)\n")
    bench.layers = (folder,)
    function = bench.function("import time\ntime.sleep(1)\n" + ECHO)

    async def body(environments: Environments) -> None:
        answer = await environments.invoke(function.arn, b"{}")
        assert (answer.fault, answer.error_type) == (Fault.INIT, "Extension.Crash")

    bench.run(body)


def test_an_extension_inside_of_the_runtime_hears_of_invokes_only(bench):
    function = bench.function(INTERNAL)

    async def body(environments: Environments) -> None:
        await environments.invoke(function.arn, b"{}")
        answer = await environments.invoke(function.arn, b"{}")
        refused, seen = json.loads(answer.payload)
        assert refused == [400]
        assert seen in (1, 2)

    bench.run(body)


def provisioned(bench, count):
    function = bench.function("import os\ndef handler(event, context):\n    return os.environ['AWS_LAMBDA_INITIALIZATION_TYPE']\n")
    version = Version(logical_id="V", arn=f"{function.arn}:1", name="V", path="V", function_arn=function.arn, version="1")
    alias = Alias(
        logical_id="A", arn=f"{function.arn}:live", name="live", path="A", function_arn=function.arn, version_arn=version.arn,
        provisioned=count,
    )  # fmt: skip
    return alias, {"versions": [version], "aliases": [alias]}


def test_provisioned_environments_are_warm_before_the_first_invoke(bench):
    alias, more = provisioned(bench, 2)

    async def body(environments: Environments) -> None:
        async with environments:
            assert len(environments.live) == 2
            answers = await asyncio.gather(*(environments.invoke(alias.arn, b"{}") for _ in range(3)))
            kinds = sorted((answer.cold, json.loads(answer.payload)) for answer in answers)
            assert kinds == [(False, "provisioned-concurrency"), (False, "provisioned-concurrency"), (True, "on-demand")]
            assert not any("Init Duration" in line.text for line in answers[0].log)

    bench.run(body, **more)


def test_a_provisioned_environment_that_is_lost_is_started_again(bench):
    alias, more = provisioned(bench, 1)

    async def body(environments: Environments) -> None:
        async with environments:
            (before,) = environments.live
            await environments.kill(before.environment)
            for _ in range(200):
                if environments.live:
                    break
                await asyncio.sleep(0.02)
            await asyncio.sleep(0.3)
            answer = await environments.invoke(alias.arn, b"{}")
            assert json.loads(answer.payload) == "provisioned-concurrency"

    bench.run(body, **more)


@pytest.mark.parametrize("count", [5, 100])
def test_no_more_are_started_than_a_laptop_can_hold(bench, count):
    _, more = provisioned(bench, count)

    async def body(environments: Environments) -> None:
        said = [f"Shop/demo: 5 of the {count} provisioned environments of 1 are started here"] if count > 5 else []
        assert environments.notes == said

    bench.run(body, **more)
    assert not Path(bench.folder / "work" / "environments").exists()
