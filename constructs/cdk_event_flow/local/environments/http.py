"""HTTP/1.1 as far as the Runtime API needs it: kept-alive connections, bodies of a given length or in chunks."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

# The largest body that is read at all: a little over the Runtime API's own limit, which it answers itself.
BODY_LIMIT = 64 * 1024 * 1024
_HEXADECIMAL = b"0123456789abcdefABCDEF"
HEAD_LIMIT = 2 * 1024 * 1024  # the X-Ray cause of an error travels in a header of up to 1 MiB


@dataclass(frozen=True, slots=True)
class Request:
    """One request; header names in lower case, trailers among them."""

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
        self._head: tuple[str, str, dict[str, str], int | None] | None = None  # None: the body comes in chunks
        self._chunks = bytearray()
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
            headers = _headers(lines[1:])
            length = headers.get("content-length", "0")
            chunked = headers.get("transfer-encoding", "").lower() == "chunked"
            if not length.isdigit() or ("transfer-encoding" in headers and not chunked):
                self._refuse(HTTPStatus.LENGTH_REQUIRED)
                return None
            if int(length) > BODY_LIMIT:
                self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
                return None
            if headers.get("expect", "").lower() == "100-continue" and self._transport is not None:
                self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self._head = (method, rest.rpartition(" ")[0], headers, None if chunked else int(length))
        method, path, headers, size = self._head
        body = self._unchunked(headers) if size is None else self._whole(size)
        if body is None:
            return None
        self._head = None
        return Request(method, path, headers, body)

    def _whole(self, size: int) -> bytes | None:
        if len(self._buffer) < size:
            return None
        body = bytes(self._buffer[:size])
        del self._buffer[:size]
        return body

    def _unchunked(self, headers: dict[str, str]) -> bytes | None:
        """The body, once its last chunk has come (https://www.rfc-editor.org/rfc/rfc9112#section-7.1); trailers join `headers`."""
        while (line := self._buffer.find(b"\r\n")) >= 0:
            digits = bytes(self._buffer[:line]).partition(b";")[0].strip()
            if not digits or digits.strip(_HEXADECIMAL):
                self._refuse(HTTPStatus.BAD_REQUEST)
                return None
            size = int(digits, 16)
            if size == 0:
                end = self._buffer.find(b"\r\n\r\n", line)
                if end < 0:
                    return None
                headers |= _headers(self._buffer[line + 2 : end].decode("latin-1").split("\r\n")) if end > line else {}
                del self._buffer[: end + 4]
                body, self._chunks = bytes(self._chunks), bytearray()
                return body
            if len(self._chunks) + size > BODY_LIMIT:
                self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
                return None
            begin = line + 2
            if len(self._buffer) < begin + size + 2:
                return None
            self._chunks += self._buffer[begin : begin + size]
            del self._buffer[: begin + size + 2]
        return None

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


def _headers(lines: list[str]) -> dict[str, str]:
    return {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


def refuse(connection: Connection, status: HTTPStatus, error_type: str, message: str) -> None:
    """Answer with an error, as Lambda's own APIs say it."""
    connection.send(status, json.dumps({"errorMessage": message, "errorType": error_type}).encode())
