"""Functions for Node, under AWS's own runtime client."""

import json
import subprocess

import pytest

from cdk_event_flow.errors import RunError
from cdk_event_flow.local.environments import Environments, node
from cdk_event_flow.local.invocation import Fault

ECHO = """
console.log("loaded");
export const handler = async (event, context) => {
  console.error(`in hand: ${context.awsRequestId}`);
  if (event === "fail") throw new TypeError("no such order");
  if (event === "exit") process.exit(4);
  return { event, left: context.getRemainingTimeInMillis(), arn: context.invokedFunctionArn, node: process.version };
};
"""


def javascript(bench, source=ECHO, file="app.mjs", **given):
    return bench.function(source, file=file, runtime="nodejs24.x", **given)


def test_a_handler_answers_fails_and_stays_warm(bench):
    function = javascript(bench)

    async def body(environments: Environments) -> None:
        first = await environments.invoke(function.arn, '{"name": "Zoë"}'.encode())
        answer = json.loads(first.payload)
        assert (answer["event"], answer["arn"], first.cold) == ({"name": "Zoë"}, function.arn, True)
        assert 0 < answer["left"] <= 3000
        assert answer["node"].startswith(f"v{node.node().version}.")
        said = [line.text for line in first.log]
        assert any(line.endswith("loaded") for line in said)
        assert any(f"in hand: {first.request_id}" in line for line in said)
        failed = await environments.invoke(function.arn, b'"fail"')
        assert (failed.fault, failed.error_type, failed.error_message) == (Fault.ERROR, "TypeError", "no such order")
        again = await environments.invoke(function.arn, b"1")
        assert (again.cold, again.environment) == (False, first.environment)
        ended = await environments.invoke(function.arn, b'"exit"')
        assert ended.fault is Fault.CRASH
        assert ended.error_message.endswith("exit status 4")

    bench.run(body)


def test_a_handler_that_cannot_be_loaded_is_an_init_error(bench):
    function = javascript(bench, "export const handler = ;")

    async def body(environments: Environments) -> None:
        ended = await environments.invoke(function.arn, b"1")
        assert (ended.fault, ended.error_type) == (Fault.INIT, "Runtime.UserCodeSyntaxError")

    bench.run(body)


def test_records_of_the_json_format_keep_their_level(bench):
    function = javascript(
        bench, "exports.handler = async () => { console.warn({ low: 3 }); };", "app.js", log_format="JSON", log_level="WARN"
    )

    async def body(environments: Environments) -> None:
        log = (await environments.invoke(function.arn, b"1")).log
        (record,) = [json.loads(line.text) for line in log if "low" in line.text]
        assert (record["level"], record["message"]) == ("WARN", {"low": 3})
        (level,) = [line.level for line in log if "low" in line.text]
        assert level == "WARN"

    bench.run(body)


def test_a_streamed_response_arrives_whole(bench):
    source = "exports.handler = awslambda.streamifyResponse(async (event, stream) => { stream.write('[1,'); stream.end('2]'); });"
    function = javascript(bench, source, "app.js")

    async def body(environments: Environments) -> None:
        assert (await environments.invoke(function.arn, b"1")).payload == b"[1,2]"

    bench.run(body)


def test_modules_of_a_layer_are_found(bench, tmp_path):
    module = tmp_path / "layer" / "nodejs" / "node_modules" / "prices"
    module.mkdir(parents=True)
    (module / "index.js").write_text("module.exports = { vat: 0.2 };")
    bench.layers = (tmp_path / "layer",)
    function = javascript(bench, "exports.handler = async () => require('prices').vat;", "app.js")

    async def body(environments: Environments) -> None:
        assert (await environments.invoke(function.arn, b"1")).payload == b"0.2"

    bench.run(body)


@pytest.fixture
def npm(monkeypatch):
    """npm as it ends: with what it says, and perhaps a package."""

    def npm(said="", packed=b""):
        def run(command, cwd, **_):
            if packed:
                (cwd / "package.tgz").write_bytes(packed)
            return subprocess.CompletedProcess(command, 0 if packed else 1, "", said)

        node.node()  # asked for its version before that
        monkeypatch.setattr(node.subprocess, "run", run)

    return npm


def test_a_client_that_cannot_be_fetched_is_one_clear_error_and_leaves_nothing(tmp_path, npm):
    npm("npm error code ENOTFOUND\nnpm error network request failed")
    with pytest.raises(
        RunError, match="EF-RUN-NODE at Shop/Resize: .*could not be fetched: npm error code ENOTFOUND, .*check the network"
    ):
        node.node_client(tmp_path, at="Shop/Resize")
    assert list(tmp_path.rglob("*.mjs")) == []


def test_another_package_than_the_tested_one_is_not_run(tmp_path, npm):
    npm(packed=b"something else")
    with pytest.raises(RunError, match="what npm gave is not the package of that version"):
        node.node_client(tmp_path, at="Shop/Resize")
