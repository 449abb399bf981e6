"""A function that waits for a debugger, which is a client of the Debug Adapter Protocol here, as an editor is."""

import asyncio
import json

import pytest

from cdk_event_flow.errors import RunError
from cdk_event_flow.local.environments.debugging import debugging

SLOW = (
    "import time\ndef handler(event, context):\n    time.sleep(event)\n    return context.get_remaining_time_in_millis() > 60_000\n"
)


class Editor:
    """Attaches and lets the program go on. https://microsoft.github.io/debug-adapter-protocol/specification"""

    def __init__(self, reader, writer):
        self._reader, self._writer, self._number = reader, writer, 0

    def ask(self, command, **arguments):
        self._number += 1
        body = json.dumps({"seq": self._number, "type": "request", "command": command, "arguments": arguments}).encode()
        self._writer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    async def until(self, kind, name):
        while True:
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode()
            message = json.loads(await self._reader.readexactly(int(head.split("Content-Length: ")[1].split("\r")[0])))
            assert message.get("success", True), message
            if message["type"] == kind and message.get("event", message.get("command")) == name:
                return message

    async def attach(self):
        self.ask("initialize", adapterID="python")
        await self.until("response", "initialize")
        self.ask("attach", justMyCode=True)
        await self.until("event", "initialized")
        self.ask("configurationDone")
        assert (await self.until("response", "configurationDone"))["success"]


def test_a_function_waits_for_the_debugger_and_has_all_the_time(bench, tmp_path):
    function = bench.function(SLOW, timeout=1)
    told = []
    debugged = debugging(function, tmp_path / "debug", lambda code, port: told.append((code, port)))

    async def body(environments):
        asked = asyncio.create_task(environments.invoke(function.arn, b"1.5"))
        while not told:
            await asyncio.sleep(0.01)
        code, port = told[0]
        assert (code / "app.py").exists()
        for _ in range(2_000):
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                break
            except OSError:
                await asyncio.sleep(0.02)
        assert not asked.done()
        await Editor(reader, writer).attach()
        answer = await asked
        assert (answer.fault, answer.payload) == (None, b"true")
        again = await environments.invoke(function.arn, b"0")
        assert (again.fault, again.cold, len(told)) == (None, False, 1)
        writer.close()

    bench.run(body, seconds=60, debugging=debugged)


def test_what_cannot_be_debugged_is_refused(bench, tmp_path, monkeypatch):
    with pytest.raises(RunError, match="EF-RUN-DEBUG at Shop/demo: its runtime is nodejs24.x"):
        debugging(bench.function("", runtime="nodejs24.x"), tmp_path, print)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(RunError, match=r"debugpy is not installed, .* pip install 'cdk-event-flow\[debug\]'"):
        debugging(bench.function("", name="other"), tmp_path, print)
