"""A real request, as functions receive it: the flow's events with what came over the wire.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from cdk_event_flow.flow.payloads.http import Request, version_1, version_2

_TEXTS = ("text/", "application/json", "application/xml", "application/javascript", "application/x-www-form-urlencoded")


@dataclass(frozen=True, kw_only=True, slots=True)
class Came:
    """What came over the wire. `headers` are the pairs as they came, `path` without the stage."""

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        """A header; empty where it did not come."""
        return next((value for each, value in self.headers if each.lower() == name.lower()), "")

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The query."""
        return parse_qsl(self.query, keep_blank_values=True)

    @property
    def encoded(self) -> bool:
        """Whether the body is handed on in base64."""
        kind = self.header("Content-Type").lower()
        try:
            self.body.decode()
        except UnicodeDecodeError:
            return True
        return bool(self.body) and bool(kind) and not kind.startswith(_TEXTS) and "+json" not in kind

    def request(self) -> Request:
        """The request as the flow reads it: headers and parameters of one name joined by commas."""
        body = None
        if self.body:
            body = base64.b64encode(self.body).decode() if self.encoded else self.body.decode()
        return Request(self.method, unquote(self.path), body, _joined(self.headers, lower=True), _joined(self.pairs))


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """What the door adds: `now` in epoch seconds, `authorizer` as it stands in the event."""

    api: str
    account: str
    stage: str
    domain: str
    request_id: str
    now: float
    authorizer: Mapping[str, Any]


def event_2(came: Came, route: str, parameters: Mapping[str, str], context: Context) -> dict[str, Any]:
    """Payload format 2.0: cookies stand apart from the headers."""
    event = version_2(came.request(), route, parameters, api=context.api, account=context.account)
    cookies = [each.strip() for name, value in came.headers if name.lower() == "cookie" for each in value.split(";")]
    if cookies:
        event["cookies"] = cookies
        event["headers"].pop("cookie", None)
    prefix = "" if context.stage == "$default" else f"/{context.stage}"
    event["rawPath"] = prefix + came.path
    event["rawQueryString"] = came.query
    event["isBase64Encoded"] = came.encoded
    at = datetime.fromtimestamp(context.now, UTC)
    event["requestContext"] |= {
        "domainName": context.domain,
        "domainPrefix": context.domain.partition(".")[0],
        "requestId": context.request_id,
        "stage": context.stage,
        "time": f"{at:%d/%b/%Y:%H:%M:%S +0000}",
        "timeEpoch": int(context.now * 1000),
        **({"authorizer": dict(context.authorizer)} if context.authorizer else {}),
    }
    event["requestContext"]["http"] |= {"path": prefix + came.path, "userAgent": came.header("User-Agent")}
    return event


def event_1(came: Came, resource: str, parameters: Mapping[str, str], context: Context) -> dict[str, Any]:
    """Payload format 1.0, that of REST APIs too: several values of one name stand in lists."""
    event = version_1(came.request(), resource, parameters, api=context.api, account=context.account)
    event["headers"] = dict(came.headers)
    event["multiValueHeaders"] = _lists(came.headers)
    event["queryStringParameters"] = dict(came.pairs) or None
    event["multiValueQueryStringParameters"] = _lists(came.pairs) or None
    event["isBase64Encoded"] = came.encoded
    at = datetime.fromtimestamp(context.now, UTC)
    event["requestContext"] |= {
        "domainName": context.domain,
        "domainPrefix": context.domain.partition(".")[0],
        "path": (f"/{context.stage}" if context.stage != "$default" else "") + came.path,
        "requestId": context.request_id,
        "stage": context.stage,
        "requestTime": f"{at:%d/%b/%Y:%H:%M:%S +0000}",
        "requestTimeEpoch": int(context.now * 1000),
        **({"authorizer": dict(context.authorizer)} if context.authorizer else {}),
    }
    event["requestContext"]["identity"]["userAgent"] = came.header("User-Agent")
    return event


def _joined(pairs: Any, *, lower: bool = False) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in pairs:
        key = name.lower() if lower else name
        found[key] = f"{found[key]},{value}" if key in found else value
    return found


def _lists(pairs: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found
