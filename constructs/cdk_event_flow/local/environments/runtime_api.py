"""The Runtime API, version 2018-06-01, of one environment: which call is allowed when, and what it is answered.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html. There is no environment id in the protocol, so that each
environment has a port of its own.
"""

import asyncio
import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from cdk_event_flow.local.environments.extensions import Extensions
from cdk_event_flow.local.environments.http import Connection, Request, refuse
from cdk_event_flow.local.invocation import Fault, error_document

# The largest response: 6 MiB and 100 bytes, https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
RESPONSE_LIMIT = 6 * 1024 * 1024 + 100
_PREFIX = "/2018-06-01/runtime/"


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What came of an invoke: the payload, or an error document and why."""

    payload: bytes
    fault: Fault | None = None
    error_type: str = ""
    error_message: str = ""

    @classmethod
    def failed(cls, fault: Fault, error_type: str, message: str) -> "Answer":
        """An error in the platform's own words."""
        document = error_document(error_type, message)
        return cls(payload=document, fault=fault, error_type=error_type, error_message=message)

    @classmethod
    def reported(cls, fault: Fault, document: bytes, error_type: str) -> "Answer":
        """An error that the runtime client reported. `error_type` is its header, used where the document has none."""
        try:
            error = json.loads(document)
        except ValueError:
            error = {}
        if not isinstance(error, dict):
            error = {}
        return cls(
            payload=document,
            fault=fault,
            error_type=str(error.get("errorType") or error_type),
            error_message=str(error.get("errorMessage") or ""),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One invoke on its way into an environment: `headers` are those of the `next` call."""

    request_id: str
    payload: bytes
    headers: dict[str, str]


class RuntimeApi:
    """Serves one environment. `ready` is called at each `next`: the runtime has finished what it had in hand."""

    def __init__(self, ready: Callable[[], None], extensions: Extensions | None = None) -> None:
        self.extensions = extensions or Extensions(ready, names=(), about={})
        self.answer: Answer | None = None
        self.init_error: Answer | None = None
        self._ready = ready
        self._event: Event | None = None
        self._started = False
        self._waiting: Connection | None = None
        self._connections: set[Connection] = set()
        self._server: asyncio.Server | None = None

    async def listen(self) -> str:
        """Open a free port on the loopback address; returns `host:port`."""
        self._server = await asyncio.get_running_loop().create_server(self._connect, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()
        return f"{host}:{port}"

    def close(self) -> None:
        """Close the port and every connection."""
        if self._server is not None:
            self._server.close()
        for connection in list(self._connections):
            connection.close()

    @property
    def waiting(self) -> bool:
        """Whether the runtime waits for an event, and every extension too."""
        return self._waiting is not None and self.extensions.waiting

    def give(self, event: Event) -> None:
        """Answer the waiting `next` with `event`."""
        assert self._waiting is not None
        connection, self._waiting = self._waiting, None
        self._event, self.answer = event, None
        self.extensions.initialized = True
        self.extensions.give(
            {
                "eventType": "INVOKE",
                "deadlineMs": int(event.headers.get("Lambda-Runtime-Deadline-Ms", "0")),
                "requestId": event.request_id,
                "invokedFunctionArn": event.headers.get("Lambda-Runtime-Invoked-Function-Arn", ""),
                "tracing": {"type": "X-Amzn-Trace-Id", "value": event.headers.get("Lambda-Runtime-Trace-Id", "")},
            }
        )
        connection.send(HTTPStatus.OK, event.payload, event.headers)

    def _connect(self) -> Connection:
        connection = Connection(self._handle, self._lost)
        self._connections.add(connection)
        return connection

    def _lost(self, connection: Connection) -> None:
        self._connections.discard(connection)
        self.extensions.lost(connection)
        if connection is self._waiting:
            self._waiting = None

    def _handle(self, connection: Connection, request: Request) -> None:
        if self.extensions.handle(connection, request):
            return None
        if not request.path.startswith(_PREFIX):
            return refuse(connection, HTTPStatus.NOT_FOUND, "ResourceNotFound", f"no such path: {request.path}")
        match request.method, request.path.removeprefix(_PREFIX).split("/"):
            case "GET", ["invocation", "next"]:
                return self._next(connection)
            case "POST", ["invocation", request_id, "response"]:
                return self._response(connection, request_id, request)
            case "POST", ["invocation", request_id, "error"]:
                return self._error(connection, request_id, request)
            case "POST", ["init", "error"]:
                return self._init_error(connection, request)
        return refuse(connection, HTTPStatus.NOT_FOUND, "ResourceNotFound", f"no such path: {request.path}")

    def _next(self, connection: Connection) -> None:
        unanswered = self._event is not None and self.answer is None
        if unanswered or self._waiting is not None:
            return refuse(connection, HTTPStatus.FORBIDDEN, "InvalidStateTransition", "an invocation is in hand")
        self._started, self._event, self._waiting = True, None, connection
        return self._ready()

    def _response(self, connection: Connection, request_id: str, request: Request) -> None:
        if not self._expects(connection, request_id):
            return None
        if "lambda-runtime-function-error-body" in request.headers:  # a stream that broke off says so in its trailers
            document = _decoded(request.headers["lambda-runtime-function-error-body"])
            self.answer = Answer.reported(Fault.ERROR, document, _error_type(request))
            return _accept(connection)
        streamed = request.headers.get("lambda-runtime-function-response-mode", "").lower() == "streaming"
        if len(request.body) > RESPONSE_LIMIT and not streamed:
            message = f"Response payload size exceeded maximum allowed payload size ({RESPONSE_LIMIT} bytes)."
            self.answer = Answer.failed(Fault.ERROR, "Function.ResponseSizeTooLarge", message)
            return refuse(connection, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "RequestEntityTooLarge", message)
        self.answer = Answer(payload=request.body)
        return _accept(connection)

    def _error(self, connection: Connection, request_id: str, request: Request) -> None:
        if self._expects(connection, request_id):
            self.answer = Answer.reported(Fault.ERROR, request.body, _error_type(request))
            _accept(connection)

    def _init_error(self, connection: Connection, request: Request) -> None:
        if self._started or self.init_error is not None:
            return refuse(connection, HTTPStatus.FORBIDDEN, "InvalidStateTransition", "initialization has ended")
        self.init_error = Answer.reported(Fault.INIT, request.body, _error_type(request))
        return _accept(connection)

    def _expects(self, connection: Connection, request_id: str) -> bool:
        if not self._started:
            refuse(connection, HTTPStatus.FORBIDDEN, "InvalidStateTransition", "no invocation has been asked for")
            return False
        if self._event is None or self._event.request_id != request_id or self.answer is not None:
            refuse(connection, HTTPStatus.BAD_REQUEST, "InvalidRequestID", "Invalid request ID")
            return False
        return True


def _error_type(request: Request) -> str:
    return request.headers.get("lambda-runtime-function-error-type", "")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text)
    except ValueError:
        return text.encode()


def _accept(connection: Connection) -> None:
    connection.send(HTTPStatus.ACCEPTED, b'{"status":"OK"}\n')
