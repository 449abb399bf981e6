"""Listens for requests to the APIs and URLs of a flow, and answers with what their functions answer."""

import json
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from multidict import CIMultiDict

from cdk_event_flow.errors import RunError
from cdk_event_flow.flow.hops.http import key_of, made_of, taken_by
from cdk_event_flow.flow.model import Other
from cdk_event_flow.flow.payload import as_text
from cdk_event_flow.flow.payloads.http import matched
from cdk_event_flow.flow.sources import Api, Route, Url
from cdk_event_flow.local.doors.answers import Response, failed, message, response_of
from cdk_event_flow.local.doors.authorizers import LetIn, by_function, by_token, signed
from cdk_event_flow.local.doors.cors import Cors
from cdk_event_flow.local.doors.requests import Came, Context, event_1, event_2
from cdk_event_flow.local.engine import Engine
from cdk_event_flow.local.post import Parcel, RefusedError
from cdk_event_flow.local.trace import Delivery, State

# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html, and limits.html of REST APIs; a URL has
# what Lambda allows.
LARGEST = {"HTTP": 10 * 1024 * 1024, "REST": 10 * 1024 * 1024, "URL": 6 * 1024 * 1024}
LONGEST = {"HTTP": 30.0, "REST": 29.0}
_FIRST = 2  # counted from the endpoint's port: the next one is the page's
_OF_THE_WIRE = frozenset({"content-length", "transfer-encoding", "connection"})
_LOCAL = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Door:
    """An API or a URL that answers at `url`."""

    path: str
    url: str


class Doors:
    """All front doors of a run. `bind` opens a port, which tells it; port 0 is any.

    Only this machine is answered: the Host must be 127.0.0.1 or localhost, and an Origin, where a browser sends one, too.
    """

    def __init__(self, engine: Engine, *, bind: Callable[[int], socket.socket], port: int) -> None:
        self._engine = engine
        self._bind = bind
        self._port = port
        self._runners: list[web.ServerRunner] = []
        self.open: list[Door] = []

    async def start(self) -> None:
        """Open a port for each API and URL: the second after the endpoint's and on, where the endpoint's was chosen; else any."""
        apis = [api for api in self._engine.all(Api) if api.protocol != "WEBSOCKET"]
        nodes: list[Api | Url] = [*apis, *self._engine.all(Url)]
        for number, node in enumerate(nodes, start=_FIRST):
            listener = self._listen(self._port + number if self._port else 0)
            port = listener.getsockname()[1]
            front = Front(node, self._engine, port)
            runner = web.ServerRunner(web.Server(front.handle), shutdown_timeout=1.0)
            await runner.setup()
            self._runners.append(runner)
            await web.SockSite(runner, listener).start()
            stage = "" if front.stage == "$default" else f"{front.stage}/"
            self.open.append(Door(path=node.path, url=f"http://127.0.0.1:{port}/{stage}"))

    def _listen(self, port: int) -> socket.socket:
        with suppress(RunError):
            if port <= 65_535:
                return self._bind(port)
        return self._bind(0)

    async def close(self) -> None:
        """Close every port."""
        for runner in self._runners:
            await runner.shutdown()
            await runner.cleanup()


