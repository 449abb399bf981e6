"""HTTP/1.1 as far as the Runtime API needs it: requests with a Content-Length, on kept-alive connections."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

# The largest body that is read at all: a little over the Runtime API's own limit, which it answers itself.
BODY_LIMIT = 64 * 1024 * 1024
HEAD_LIMIT = 2 * 1024 * 1024  # the X-Ray cause of an error travels in a header of up to 1 MiB


@dataclass(frozen=True, slots=True)
class Request:
    """One request; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Connection(asyncio.Protocol):
    """One connection of a client. `handle` is given each request and answers by `send`, at once or later."""

    def __init__(self, handle: Callable[["Connection", Request], None], lost: Callable[["Connection"], None]) -> None:
        self._handle = handle
        self._lost = lost
        self._buffer = bytearray()
        self._head: tuple[str, str, dict[str, str], int] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's name
        self._transport = None
        self._lost(self)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while self._transport is not None and (request := self._next()) is not None:
            self._handle(self, request)

    def _next(self) -> Request | None:
        if self._head is None:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                if len(self._buffer) > HEAD_LIMIT:
                    self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
                return None
            lines = self._buffer[:end].decode("latin-1").split("\r\n")
            del self._buffer[: end + 4]
            method, _, rest = lines[0].partition(" ")
            headers = {name.strip().lower(): value.strip() for name, _, value in (h.partition(":") for h in lines[1:])}
            length = headers.get("content-length", "0")
            if "transfer-encoding" in headers or not length.isdigit():
                self._refuse(HTTPStatus.LENGTH_REQUIRED)
                return None
            if int(length) > BODY_LIMIT:
                self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
                return None
            if headers.get("expect", "").lower() == "100-continue" and self._transport is not None:
                self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self._head = (method, rest.rpartition(" ")[0], headers, int(length))
        method, path, headers, size = self._head
        if len(self._buffer) < size:
            return None
        body = bytes(self._buffer[:size])
        del self._buffer[:size]
        self._head = None
        return Request(method, path, headers, body)

    def _refuse(self, status: HTTPStatus) -> None:
        self.send(status, b"", {"Connection": "close"})
        if self._transport is not None:
            self._transport.close()

    def send(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        """Answer the request in hand. Does nothing where the client has gone."""
        if self._transport is None:
            return
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", "Content-Type: application/json"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        lines.append(f"Content-Length: {len(body)}\r\n\r\n")
        self._transport.write("\r\n".join(lines).encode("utf-8") + body)

    def close(self) -> None:
        """End the connection without waiting for the client."""
        if self._transport is not None:
            self._transport.abort()
