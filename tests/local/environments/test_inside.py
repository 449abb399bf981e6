"""What a handler finds inside its environment."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cdk_event_flow.local.environments import Environments, choose

SEEN = "import os, sys\ndef handler(event, context):\n    return {'env': dict(os.environ), 'path': sys.path}\n"
VARIABLES = """
    _HANDLER LAMBDA_TASK_ROOT LAMBDA_RUNTIME_DIR AWS_LAMBDA_RUNTIME_API AWS_LAMBDA_FUNCTION_NAME
    AWS_LAMBDA_FUNCTION_VERSION AWS_LAMBDA_FUNCTION_MEMORY_SIZE AWS_LAMBDA_LOG_GROUP_NAME AWS_LAMBDA_LOG_STREAM_NAME
    AWS_LAMBDA_LOG_FORMAT AWS_LAMBDA_LOG_LEVEL AWS_LAMBDA_INITIALIZATION_TYPE AWS_EXECUTION_ENV AWS_REGION
    AWS_DEFAULT_REGION AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_ENDPOINT_URL
    AWS_XRAY_DAEMON_ADDRESS AWS_XRAY_CONTEXT_MISSING PATH LANG TZ PYTHONPATH TMPDIR _X_AMZN_TRACE_ID TABLE
    AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE AWS_EC2_METADATA_DISABLED
