"""The Runtime API, spoken to byte by byte."""

import asyncio
import json
from collections.abc import Awaitable, Callable

from cdk_event_flow.local.environments.runtime_api import RESPONSE_LIMIT, Event, RuntimeApi
from cdk_event_flow.local.invocation import Fault

Call = Callable[..., Awaitable[tuple[int, bytes]]]


def serve(body: Callable[[RuntimeApi, Call, asyncio.Event], Awaitable[None]]) -> None:
    async def main() -> None:
        ready = asyncio.Event()
        api = RuntimeApi(ready.set)
        host, _, port = (await api.listen()).partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))

        async def call(method: str, path: str, content: bytes = b"", split: int = 0) -> tuple[int, bytes]:
            request = f"{method} /2018-06-01/runtime/{path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(content)}\r\n\r\n"
            data = request.encode() + content
            writer.write(data[:split])
            await writer.drain()
            await asyncio.sleep(0)
            writer.write(data[split:])
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = next(int(h.split(":")[1]) for h in head.split("\r\n") if h.startswith("Content-Length"))
            return int(head.split()[1]), await reader.readexactly(length)

        try:
            async with asyncio.timeout(10):
                await body(api, call, ready)
        finally:
            writer.close()
            api.close()

    asyncio.run(main())


def event(request_id: str) -> Event:
    return Event(request_id=request_id, payload=b"{}", headers={"Lambda-Runtime-Aws-Request-Id": request_id})


async def following(api: RuntimeApi, call: Call, ready: asyncio.Event, request_id: str) -> tuple[int, bytes]:
    ready.clear()
    waiting = asyncio.ensure_future(call("GET", "invocation/next"))
    await ready.wait()
    api.give(event(request_id))
    return await waiting


def test_an_event_is_answered_once():
    async def body(api: RuntimeApi, call: Call, ready: asyncio.Event) -> None:
        assert await following(api, call, ready, "a") == (200, b"{}")
        assert (await call("POST", "invocation/other/response", b"1"))[0] == 400
        assert (await call("POST", "invocation/a/response", b"1", split=20))[0] == 202
        assert api.answer is not None
        assert api.answer.payload == b"1"
        assert (await call("POST", "invocation/a/response", b"2"))[0] == 400
        assert (await call("POST", "invocation/a/error", b"{}"))[0] == 400
        assert api.answer.payload == b"1"

    serve(body)


def test_calls_out_of_order_are_forbidden():
    async def body(api: RuntimeApi, call: Call, ready: asyncio.Event) -> None:
        assert (await call("POST", "invocation/a/response", b"1"))[0] == 403
        await following(api, call, ready, "a")
        assert (await call("GET", "invocation/next"))[0] == 403
        assert (await call("POST", "init/error", b"{}"))[0] == 403
        assert (await call("GET", "nowhere"))[0] == 404
        assert (await call("POST", "invocation/a/error", b'{"errorType":"E","errorMessage":"m"}'))[0] == 202
        assert api.answer is not None
        assert (api.answer.fault, api.answer.error_type, api.answer.error_message) == (Fault.ERROR, "E", "m")

    serve(body)


def test_a_response_over_the_limit_is_too_large():
    async def body(api: RuntimeApi, call: Call, ready: asyncio.Event) -> None:
        await following(api, call, ready, "a")
        status, said = await call("POST", "invocation/a/response", b"x" * (RESPONSE_LIMIT + 1))
        assert status == 413
        assert json.loads(said)["errorType"] == "RequestEntityTooLarge"
        await following(api, call, ready, "b")
        assert (await call("POST", "invocation/b/response", b"x" * RESPONSE_LIMIT))[0] == 202

    serve(body)


def test_an_init_error_is_kept_with_its_document():
    async def body(api: RuntimeApi, call: Call, ready: asyncio.Event) -> None:
        assert (await call("POST", "init/error", b'{"errorType":"Runtime.X"}'))[0] == 202
        assert api.init_error is not None
        assert (api.init_error.fault, api.init_error.error_type) == (Fault.INIT, "Runtime.X")
        assert (await call("POST", "init/error", b"{}"))[0] == 403

    serve(body)
