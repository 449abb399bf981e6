"""One HTTP endpoint on 127.0.0.1 for every AWS SDK.

The SigV4 credential scope names the service: delivery's own services are answered by the engine, the rest by moto. A
request whose Host is not this endpoint, or whose Origin is another site, is refused: a web page cannot reach it.
"""

import asyncio
import errno
import socket
from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from aiohttp import StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import RawRequestMessage
from moto.core.request import Request

from cdk_event_flow.errors import Problem, RunError
from cdk_event_flow.local.engine import Engine
from cdk_event_flow.local.own import OWN_PATH, own_answer
from cdk_event_flow.local.services.cloudwatch import CloudWatch
from cdk_event_flow.local.services.events import Events
from cdk_event_flow.local.services.lambda_ import Lambda
from cdk_event_flow.local.services.logs import Logs
from cdk_event_flow.local.services.moto_ import SERVICES, Moto
from cdk_event_flow.local.services.moto_data import MotoData
from cdk_event_flow.local.services.scheduler import Scheduler
from cdk_event_flow.local.services.service import Service
from cdk_event_flow.local.services.sns import Sns
from cdk_event_flow.local.services.sqs import Sqs
from cdk_event_flow.local.wire import Answer, Caller, Exchange, ServiceError, caller, error_answer

HOST = "127.0.0.1"
_LARGEST_REQUEST = 256 * 1024 * 1024
_DROPPED_HEADERS = {"content-length", "transfer-encoding", "connection", "date", "server"}


def bind(port: int) -> socket.socket:
    """A listening socket on 127.0.0.1; port 0 takes any free one. Raises RunError (EF-RUN-PORT)."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(128)
    except (OSError, OverflowError) as error:
        listener.close()
        in_use = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        problem = Problem(
            code="EF-RUN-PORT",
            given=f"port {port} is in use" if in_use else f"port {port} cannot be opened ({error})",
            allowed="the run needs a free port on 127.0.0.1 from 1024 to 65535, or 0 for any",
            fix="stop what listens there, or choose another with --port",
        )
        raise RunError(f"{HOST}:{port}", problem) from None
    listener.setblocking(False)
    return listener


def _request(
    message: RawRequestMessage,
    payload: StreamReader,
    protocol: web.RequestHandler,
    writer: AbstractStreamWriter,
    task: "asyncio.Task[None]",
) -> web.BaseRequest:
    """aiohttp's own request, allowed to be larger than 1 MiB."""
    loop = asyncio.get_running_loop()
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=_LARGEST_REQUEST)


class Endpoint:
    """Serves the engine and moto on a socket that is bound already.

    `unknown` is called once for each operation that is not answered ("sqs:CreateQueue").
    """

    def __init__(
        self, listener: socket.socket, engine: Engine, moto: Moto, data: MotoData, *, unknown: Callable[[str], None]
    ) -> None:
        self._listener = listener
        self.port: int = listener.getsockname()[1]
        self.url = f"http://{HOST}:{self.port}"
        self._engine = engine
        self._moto = moto
        self._data = data
        self._unknown = unknown
        self._told: set[str] = set()
        self._hosts = {f"{name}:{self.port}" for name in (HOST, "localhost")}
        self._scheduler = Scheduler(engine)
        services = (
            Sqs(engine, self.url), Sns(engine), Events(engine), Lambda(engine), self._scheduler, Logs(engine), CloudWatch(engine),
        )  # fmt: skip
        self._services: dict[str, Service] = {service.name: service for service in services}
        self._runner = web.ServerRunner(web.Server(self._handle, request_factory=_request), shutdown_timeout=1.0)

    def answer_by(self, service: Service) -> None:
        """Let this one answer what is asked of its service."""
        self._services[service.name] = service

    async def start(self) -> None:
        """Go on with what clients of an earlier run made, and accept connections."""
        self._scheduler.resume()
        await self._runner.setup()
        await web.SockSite(self._runner, self._listener).start()

    async def close(self) -> None:
        """Close connections and the socket."""
        await self._runner.shutdown()
        await self._runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if not self._is_ours(request.headers):
            return web.Response(status=403, text="This endpoint answers requests to 127.0.0.1 from this machine only.\n")
        body = await request.read()
        # The work counts as busy, so that a fast clock does not jump while a client waits for its answer.
        with self._engine.hub.clock.work():
            answer = await self._answer(request.method, request.raw_path, request.headers, body)
        headers = {k: v for k, v in answer.headers.items() if k.lower() not in _DROPPED_HEADERS}
        if request.method == "HEAD" and (length := answer.headers.get("content-length")):
            headers["Content-Length"] = length
        return web.Response(status=answer.status, headers=headers, body=answer.body)

    def _is_ours(self, headers: Mapping[str, str]) -> bool:
        if headers.get("Host", "").lower() not in self._hosts:
            return False
        origin = headers.get("Origin")
        return origin is None or (origin.startswith("http://") and urlsplit(origin).netloc.lower() in self._hosts)

    async def _answer(self, method: str, raw_path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        if raw_path.startswith(OWN_PATH):
            return own_answer(self._engine, raw_path)
        asking = caller(f"{self.url}{raw_path}", headers, region=self._engine.region)
        answer = await self._served(asking, method, raw_path, headers, body)
        try:
            self._engine.hub.keep.flush()
        except RunError as problem:
            # What was done may be done again: the client is not told that it was accepted.
            error = ServiceError("InternalFailure", str(problem))
            return error_answer(asking.service, headers, error, self._engine.hub.ids.uuid())
        return answer

    async def _served(self, asking: Caller, method: str, raw_path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        if asking.service in self._services:
            asking = replace(asking, request_id=self._engine.hub.ids.uuid())
            return await self._ours(asking, method, raw_path, headers, body)
        if asking.service in SERVICES:
            answer = await self._moto.answer(asking, method, raw_path, headers, body)
            if untold := self._data.after(self._engine, asking, method, raw_path, headers, body, answer):
                self._tell(untold)
            return answer
        self._tell(f"{asking.service}:{headers.get('X-Amz-Target', method)}")
        error = ServiceError("UnknownOperationException", f"{asking.service} is not answered by this run")
        return error_answer(asking.service, headers, error, self._engine.hub.ids.uuid())

    async def _ours(self, asking: Caller, method: str, raw_path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        service = self._services[asking.service]
        try:
            request = Request.from_primitives(method, f"{self.url}{raw_path}", headers, body)
            exchange = Exchange(service.model, request, asking.request_id)
        except ServiceError as error:
            self._tell(f"{asking.service}:{headers.get('X-Amz-Target', method + ' ' + raw_path)}")
            return error_answer(asking.service, headers, error, asking.request_id)
        try:
            parameters = exchange.parameters()
            if asking.service in SERVICES and not service.knows(exchange.operation, parameters):
                return await self._moto.answer(asking, method, raw_path, headers, body)
            result = await service.handle(exchange.operation, parameters, asking)
        except ServiceError as error:
            if error.code == "UnknownOperationException":
                self._tell(f"{asking.service}:{exchange.operation}")
            return exchange.answer(error)
        except Exception as error:
            # A defect of this run, told as one; the client gets what its SDK can read.
            self._tell(f"{asking.service}:{exchange.operation} ({type(error).__name__}: {error}; please report it)")
            internal = ServiceError("InternalFailure", f"this run failed: {type(error).__name__}: {error}")
            return replace(exchange.answer(internal), status=500)
        return exchange.answer(result)

    def _tell(self, operation: str) -> None:
        if operation not in self._told:
            self._told.add(operation)
            self._unknown(operation)