"""


def test_the_variables_are_lambdas_and_nothing_of_the_machine(bench, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "private")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the-real-one")
    own = {"TABLE": "orders", "AWS_REGION": "us-east-1", "LANG": "C.UTF-8", "AWS_ENDPOINT_URL": "https://aws"}
    function = bench.function(SEEN, environment=own, log_level="INFO", memory=256)

    async def body(environments: Environments) -> None:
        first = json.loads((await environments.invoke(function.arn, b"1")).payload)["env"]
        assert set(first) - {"LC_CTYPE"} == set(VARIABLES.split())
        assert first["AWS_SECRET_ACCESS_KEY"] != "the-real-one"
        assert first["AWS_REGION"] == "eu-west-1"
        assert first["LANG"] == "C.UTF-8"
        assert first["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4566"
        assert first["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256"
        assert first["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.13"
        assert first["AWS_ACCESS_KEY_ID"].startswith("ASIA")
        await environments.kill(environments.live[0].environment)
        second = json.loads((await environments.invoke(function.arn, b"1")).payload)["env"]
        assert second["AWS_ACCESS_KEY_ID"] != first["AWS_ACCESS_KEY_ID"]
        assert second["TMPDIR"] != first["TMPDIR"]

    bench.run(body)


def test_only_the_bundle_the_standard_library_and_lambdas_own_packages_can_be_imported(bench):
    function = bench.function(
        "import importlib.util\ndef handler(event, context):\n    return [name for name in event if importlib.util.find_spec(name)]\n"
    )
    names = ["boto3", "botocore", "urllib3", "dateutil", "six", "json", "app"]
    ours = ["cdk_event_flow", "aws_cdk", "yaml", "pytest", "moto", "requests", "pip", "setuptools", "launcher"]

    async def body(environments: Environments) -> None:
        assert json.loads((await environments.invoke(function.arn, json.dumps(names + ours).encode())).payload) == names

    bench.run(body)


def test_a_bundled_package_wins_over_the_runtimes_own(bench):
    function = bench.function("import six\ndef handler(event, context):\n    return six.MINE\n")
    (bench.folder / "code" / "demo" / "six.py").write_text("MINE = 1\n")

    async def body(environments: Environments) -> None:
        assert (await environments.invoke(function.arn, b"1")).payload == b"1"
        assert not list((bench.folder / "code").rglob("__pycache__"))

    bench.run(body)


def test_an_hours_offset_moves_the_functions_clock_and_its_deadline_from_one_invoke_to_the_next(bench):
    function = bench.function(
        "import time, datetime\ndef handler(event, context):\n"
        "    return [time.time(), datetime.datetime.now(datetime.timezone.utc).timestamp(),"
        " context.get_remaining_time_in_millis()]\n",
        timeout=30,
    )

    async def body(environments: Environments) -> None:
        for offset in (3600.0, 0.0, 7200.0):
            bench.offset = offset
            ended = await environments.invoke(function.arn, b"1")
            now, date, remaining = json.loads(ended.payload)
            assert now == pytest.approx(time.time() + offset, abs=2)
            assert date == pytest.approx(now, abs=1)
            assert 28_000 < remaining <= 30_000
            assert ended.log[0].at == pytest.approx(now, abs=2)

    bench.run(body)


def test_the_trace_id_and_the_client_context_reach_the_handler(bench):
    function = bench.function(
        "import os\ndef handler(event, context):\n"
        "    return [os.environ['_X_AMZN_TRACE_ID'], context.client_context and context.client_context.custom]\n",
        tracing=True,
    )

    async def body(environments: Environments) -> None:
        given = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1"
        ended = await environments.invoke(function.arn, b"1", trace_id=given, client_context=json.dumps({"custom": {"a": "b"}}))
        assert json.loads(ended.payload) == [given, {"a": "b"}]
        made, context = json.loads((await environments.invoke(function.arn, b"1")).payload)
        assert made.startswith("Root=1-")
        assert made.endswith("Sampled=1")
        assert context is None

    bench.run(body)


def test_records_keep_their_order_their_level_and_their_lines(bench):
    function = bench.function(
        "import logging, subprocess, sys\nlogging.getLogger().setLevel('INFO')\ndef handler(event, context):\n"
        "    print('one')\n    logging.warning('two\\nlines')\n    print('three', file=sys.stderr)\n"
        "    subprocess.run(['echo', 'four'])\n    print('five', end='')\n",
        log_format="Text",
        log_level="INFO",
    )

    async def body(environments: Environments) -> None:
        log = (await environments.invoke(function.arn, b"1")).log
        assert [line.text.split()[0] for line in log] == [
            "START",
            "one",
            "[WARNING]",
            "three",
            "four",
            "five",
            "END",
            "REPORT",
        ]
        assert log[2].text.endswith("two\nlines")
        assert log[2].level == "WARN"
        assert "Init Duration" in log[-1].text
        again = (await environments.invoke(function.arn, b"1")).log
        assert len(again) == len(log)
        assert "Init Duration" not in again[-1].text

    bench.run(body)


def test_json_logs_have_the_platforms_lines_in_json(bench):
    function = bench.function("import logging\ndef handler(event, context):\n    logging.error('x')\n", log_format="JSON")

    async def body(environments: Environments) -> None:
        log = (await environments.invoke(function.arn, b"1")).log
        documents = [json.loads(line.text) for line in log]
        assert [d.get("type") or d["message"] for d in documents] == ["platform.start", "x", "platform.report"]
        assert documents[-1]["record"]["metrics"]["memorySizeMB"] == 128
        assert log[1].level == "ERROR"

    bench.run(body)


def test_much_output_does_not_block_the_handler(bench):
    function = bench.function("def handler(event, context):\n    for n in range(20000):\n        print(f'line {n:040}')\n")

    async def body(environments: Environments) -> None:
        ended = await environments.invoke(function.arn, b"1")
        assert ended.fault is None
        assert len(ended.log) == 20_003

    bench.run(body)


def test_environments_die_with_the_local_run(tmp_path):
    (tmp_path / "app.py").write_text(
        "import os, subprocess\ndef handler(event, context):\n    return [os.getpid(), subprocess.Popen(['sleep', '60']).pid]\n"
    )
    program = (
        "import asyncio, os, random, sys\nfrom pathlib import Path\n"
        "from cdk_event_flow.flow.model import Function\n"
        "from cdk_event_flow.local.environments import Environments, Prepared, choose\n"
        "root = Path(sys.argv[1])\n"
        "f = Function(logical_id='f', arn='arn', name='f', path='f', runtime='python3.13', handler='app.handler')\n"
        "async def prepare(function): return Prepared(root, choose(function.runtime)[0])\n"
        "async def main():\n"
        "    e = Environments(functions=[f], prepare=prepare, endpoint='http://x', region='eu-west-1',\n"
        "        account='111122223333', folder=root / 'work', rng=random.Random(1))\n"
        "    print((await e.invoke('arn', b'1')).payload.decode(), flush=True)\n"
        "    os.kill(os.getpid(), 9)\n"
        "asyncio.run(main())\n"
    )
    constructs = Path(__file__).parents[3] / "constructs"
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path], capture_output=True, check=False, timeout=20,
        env=os.environ | {"PYTHONPATH": str(constructs)},
    )  # fmt: skip
    pids = json.loads(done.stdout)
    deadline = time.monotonic() + 5
    while any(_running(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert [pid for pid in pids if _running(pid)] == []


def _running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_different_python_is_noted():
    own = f"python{sys.version_info.major}.{sys.version_info.minor}"
    assert choose(own)[1] is None
    assert choose("python3.99")[1] == f"functions for python3.99 run on Python {own.removeprefix('python')} here"
