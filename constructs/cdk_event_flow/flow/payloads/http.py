"""Requests to APIs and function URLs, as functions receive them.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from cdk_event_flow.errors import EventError, Problem
from cdk_event_flow.flow.payload import DEFAULT_ID, EPOCH_MS, as_text

TIME = "01/Jan/2026:00:00:00 +0000"


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request; `body` is text."""

    method: str
    path: str
    body: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, given: Any) -> Self:
        """Read `{"method": "POST", "path": "/orders", "body": {…}, "headers": {…}, "query": {…}}`. Raises EventError.

        Only the path must be; the method is POST where there is a body, else GET; a body that is no text is sent as JSON.
        """
        match given:
            case {"path": str(path)}:
                body = None if given.get("body") is None else as_text(given["body"])
                headers = {name.lower(): value for name, value in texts(given.get("headers")).items()}
                method = str(given.get("method", "GET" if body is None else "POST")).upper()
                return cls(method, "/" + path.lstrip("/"), body, headers, texts(given.get("query")))
        raise EventError(
            "the API",
            Problem(code="EF-EVENT", given=f"{as_text(given)[:80]} was sent to it", allowed="an API takes a request",
                    fix='give {"method": "POST", "path": "/orders", "body": {…}}'),
        )  # fmt: skip


def texts(given: Any) -> dict[str, str]:
    """An object with its names and values as texts; empty for what is none."""
    return {str(name): str(value) for name, value in given.items()} if isinstance(given, Mapping) else {}


def matched(route: str, path: str) -> dict[str, str] | None:
    """The path parameters where a route's path fits a request's, else None. `{name+}` takes all that follows."""
    wanted, parts = route.strip("/").split("/"), path.strip("/").split("/")
    found: dict[str, str] = {}
    for index, each in enumerate(wanted):
        if each.startswith("{") and each.endswith("+}"):
            found[each[1:-2]] = "/".join(parts[index:])
            return found if parts[index:] not in ([], [""]) else None
        if index >= len(parts):
            return None
        if each.startswith("{") and each.endswith("}"):
            found[each[1:-1]] = parts[index]
        elif each != parts[index]:
            return None
    return found if len(wanted) == len(parts) else None


def version_2(request: Request, route: str, parameters: Mapping[str, str], *, api: str, account: str) -> dict[str, Any]:
    """The event of an HTTP API and of a function URL."""
    query = "&".join(f"{name}={value}" for name, value in request.query.items())
    return {
        "version": "2.0",
        "routeKey": route,
        "rawPath": request.path,
        "rawQueryString": query,
        "headers": dict(request.headers),
        **({"queryStringParameters": dict(request.query)} if request.query else {}),
        **({"pathParameters": dict(parameters)} if parameters else {}),
        "requestContext": {
            "accountId": account,
            "apiId": api,
            "domainName": f"{api}.execute-api.example.com",
            "domainPrefix": api,
            "http": {
                "method": request.method, "path": request.path, "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1", "userAgent": "EXAMPLE",
            },
            "requestId": DEFAULT_ID,
            "routeKey": route,
            "stage": "$default",
            "time": TIME,
            "timeEpoch": EPOCH_MS,
        },
        **({"body": request.body} if request.body is not None else {}),
        "isBase64Encoded": False,
    }  # fmt: skip


def version_1(request: Request, resource: str, parameters: Mapping[str, str], *, api: str, account: str) -> dict[str, Any]:
    """The event of a REST API, and of an HTTP API with payload format 1.0."""
    return {
        "version": "1.0",
        "resource": resource,
        "path": request.path,
        "httpMethod": request.method,
        "headers": dict(request.headers),
        "multiValueHeaders": {name: [value] for name, value in request.headers.items()},
        "queryStringParameters": dict(request.query) or None,
        "multiValueQueryStringParameters": {name: [value] for name, value in request.query.items()} or None,
        "pathParameters": dict(parameters) or None,
        "stageVariables": None,
        "requestContext": {
            "accountId": account,
            "apiId": api,
            "domainName": f"{api}.execute-api.example.com",
            "domainPrefix": api,
            "extendedRequestId": "EXAMPLE=",
            "httpMethod": request.method,
            "path": request.path,
            "protocol": "HTTP/1.1",
            "requestId": DEFAULT_ID,
            "requestTime": TIME,
            "requestTimeEpoch": EPOCH_MS,
            "resourcePath": resource,
            "stage": "prod",
            "identity": {"sourceIp": "127.0.0.1", "userAgent": "EXAMPLE"},
        },
        "body": request.body,
        "isBase64Encoded": False,
    }


def websocket_event(route: str, message: Any, *, api: str) -> dict[str, Any]:
    """The event of a WebSocket API: a message, or that somebody came or went.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-develop-integrations.html
    """
    kind = {"$connect": "CONNECT", "$disconnect": "DISCONNECT"}.get(route, "MESSAGE")
    context: dict[str, Any] = {
        "routeKey": route,
        "eventType": kind,
        "messageDirection": "IN",
        "connectionId": "EXAMPLE=",
        "connectedAt": EPOCH_MS,
        "requestTime": TIME,
        "requestTimeEpoch": EPOCH_MS,
        "requestId": DEFAULT_ID,
        "extendedRequestId": "EXAMPLE=",
        "apiId": api,
        "domainName": f"{api}.execute-api.example.com",
        "stage": "prod",
        "identity": {"sourceIp": "127.0.0.1", "userAgent": "EXAMPLE"},
    }
    if kind == "MESSAGE":
        return {"requestContext": {**context, "messageId": DEFAULT_ID}, "body": as_text(message), "isBase64Encoded": False}
    if kind == "DISCONNECT":
        context |= {"disconnectStatusCode": 1005, "disconnectReason": ""}
    host = context["domainName"]
    return {"headers": {"Host": host}, "multiValueHeaders": {"Host": [host]}, "requestContext": context, "isBase64Encoded": False}
