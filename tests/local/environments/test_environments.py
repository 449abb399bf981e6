import asyncio
import json
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from cdk_event_flow.errors import RunError
from cdk_event_flow.flow.model import Alias, Version
from cdk_event_flow.local.environments import Environments
from cdk_event_flow.local.invocation import Fault, Invoker

ECHO = "def handler(event, context):\n    return event\n"


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_response_comes_back_and_the_environment_is_used_again(bench):
    function = bench.function(ECHO)

    async def body(environments: Environments) -> None:
        invoker: Invoker = environments
        first = await invoker.invoke(function.arn, b'{"n": 1}')
        second = await invoker.invoke(function.arn, b'{"n": 2}')
        assert (json.loads(first.payload), json.loads(second.payload)) == ({"n": 1}, {"n": 2})
        assert (first.fault, first.cold, second.cold) == (None, True, False)
        assert first.environment == second.environment
        assert first.init_ms > 0
        assert second.init_ms == 0
        assert 5 < second.memory_mb < 60

    bench.run(body)


def test_twenty_invokes_at_once_take_twenty_environments_which_then_stay_warm(bench):
    function = bench.function("import time\ndef handler(event, context):\n    time.sleep(event)\n")

    async def body(environments: Environments) -> None:
        first = await asyncio.gather(*(environments.invoke(function.arn, b"2") for _ in range(20)))
        again = await asyncio.gather(*(environments.invoke(function.arn, b"0.01") for _ in range(20)))
        assert len({i.environment for i in first}) == 20
        assert {i.environment for i in again} == {i.environment for i in first}
        assert not any(i.cold for i in again)
        assert len({live.pid for live in environments.live}) == 20

    bench.run(body)


def test_the_most_recently_used_environment_is_taken_first(bench):
    function = bench.function("import time\ndef handler(event, context):\n    time.sleep(event)\n")

    async def body(environments: Environments) -> None:
        long = asyncio.create_task(environments.invoke(function.arn, b"0.6"))
        await environments.invoke(function.arn, b"0")
        last = await long
        assert (await environments.invoke(function.arn, b"0")).environment == last.environment

    bench.run(body)


def test_what_is_put_into_tmp_is_there_while_an_environment_is_used_again_and_in_no_other(bench):
    function = bench.function(
        "import pathlib, tempfile\n"
        "def handler(event, context):\n"
        "    kept = pathlib.Path(tempfile.gettempdir(), 'kept')\n"
        "    found = kept.exists()\n"
        "    kept.write_text('x')\n"
        "    if event == 'end':\n"
        "        raise SystemExit\n"
        "    return found\n"
    )

    async def body(environments: Environments) -> None:
        found = [json.loads((await environments.invoke(function.arn, b"0")).payload) for _ in range(2)]
        assert found == [False, True]
        assert (await environments.invoke(function.arn, b'"end"')).fault == Fault.CRASH
        assert json.loads((await environments.invoke(function.arn, b"0")).payload) is False

    bench.run(body)


def test_reserved_concurrency_throttles_what_is_above_it(bench):
    function = bench.function("import time\ndef handler(e, c):\n    time.sleep(0.3)\n", reserved_concurrency=2)

    async def body(environments: Environments) -> None:
        results = await asyncio.gather(*(environments.invoke(function.arn, b"1") for _ in range(3)))
        assert [r.fault for r in results] == [None, None, Fault.THROTTLED]
        assert results[2].error_type == "TooManyRequestsException"
        assert (await environments.invoke(function.arn, b"1")).fault is None

    bench.run(body)


def test_an_alias_divides_its_invokes_by_weight_and_the_function_sees_the_alias(bench):
    function = bench.function("def handler(event, context):\n    return [context.invoked_function_arn, context.function_version]\n")
    base = {"logical_id": "x", "name": "x", "path": "x", "function_arn": function.arn}
    versions = [Version(arn=f"{function.arn}:{n}", version=n, **base) for n in ("1", "2")]
    live = Alias(arn=f"{function.arn}:live", version_arn=versions[0].arn, weights={versions[1].arn: 0.25}, **base)
    prod = Alias(arn=f"{function.arn}:PROD", version_arn=f"{function.arn}:5", **base)  # published by an earlier template

    async def body(environments: Environments) -> None:
        seen = [await environments.invoke(live.arn, b"1") for _ in range(200)]
        assert {json.loads(i.payload)[0] for i in seen} == {live.arn}
        assert [json.loads(i.payload)[1] for i in seen] == [i.version for i in seen]
        assert 30 <= sum(i.version == "2" for i in seen) <= 70
        assert (await environments.invoke(f"{function.arn}:$LATEST", b"1")).version == "$LATEST"
        assert (await environments.invoke(prod.arn, b"1")).version == "5"
        with pytest.raises(KeyError):
            await environments.invoke(f"{function.arn}:gone", b"1")

    bench.run(body, versions=versions, aliases=[live, prod])


