"""What a function answered, as an HTTP response.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cdk_event_flow.local.invocation import Fault, Invocation, answered

# https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html: metadata, eight zero bytes, then the body.
_PRELUDE = b"\0" * 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """An HTTP response; a header may come several times."""

    status: int
    body: bytes = b""
    headers: list[tuple[str, str]] = field(default_factory=list)


def message(status: int, text: str, *, capital: bool = False) -> Response:
    """An answer of the door itself: `{"message": "Not Found"}`; function URLs write `Message`."""
    body = json.dumps({"Message" if capital else "message": text}).encode()
    return Response(status=status, body=body, headers=[("Content-Type", "application/json")])


def failed(answer: Invocation, protocol: str) -> Response:
    """What a client gets when the function failed: never its error."""
    if protocol == "URL":
        if answer.fault is Fault.THROTTLED:
            return message(429, "Rate Exceeded.", capital=True)
        return Response(status=502, body=b"Internal Server Error", headers=[("Content-Type", "text/plain")])
    if protocol == "REST":
        return message(502, "Internal server error")
    return message(503, "Service Unavailable") if answer.fault is Fault.THROTTLED else message(500, "Internal Server Error")


def response_of(payload: bytes, protocol: str, *, second: bool, streamed: bool = False) -> Response | None:
    """The response that a function's answer means; None where it cannot be read as one. `second` is payload format 2.0.

    In format 2.0 an answer without a status code is the body of a 200, in 1.0 and for REST APIs it is malformed.
    """
    if streamed:
        head, zeros, rest = payload.partition(_PRELUDE)
        if not zeros:
            return Response(status=200, body=payload, headers=[("Content-Type", "application/octet-stream")])
        given = answered(head)
        made = _made(given, second=True) if isinstance(given, dict) else None
        return None if made is None else Response(status=made.status, body=rest, headers=made.headers)
    given = answered(payload)
    if isinstance(given, dict) and "statusCode" in given:
        return _made(given, second=second or protocol == "URL")
    if not (second or protocol == "URL"):
        return None
    body = b"" if given is None else given.encode() if isinstance(given, str) else json.dumps(given).encode()
    return Response(status=200, body=body, headers=[("Content-Type", "application/json")])


def _made(given: Mapping[str, Any], *, second: bool) -> Response | None:
    try:
        status = int(given.get("statusCode", 200))
        body = given.get("body")
        text = body if isinstance(body, str) else "" if body is None else json.dumps(body)
        content = base64.b64decode(text, validate=True) if given.get("isBase64Encoded") else text.encode()
        plain: Any = {} if given.get("headers") is None else given["headers"]
        headers = [(str(name), str(value)) for name, value in plain.items()]
        several = {} if second else given.get("multiValueHeaders") or {}
        headers = [each for each in headers if each[0] not in several]
        headers += [(str(name), str(value)) for name, values in several.items() for value in values]
        headers += [("Set-Cookie", str(value)) for value in (given.get("cookies") or [] if second else [])]
    except (TypeError, ValueError, AttributeError, binascii.Error):
        return None
    if not 100 <= status <= 599 or any("\r" in part or "\n" in part for header in headers for part in header):
        return None
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", "application/json" if second else "text/plain"))
    return Response(status=status, body=content, headers=headers)
