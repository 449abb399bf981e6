"""The Extensions API (2020-01-01) and the Telemetry API (2022-07-01) of one environment.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
https://docs.aws.amazon.com/lambda/latest/dg/telemetry-api.html
"""

import json
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from cdk_event_flow.local.environments.http import Connection, Request, refuse

EXTENSIONS = "/2020-01-01/extension/"
TELEMETRY = ("/2022-07-01/telemetry", "/2020-08-15/logs")
MOST = 10  # https://docs.aws.amazon.com/lambda/latest/dg/lambda-extensions.html
_EVENTS = frozenset({"INVOKE", "SHUTDOWN"})
_TYPES = frozenset({"platform", "function", "extension"})


@dataclass(kw_only=True, slots=True)
class Extension:
    """One that registered: `waiting` while it asks for its next event, `failed` where it reported an error."""

    id: str
    name: str
    events: frozenset[str]
    external: bool
    waiting: Connection | None = None
    queued: list[Mapping[str, Any]] = field(default_factory=list)
    failed: str = ""


@dataclass(frozen=True, slots=True)
class Listener:
    """Where telemetry goes: a port of the environment, and the kinds that it wants."""

    port: int
    path: str
    types: frozenset[str]


class Extensions:
    """The extensions of one environment. `ready` is called when one asks for its next event, or fails.

    `names` are those of the programs that were started; whatever else registers runs inside of the runtime's process.
    `about` is what is answered to a registration.
    """

    def __init__(self, ready: Callable[[], None], *, names: Iterable[str], about: Mapping[str, str]) -> None:
        self._ready = ready
        self._names = frozenset(names)
        self._about = dict(about)
        self._by_id: dict[str, Extension] = {}
        self.listeners: list[Listener] = []
        self.initialized = False

    @property
    def all(self) -> list[Extension]:
        """Every extension that registered."""
        return list(self._by_id.values())

    @property
    def failed(self) -> str:
        """The error type that an extension reported, or empty."""
        return next((each.failed for each in self.all if each.failed), "")

    @property
    def waiting(self) -> bool:
        """Whether all that were started have registered, and all that registered ask for their next event."""
        registered = {each.name for each in self.all}
        return self._names <= registered and all(each.waiting for each in self.all)

    def give(self, event: Mapping[str, Any]) -> None:
        """Tell those who want events of this kind."""
        for each in self.all:
            if event["eventType"] in each.events:
                each.queued.append(event)
                self._serve(each)

    def handle(self, connection: Connection, request: Request) -> bool:
        """Answer a request, if it is one of these APIs."""
        if request.path in TELEMETRY:
            self._subscribe(connection, request)
        elif request.path.startswith(EXTENSIONS):
            match request.method, request.path.removeprefix(EXTENSIONS):
                case "POST", "register":
                    self._register(connection, request)
                case "GET", "event/next":
                    self._next(connection, request)
                case "POST", "init/error" | "exit/error":
                    self._error(connection, request)
                case _:
                    refuse(connection, HTTPStatus.NOT_FOUND, "ResourceNotFound", f"no such path: {request.path}")
        else:
            return False
        return True

    def lost(self, connection: Connection) -> None:
        """A connection has gone."""
        for each in self.all:
            if each.waiting is connection:
                each.waiting = None

    def _register(self, connection: Connection, request: Request) -> None:
        name = request.headers.get("lambda-extension-name", "")
        wanted = _document(request.body).get("events")
        events = frozenset(wanted) if isinstance(wanted, list) else frozenset()
        if self.initialized:
            return refuse(connection, HTTPStatus.FORBIDDEN, "Extension.RegistrationClosed", "initialization has ended")
        if not name or len(self._by_id) >= MOST or any(each.name == name for each in self.all):
            return refuse(connection, HTTPStatus.BAD_REQUEST, "Extension.InvalidName", f"{name or 'no name'} cannot register")
        external = name in self._names
        allowed = _EVENTS if external else frozenset({"INVOKE"})
        if not events <= allowed:
            return refuse(connection, HTTPStatus.BAD_REQUEST, "Extension.InvalidEventType", f"{sorted(events - allowed)}")
        made = Extension(id=str(uuid.uuid4()), name=name, events=events, external=external)
        self._by_id[made.id] = made
        return connection.send(HTTPStatus.OK, json.dumps(self._about).encode(), {"Lambda-Extension-Identifier": made.id})

    def _next(self, connection: Connection, request: Request) -> None:
        if each := self._named(connection, request):
            each.waiting = connection
            self._serve(each)
            self._ready()

    def _serve(self, each: Extension) -> None:
        if each.waiting and each.queued:
            connection, each.waiting = each.waiting, None
            connection.send(
                HTTPStatus.OK, json.dumps(each.queued.pop(0)).encode(), {"Lambda-Extension-Event-Identifier": str(uuid.uuid4())}
            )

    def _error(self, connection: Connection, request: Request) -> None:
        if each := self._named(connection, request):
            each.failed = request.headers.get("lambda-extension-function-error-type") or "Extension.Error"
            connection.send(HTTPStatus.ACCEPTED, b'{"status":"OK"}\n')
            self._ready()

    def _subscribe(self, connection: Connection, request: Request) -> None:
        if self._named(connection, request) is None:
            return None
        given = _document(request.body)
        uri = urlsplit(str((given.get("destination") or {}).get("URI") or ""))
        types = frozenset(given.get("types") or ())
        if uri.hostname not in ("sandbox.localdomain", "sandbox", "127.0.0.1", "localhost") or not uri.port or not types <= _TYPES:
            return refuse(connection, HTTPStatus.BAD_REQUEST, "ValidationError", "a destination of the environment, and known types")
        self.listeners.append(Listener(uri.port, uri.path or "/", types))
        return connection.send(HTTPStatus.OK, b'"OK"')

    def _named(self, connection: Connection, request: Request) -> Extension | None:
        found = self._by_id.get(request.headers.get("lambda-extension-identifier", ""))
        if found is None:
            refuse(connection, HTTPStatus.FORBIDDEN, "Extension.UnknownExtensionIdentifier", "register first")
        return found


def _document(body: bytes) -> dict[str, Any]:
    try:
        given = json.loads(body)
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}
