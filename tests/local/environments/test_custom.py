"""Custom runtimes: real bootstraps, in a shell and in Python, against the environment's own Runtime API."""

import asyncio
import json
import os
import sys
import time

import pytest

from cdk_event_flow.errors import RunError
from cdk_event_flow.local.environments import Environments
from cdk_event_flow.local.invocation import Fault

SHELL = """#!/bin/sh
set -eu
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime"
echo "started for $_HANDLER" >&2
while :; do
  head=$(mktemp)
  event=$(curl -sS -D "$head" "$api/invocation/next")
  id=$(sed -n 's/^Lambda-Runtime-Aws-Request-Id: *//ip' "$head" | tr -d '\\r')
  deadline=$(sed -n 's/^Lambda-Runtime-Deadline-Ms: *//ip' "$head" | tr -d '\\r')
  case $event in
    '"crash"') exit 3 ;;
    '"fail"') curl -sS -d '{"errorType":"Order.Refused","errorMessage":"no"}' "$api/invocation/$id/error" >/dev/null ;;
    '"sleep"') sleep 30 ;;
    *) curl -sS -d "{\\"said\\": $event, \\"left\\": $((deadline - $(date +%s%3N))), \\"tmp\\": \\"$TMPDIR\\", \\"pid\\": $$}" \\
         "$api/invocation/$id/response" >/dev/null ;;
  esac
done
"""


def answering(expression):
    """A bootstrap in Python that answers an `event` in chunks, as Go's client does, with the bytes that the expression gives."""
    return f"""#!{sys.executable}
import http.client, os, subprocess
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
while True:
    api.request("GET", "/2018-06-01/runtime/invocation/next")
    given = api.getresponse()
    event = given.read()
    path = "/2018-06-01/runtime/invocation/" + given.headers["Lambda-Runtime-Aws-Request-Id"] + "/response"
    api.request("POST", path, body=iter({expression}), encode_chunked=True, headers={{"Transfer-Encoding": "chunked"}})
    api.getresponse().read()
"""


def custom(bench, source=SHELL, **given):
    return bench.function(source, file="bootstrap", runtime="provided.al2023", handler="greet", **given)


def test_a_shell_script_answers_fails_and_stays_warm(bench):
    function = custom(bench)

    async def body(environments: Environments) -> None:
        first = await environments.invoke(function.arn, b'{"n": 1}')
        answer = json.loads(first.payload)
        assert (answer["said"], first.fault, first.cold) == ({"n": 1}, None, True)
        assert 0 < answer["left"] <= 3000
        assert answer["tmp"].endswith("/tmp")
        assert "started for greet" in [line.text for line in first.log]
        failed = await environments.invoke(function.arn, b'"fail"')
        assert (failed.fault, failed.error_type, failed.error_message) == (Fault.ERROR, "Order.Refused", "no")
        again = await environments.invoke(function.arn, b"2")
        assert json.loads(again.payload)["pid"] == answer["pid"]
        assert not again.cold

    bench.run(body)


def test_what_it_reads_of_its_deadline_is_in_the_machines_time_though_the_runs_clock_is_ahead(bench):
    bench.offset = 86_400.0
    function = custom(bench)

    async def body(environments: Environments) -> None:
        assert 0 < json.loads((await environments.invoke(function.arn, b"1")).payload)["left"] <= 3000

    bench.run(body)


def test_an_end_and_a_time_out_are_said_as_the_platform_says_them(bench):
    function = custom(bench, timeout=1)

    async def body(environments: Environments) -> None:
        crashed = await environments.invoke(function.arn, b'"crash"')
        assert crashed.fault is Fault.CRASH
        assert crashed.error_message.endswith("Error: Runtime exited with error: exit status 3")
        begun = time.monotonic()
        late = await environments.invoke(function.arn, b'"sleep"')
        assert (late.fault, time.monotonic() - begun < 3) == (Fault.TIMEOUT, True)
        assert environments.live == []

    bench.run(body)


def test_nothing_of_the_script_is_left_after_close(bench):
    function = custom(bench)
    pids = []

    async def body(environments: Environments) -> None:
        pids.append(json.loads((await environments.invoke(function.arn, b"1")).payload)["pid"])
        assert [live.pid for live in environments.live] == pids
        busy = asyncio.create_task(environments.invoke(function.arn, b'"sleep"'))
        await asyncio.sleep(0.1)
        await environments.close()
        assert (await busy).fault is Fault.CRASH

    bench.run(body)
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


def test_a_response_in_chunks_is_taken(bench):
    function = custom(bench, answering('[b"[", event, b",", event, b"]"]'))

    async def body(environments: Environments) -> None:
        assert (await environments.invoke(function.arn, b"7")).payload == b"[7,7]"
        assert (await environments.invoke(function.arn, b"8")).payload == b"[8,8]"

    bench.run(body)


def test_a_bootstrap_that_cannot_be_executed_is_an_init_error_in_the_platforms_words(bench):
    function = custom(bench, "echo no first line\n")

    async def body(environments: Environments) -> None:
        ended = await environments.invoke(function.arn, b"1")
        assert (ended.fault, ended.error_type) == (Fault.INIT, "Runtime.InvalidEntrypoint")
        assert ended.error_message.startswith("Error: fork/exec ")
        assert ended.error_message.endswith("/bootstrap: exec format error")

    bench.run(body)


def test_a_layer_may_bring_the_bootstrap_and_its_programs(bench, tmp_path):
    layer = tmp_path / "layer"
    (layer / "bin").mkdir(parents=True)
    (layer / "bootstrap").write_text(answering('[subprocess.check_output("greeting")]'))
    (layer / "bin" / "greeting").write_text("#!/bin/sh\necho 42\n")
    for file in (layer / "bootstrap", layer / "bin" / "greeting"):
        file.chmod(0o755)
    bench.layers = (layer,)
    function = bench.function("", file="data.txt", runtime="provided.al2023", handler="greet")

    async def body(environments: Environments) -> None:
        assert (await environments.invoke(function.arn, b"1")).payload == b"42\n"

    bench.run(body)


def test_without_a_bootstrap_the_error_says_where_it_was_looked_for(bench):
    function = bench.function("", file="data.txt", runtime="provided.al2023", handler="greet")

    async def body(environments: Environments) -> None:
        with pytest.raises(RunError, match="EF-RUN-BOOTSTRAP at Shop/demo: there is no bootstrap in .*code/demo"):
            await environments.invoke(function.arn, b"1")

    bench.run(body)


def test_the_execution_environments_name_is_not_said_to_a_custom_runtime(bench):
    source = answering("[name.encode() for name in ('AWS_EXECUTION_ENV', 'PYTHONPATH', '_HANDLER') if name in os.environ]")
    function = custom(bench, source)

    async def body(environments: Environments) -> None:
        assert (await environments.invoke(function.arn, b"7")).payload == b"_HANDLER"

    bench.run(body)