def test_an_exception_is_the_clients_error_document_and_the_environment_stays(bench):
    function = bench.function("def handler(event, context):\n    raise LookupError('no such order')\n")

    async def body(environments: Environments) -> None:
        first = await environments.invoke(function.arn, b"1")
        document = json.loads(first.payload)
        assert (first.fault, first.error_type, first.error_message) == (Fault.ERROR, "LookupError", "no such order")
        assert document["requestId"] == first.request_id
        assert any("app.py" in line for line in document["stackTrace"])
        assert any(line.level == "ERROR" and "LookupError" in line.text for line in first.log)
        assert not (await environments.invoke(function.arn, b"1")).cold

    bench.run(body)


def test_a_function_over_its_timeout_is_killed_with_what_it_started(bench):
    function = bench.function(
        "import subprocess, time\n"
        "def handler(event, context):\n"
        "    print(subprocess.Popen(['sleep', '60']).pid)\n"
        "    time.sleep(60)\n",
        timeout=1,
    )

    async def body(environments: Environments) -> None:
        ended = await environments.invoke(function.arn, b"1")
        assert ended.fault is Fault.TIMEOUT
        assert json.loads(ended.payload) == {
            "errorType": "Sandbox.Timedout",
            "errorMessage": f"RequestId: {ended.request_id} Error: Task timed out after 1.00 seconds",
        }
        assert 1000 <= ended.duration_ms < 1300
        child = int(next(line.text for line in ended.log if line.text.isdigit()))
        deadline = time.monotonic() + 5
        while not gone(child) and time.monotonic() < deadline:  # init reaps it
            await asyncio.sleep(0.01)
        assert gone(child)
        assert environments.live == []

    bench.run(body)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("os._exit(3)", "Runtime exited with error: exit status 3"),
        ("os._exit(0)", "Runtime exited without providing a reason"),
        ("os.kill(os.getpid(), 9)", "Runtime exited with error: signal: killed"),
    ],
)
def test_a_process_that_ends_by_itself_is_a_crash(bench, code, said):
    function = bench.function(f"import os\ndef handler(event, context):\n    print('last words')\n    {code}\n")

    async def body(environments: Environments) -> None:
        ended = await environments.invoke(function.arn, b"1")
        assert (ended.fault, ended.error_type) == (Fault.CRASH, "Runtime.ExitError")
        assert ended.error_message == f"RequestId: {ended.request_id} Error: {said}"
        assert "last words" in [line.text for line in ended.log]
        assert (await environments.invoke(function.arn, b"1")).cold

    bench.run(body)


def test_a_kill_from_outside_is_a_crash_when_busy_and_a_cold_start_when_idle(bench):
    function = bench.function("import time\ndef handler(event, context):\n    time.sleep(event)\n")

    async def body(environments: Environments) -> None:
        first = await environments.invoke(function.arn, b"0")
        assert await environments.kill(first.environment)
        assert environments.live == []
        second = await environments.invoke(function.arn, b"0")
        assert second.cold
        busy = asyncio.create_task(environments.invoke(function.arn, b"30"))
        while not any(live.busy for live in environments.live):
            await asyncio.sleep(0.01)
        os.kill(environments.live[0].pid, signal.SIGKILL)
        assert (await busy).fault is Fault.CRASH
        assert not await environments.kill(first.environment)

    bench.run(body)