class Front:
    """One API or URL."""

    def __init__(self, node: Api | Url, engine: Engine, port: int) -> None:
        self._node = node
        self._engine = engine
        self._hosts = {f"{name}:{port}" for name in _LOCAL}
        self.protocol = node.protocol if isinstance(node, Api) else "URL"
        self._routes = [route for route in engine.all(Route) if route.api_arn == node.arn]
        properties = node.properties
        self._cors = Cors.of(properties.get("CorsConfiguration" if isinstance(node, Api) else "Cors"))
        self._streamed = properties.get("InvokeMode") == "RESPONSE_STREAM"
        self.stage = self._stage()
        self._domain = f"localhost:{port}"

    def _stage(self) -> str:
        """The name of the API's stage, which paths begin with unless it is `$default`."""
        if isinstance(self._node, Url) or self._node.quick:
            return "$default"
        kinds = {"HTTP": "AWS::ApiGatewayV2::Stage", "REST": "AWS::ApiGateway::Stage"}
        key = "ApiId" if self.protocol == "HTTP" else "RestApiId"
        api = self._node.arn.rpartition(":")[2]
        stages = [each for each in self._engine.all(Other) if each.type == kinds[self.protocol] and each.properties.get(key) == api]
        return next((str(each.properties.get("StageName")) for each in stages), "$default" if self.protocol == "HTTP" else "prod")

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        origin = request.headers.get("Origin", "")
        if request.headers.get("Host", "").lower() not in self._hosts or (origin and urlsplit(origin).hostname not in _HOSTNAMES):
            return web.Response(status=403, text="This address answers requests from this machine only.\n")
        if (request.content_length or 0) > LARGEST[self.protocol]:
            answer = message(413, "Request Entity Too Large")
        else:
            body = await request.content.read(-1)
            if len(body) > LARGEST[self.protocol]:
                return web.Response(status=413)
            path, _, query = request.raw_path.partition("?")
            came = Came(method=request.method, path=path, query=query, headers=tuple(request.headers.items()), body=body)
            with self._engine.hub.clock.work():
                answer = await self._answer(came, origin)
            self._engine.hub.keep.flush()
        told = {name.lower() for name, _ in answer.headers}
        allowing = self._cors.allowing(origin) if self._cors and "access-control-allow-origin" not in told else []
        headers = CIMultiDict(each for each in [*answer.headers, *allowing] if each[0].lower() not in _OF_THE_WIRE)
        return web.Response(status=answer.status, body=answer.body, headers=headers)

    async def _answer(self, came: Came, origin: str) -> Response:
        if self._cors and came.method == "OPTIONS" and origin and came.header("Access-Control-Request-Method"):
            return self._cors.preflight(origin)
        if self.stage != "$default":
            if came.path != f"/{self.stage}" and not came.path.startswith(f"/{self.stage}/"):
                return message(403, "Forbidden") if self.protocol == "REST" else message(404, "Not Found")
            came = Came(
                method=came.method,
                path=came.path.removeprefix(f"/{self.stage}") or "/",
                query=came.query,
                headers=came.headers,
                body=came.body,
            )
        route = None if isinstance(self._node, Url) else taken_by(self._routes, came.request())
        if route is None and isinstance(self._node, Api):
            return message(403, "Missing Authentication Token") if self.protocol == "REST" else message(404, "Not Found")
        target = self._node.function_arn if isinstance(self._node, Url) else route.target_arn if route else ""
        event = self._event(came, route, {})
        let_in = await self._let_in(came, route, event)
        if let_in.refusal:
            return let_in.refusal
        if let_in.context:
            event["requestContext"]["authorizer"] = dict(let_in.context)
        if target in self._engine.functions.arns():
            return await self._invoke(came, route, target, event)
        return self._hand_on(came, route, target)

    def _event(self, came: Came, route: Route | None, authorizer: Mapping[str, Any]) -> dict[str, Any]:
        hub = self._engine.hub
        context = Context(
            api=self._node.arn.rpartition(":")[2] if isinstance(self._node, Api) else self._node.name,
            account=self._engine.account,
            stage=self.stage,
            domain=self._domain,
            request_id=hub.ids.uuid(),
            now=hub.clock.now(),
            authorizer=authorizer,
        )
        if route is None:
            return event_2(came, "$default", {}, context)
        parameters = {} if route.url == "$default" else matched(route.url, came.request().path) or {}
        if route.kind == "proxy-v1":
            return event_1(came, route.url, parameters, context)
        return event_2(came, key_of(route), parameters, context)

    async def _let_in(self, came: Came, route: Route | None, event: dict[str, Any]) -> LetIn:
        if isinstance(self._node, Url):
            return signed(came, url=True) if self._node.auth == "AWS_IAM" else LetIn()
        wanted = str(route.properties.get("AuthorizationType") or "NONE") if route else "NONE"
        if wanted == "AWS_IAM":
            return signed(came, url=False)
        if self.protocol == "REST" or wanted == "NONE" or route is None:
            return LetIn()  # authorizers of REST APIs are not run, and said to be so
        named = route.properties.get("AuthorizerId")
        found = next((each.properties for each in self._engine.all(Other) if each.name == named), None)
        if found is None:
            return LetIn()
        if wanted == "JWT":
            scopes = tuple(str(each) for each in route.properties.get("AuthorizationScopes") or ())
            return by_token(came, found, scopes, self._engine.hub.clock.now())
        return await by_function(came, found, event, self._ask)

    async def _ask(self, arn: str, event: Mapping[str, Any]) -> Any:
        if arn not in self._engine.functions.arns():
            return None
        answer = await self._engine.invoke(arn, as_text(event), origin="authorizer")
        return None if answer.fault else json.loads(answer.payload)

    async def _invoke(self, came: Came, route: Route | None, arn: str, event: dict[str, Any]) -> Response:
        hub, functions = self._engine.hub, self._engine.functions
        payload = as_text(event)
        root = self._root(came, payload)
        via = hub.post.name(route.arn) if route else ""
        child = hub.trace.child(root, "function", arn, hub.post.name(arn), payload, via=via)
        hub.trace.forward(root)
        answer, _ = await functions.call(arn, payload, [child], trace_header=came.header("X-Amzn-Trace-Id"))
        if answer.fault:
            hub.trace.end(child, State.DROPPED, f"the client got {failed(answer, self.protocol).status}: {child.last_error}")
            return failed(answer, self.protocol)
        if answer.duration_ms / 1000 > LONGEST.get(self.protocol, 900.0):
            hub.trace.end(child, State.PROCESSED, f"too late: the client got 503 after {LONGEST[self.protocol]:g} s")
            return message(503, "Service Unavailable") if self.protocol == "HTTP" else message(504, "Endpoint request timed out")
        second = route is None or route.kind == "proxy-v2"
        response = response_of(answer.payload, self.protocol, second=second, streamed=self._streamed)
        if response is None:
            status = 502 if self.protocol != "HTTP" else 500
            hub.trace.end(child, State.PROCESSED, f"its answer is no HTTP response: the client got {status}")
            return message(status, "Internal server error" if status == 502 else "Internal Server Error")
        hub.trace.end(child, State.PROCESSED, f"answered {response.status}")
        return response

    def _hand_on(self, came: Came, route: Route | None, target: str) -> Response:
        """What an API hands to an AWS service by itself."""
        if route is None or route.kind != "parameters" or self._engine.hub.post.find(target) is None:
            return message(501, "this integration is not run here")
        made = made_of(route, came.request())
        if ":event-bus/" in target:
            entry = {"Source": made.get("Source"), "DetailType": made.get("DetailType"), "Detail": made.get("Detail")}
            result, _ = self._engine.put_entry({**entry, "EventBusName": target}, origin=key_of(route))
            answered = {"Entries": [result], "FailedEntryCount": int("ErrorCode" in result)}
            return Response(status=200, body=json.dumps(answered).encode(), headers=[("Content-Type", "application/json")])
        body = as_text(made.get("MessageBody", made.get("Data", "")))
        root = self._root(came, body)
        hub = self._engine.hub
        kind, name = hub.post.kind_and_name(target)
        child = hub.trace.child(root, kind, target, name, body, via=hub.post.name(route.arn))
        hub.trace.forward(root)
        parcel = Parcel(
            body=body,
            key=str(made.get("PartitionKey") or ""),
            group_id=made.get("MessageGroupId"),
            deduplication_id=made.get("MessageDeduplicationId"),
        )
        try:
            hub.post.deliver(target, parcel, child)
        except RefusedError as refusal:
            hub.trace.end(child, State.DROPPED, f"{refusal.code}: {refusal.message}")
            return message(400, refusal.message)
        return Response(status=200, body=b"{}", headers=[("Content-Type", "application/json")])

    def _root(self, came: Came, payload: str) -> Delivery:
        hub = self._engine.hub
        kind = "url" if isinstance(self._node, Url) else "api"
        name = hub.post.name(self._node.arn)
        cause = came.header("X-Amzn-Trace-Id")
        return hub.trace.begin(kind, self._node.arn, name, payload, origin=f"{came.method} {came.path}", cause=cause)


_HOSTNAMES = frozenset({"127.0.0.1", "localhost", "::1"})
