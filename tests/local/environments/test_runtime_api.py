"""The Runtime API, spoken to byte by byte."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable

import pytest

from cdk_event_flow.local.environments.runtime_api import RESPONSE_LIMIT, Event, RuntimeApi
from cdk_event_flow.local.invocation import Fault

Call = Callable[..., Awaitable[tuple[int, bytes]]]


def serve(body: Callable[[RuntimeApi, Call, asyncio.Event], Awaitable[None]]) -> None:
    async def main() -> None:
        ready = asyncio.Event()
        api = RuntimeApi(ready.set)
        host, _, port = (await api.listen()).partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))

        async def call(method: str, path: str, content: bytes = b"", split: int = 0, *headers: str) -> tuple[int, bytes]:
            said = "".join(f"{header}\r\n" for header in headers or [f"Content-Length: {len(content)}"])
            request = f"{method} /2018-06-01/runtime/{path} HTTP/1.1\r\nHost: x\r\n{said}\r\n"
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


CHUNKED, STREAMING = "Transfer-Encoding: chunked", "Lambda-Runtime-Function-Response-Mode: streaming"
ERROR_BODY = base64.b64encode(b'{"errorType":"E","errorMessage":"m"}')


def test_a_response_in_chunks_arrives_whole_wherever_it_is_cut():
    sent = b"5;x=y\r\n[1,2,\r\nA\r\n 3, 4, 5 ]\r\n0\r\n\r\n"

    async def body(api: RuntimeApi, call: Call, ready: asyncio.Event) -> None:
        for cut in range(0, len(sent) + 160, 7):
            await following(api, call, ready, f"r{cut}")
            assert (await call("POST", f"invocation/r{cut}/response", sent, cut, CHUNKED))[0] == 202
            assert api.answer is not None
            assert api.answer.payload == b"[1,2, 3, 4, 5 ]"

    serve(body)


def test_a_stream_that_breaks_off_is_an_error_said_in_its_trailers():
    sent = b"3\r\n[1,\r\n0\r\nLambda-Runtime-Function-Error-Type: E\r\nLambda-Runtime-Function-Error-Body: %b\r\n\r\n" % ERROR_BODY

    async def body(api: RuntimeApi, call: Call, ready: asyncio.Event) -> None:
        await following(api, call, ready, "a")
        assert (await call("POST", "invocation/a/response", sent, 0, CHUNKED, STREAMING))[0] == 202
        assert api.answer is not None
        assert (api.answer.fault, api.answer.error_type, api.answer.error_message) == (Fault.ERROR, "E", "m")

    serve(body)


def test_a_stream_may_be_longer_than_a_response():
    async def body(api: RuntimeApi, call: Call, ready: asyncio.Event) -> None:
        size = RESPONSE_LIMIT + 1
        sent = b"%x\r\n%b\r\n0\r\n\r\n" % (size, b"x" * size)
        await following(api, call, ready, "a")
        assert (await call("POST", "invocation/a/response", sent, 0, CHUNKED, STREAMING))[0] == 202
        await following(api, call, ready, "b")
        assert (await call("POST", "invocation/b/response", sent, 0, CHUNKED))[0] == 413

    serve(body)


@pytest.mark.parametrize("sent", [b"-1\r\n", b"\r\n", b"0x1\r\n", b"5 5\r\n"])
def test_what_is_no_chunk_is_refused(sent):
    async def body(api: RuntimeApi, call: Call, ready: asyncio.Event) -> None:
        await following(api, call, ready, "a")
        assert (await call("POST", "invocation/a/response", sent, 0, CHUNKED))[0] == 400

    serve(body)