def test_memory_over_the_limit_kills(bench):
    function = bench.function(
        "import time\ndef handler(event, context):\n    held = bytearray(200_000_000)\n    time.sleep(5)\n", memory=128
    )

    async def body(environments: Environments) -> None:
        ended = await environments.invoke(function.arn, b"1")
        assert (ended.fault, ended.error_type) == (Fault.MEMORY, "Runtime.ExitError")
        assert ended.error_message.endswith("Runtime exited with error: signal: killed")
        assert ended.memory_mb > 128
        assert ended.duration_ms < 2000

    bench.run(body)


def test_code_that_cannot_be_loaded_is_an_init_fault(bench):
    function = bench.function("import nothing_of_that_name\n")

    async def body(environments: Environments) -> None:
        ended = await environments.invoke(function.arn, b"1")
        assert (ended.fault, ended.error_type) == (Fault.INIT, "Runtime.ImportModuleError")
        assert "nothing_of_that_name" in ended.error_message
        assert environments.live == []

    bench.run(body)


def test_an_exit_while_loading_is_an_init_fault(bench):
    function = bench.function("import os\nos._exit(4)\n")

    async def body(environments: Environments) -> None:
        ended = await environments.invoke(function.arn, b"1")
        assert (ended.fault, ended.error_type) == (Fault.INIT, "Runtime.ExitError")

    bench.run(body)


def test_a_load_over_the_init_limit_is_done_again_under_the_functions_timeout(bench):
    slow = bench.function("import time\ntime.sleep(0.8)\n" + ECHO, name="slow", timeout=3)
    never = bench.function("import time\ntime.sleep(60)\n" + ECHO, name="never", timeout=1)

    async def body(environments: Environments) -> None:
        loaded = await environments.invoke(slow.arn, b"7")
        assert (loaded.payload, loaded.fault) == (b"7", None)
        assert loaded.duration_ms > 800  # the second load is part of the invoke
        assert (await environments.invoke(never.arn, b"7")).fault is Fault.TIMEOUT

    bench.run(body, init_limit=0.4)


def test_a_response_over_six_mebibytes_is_refused(bench):
    function = bench.function("def handler(event, context):\n    return 'x' * event\n", memory=512)

    async def body(environments: Environments) -> None:
        limit = 6 * 1024 * 1024 + 100 - len('""')
        assert (await environments.invoke(function.arn, str(limit).encode())).fault is None
        ended = await environments.invoke(function.arn, str(limit + 1).encode())
        assert (ended.fault, ended.error_type) == (Fault.ERROR, "Function.ResponseSizeTooLarge")
        assert (await environments.invoke(function.arn, b"1")).payload == b'"x"'

    bench.run(body)


def test_a_large_event_arrives_whole(bench):
    function = bench.function("def handler(event, context):\n    return len(event)\n")

    async def body(environments: Environments) -> None:
        ended = await environments.invoke(function.arn, b'"' + b"x" * 5_000_000 + b'"')
        assert ended.payload == b"5000000"

    bench.run(body)


def test_another_runtime_is_refused_by_name(bench):
    function = bench.function(ECHO, runtime="java21")
    assert not Environments.supports(function)
    assert all(Environments.supports(replace(function, runtime=name)) for name in ("python3.14", "nodejs24.x", "provided.al2023"))

    async def body(environments: Environments) -> None:
        with pytest.raises(RunError, match="EF-RUN-RUNTIME at Shop/demo: the runtime is java21"):
            await environments.invoke(function.arn, b"1")

    bench.run(body)


def test_nothing_is_left_after_close_even_with_an_invoke_in_hand(bench):
    function = bench.function("import time\ndef handler(event, context):\n    time.sleep(event)\n")
    left: list[int] = []
    ended: list[Fault | None] = []

    async def body(environments: Environments) -> None:
        await environments.invoke(function.arn, b"0")
        busy = [asyncio.create_task(environments.invoke(function.arn, b"30")) for _ in range(2)]
        while sum(live.busy for live in environments.live) < 2:
            await asyncio.sleep(0.01)
        left.extend(live.pid for live in environments.live)
        await environments.close()
        ended.extend([(await task).fault for task in busy])
        assert environments.live == []

    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    bench.run(body)
    assert ended[0] is Fault.CRASH
    assert len(left) == 2
    assert all(gone(pid) for pid in left)
    assert list((bench.folder / "work" / "environments").iterdir()) == []
    assert len(list(Path("/proc/self/fd").iterdir())) == descriptors
