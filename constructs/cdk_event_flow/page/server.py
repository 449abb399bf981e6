"""The page's own server on 127.0.0.1, beside a local run.

Everything under `/api/` wants the token that stands in the address that is printed; a request whose Host is not this
server, or whose Origin is another site, is refused. The page itself holds nothing that is worth a token.
"""

import asyncio
import contextlib
import json
import secrets
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from cdk_event_flow.errors import EventError, EventFlowError, Problem, RunError
from cdk_event_flow.flow import Flow
from cdk_event_flow.local.endpoint import HOST, bind
from cdk_event_flow.local.run import LocalRun
from cdk_event_flow.page.assets import asset, shell
from cdk_event_flow.page.content import Sample
from cdk_event_flow.page.live import Live
from cdk_event_flow.page.stream import events_since

PORT = 4600
_LARGEST_REQUEST = 2 * 1024 * 1024
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Page:
    """The page of a run. `url` has the token in it; keep it to yourself."""

    def __init__(self, live: Live, listener: socket.socket, token: str) -> None:
        self.port: int = listener.getsockname()[1]
        self.token = token
        self.url = f"http://{HOST}:{self.port}/#token={token}"
        self._live = live
        self._listener = listener
        self._hosts = {f"{name}:{self.port}" for name in (HOST, "localhost")}
        self._closing = asyncio.Event()
        app = web.Application(middlewares=[self._guard], client_max_size=_LARGEST_REQUEST)
        app.add_routes(
            [
                web.get("/", self._shell),
                web.get("/assets/{name:.+}", self._asset),
                web.get("/api/stream", self._stream),
                web.get("/api/{what}", self._get),
                web.get("/api/events/{id}", self._event),
                web.get("/api/events/{id}/why", self._why),
                web.post("/api/{what}", self._post),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)

    async def start(self) -> None:
        """Accept connections."""
        await self._runner.setup()
        await web.SockSite(self._runner, self._listener).start()

    async def close(self) -> None:
        """End the streams, close connections and the socket."""
        self._closing.set()
        await self._runner.cleanup()

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            answer = await self._allowed(request, handler)
        except web.HTTPException as refused:
            answer = web.json_response({"message": refused.reason}, status=refused.status)
        except EventFlowError as error:
            answer = web.json_response({"message": str(error), "code": error.code}, status=400)
        if not answer.prepared:
            answer.headers.update(HEADERS)
        return answer

    async def _allowed(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.headers.get("Host", "").lower() not in self._hosts or not self._same_origin(request.headers):
            return web.json_response({"message": "This page answers requests to 127.0.0.1 from this machine only."}, status=403)
        if request.path.startswith("/api/") and not self._has_token(request):
            return web.json_response({"message": "Open the address that event-flow run printed: it has the token in it."}, status=401)
        return await handler(request)

    def _same_origin(self, headers: Mapping[str, str]) -> bool:
        origin = headers.get("Origin")
        return origin is None or (origin.startswith("http://") and urlsplit(origin).netloc.lower() in self._hosts)

    def _has_token(self, request: web.Request) -> bool:
        """In a header; an EventSource can set none, so for the stream it stands in the query."""
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if request.path == "/api/stream":
            given = given or request.query.get("token", "")
        return secrets.compare_digest(given.encode(), self.token.encode())

    async def _shell(self, _: web.Request) -> web.StreamResponse:
        return web.Response(text=shell(), content_type="text/html")

    async def _asset(self, request: web.Request) -> web.StreamResponse:
        found = asset(request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound(reason="there is no such file")
        kind, text = found
        return web.Response(text=text, content_type=kind)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        headers = {**HEADERS, "Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            async for text in events_since(self._live, request.headers.get("Last-Event-ID", ""), self._closing):
                await response.write(text.encode())
        return response

    async def _get(self, request: web.Request) -> web.StreamResponse:
        answers: dict[str, Callable[[Mapping[str, str]], Any]] = {
            "content": lambda _: self._live.content(),
            "events": self._live.events,
            "letters": lambda query: self._live.letters.letters(query.get("queue", "")),
            "queues": lambda _: self._live.letters.queues(),
            "environments": lambda _: self._live.environments(),
        }
        answer = answers.get(request.match_info["what"])
        if answer is None:
            raise web.HTTPNotFound(reason="there is nothing of this name")
        found = answer(request.query)
        return _json(await found if asyncio.iscoroutine(found) else found)

    async def _event(self, request: web.Request) -> web.StreamResponse:
        return _json(self._live.event(_number(request.match_info["id"])))

    async def _why(self, request: web.Request) -> web.StreamResponse:
        return _json(await self._live.why(_number(request.match_info["id"])))

    async def _post(self, request: web.Request) -> web.StreamResponse:
        answers: dict[str, Callable[[Mapping[str, Any]], Awaitable[Any]]] = {
            "dry": self._live.dry,
            "send": self._live.send,
            "redrive": self._live.letters.redrive,
            "diff": self._live.diff,
        }
        answer = answers.get(request.match_info["what"])
        if answer is None:
            raise web.HTTPNotFound(reason="there is nothing of this name")
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType(reason="a request is application/json")
        try:
            asked = await request.json()
        except (ValueError, RecursionError):
            raise web.HTTPBadRequest(reason="the request is no JSON") from None
        if not isinstance(asked, dict):
            raise web.HTTPBadRequest(reason="the request is no JSON object")
        return _json(await answer(asked))


def _json(content: Any) -> web.Response:
    return web.Response(text=json.dumps(content, ensure_ascii=False, default=str), content_type="application/json")


def _number(text: str) -> int:
    if not text.isdigit() or len(text) > 15:
        problem = Problem(
            code="EF-EVENT", given="it is no number of an event", allowed="an event has a number", fix="use the page's own links"
        )
        raise EventError(text[:40], problem)
    return int(text)


def listen(port: int | None) -> socket.socket:
    """A listening socket; None takes the usual port, or any where that is taken. Raises RunError (EF-RUN-PORT)."""
    if port is not None:
        return bind(port)
    try:
        return bind(PORT)
    except RunError:
        return bind(0)


@asynccontextmanager
async def serve(
    run: LocalRun,
    flow: Flow,
    *,
    saved: Iterable[Sample],
    read: Callable[[Path], Flow],
    port: int | None = None,
) -> AsyncIterator[Page]:
    """The page of a run, until the block ends.

    `flow` is the run's with everything that is in its template; `saved` are events to begin with, by name; `read` reads the
    template that it is compared with; `port` 0 takes any free one, None the usual one if it is free.
    """
    live = Live(run, flow, saved=list(saved), read=read)
    try:
        page = Page(live, listen(port), secrets.token_urlsafe(24))
        await page.start()
        try:
            yield page
        finally:
            await page.close()
    finally:
        live.close()
