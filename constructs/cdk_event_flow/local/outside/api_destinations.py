"""API destinations: events as HTTP requests.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html
"""

import base64
import json
from collections.abc import Awaitable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from cdk_event_flow.flow.payloads.http import texts
from cdk_event_flow.flow.sources import ApiDestination
from cdk_event_flow.local.hub import Hub
from cdk_event_flow.local.outside.web import Web, refuse_status
from cdk_event_flow.local.post import Parcel
from cdk_event_flow.local.trace import Delivery, State

TIMEOUT = 5.0  # seconds
_AGAIN = frozenset({401, 407, 409, 429})
_TEXT_HEADERS = {
    "User-Agent": "Amazon/EventBridge/ApiDestinations",
    "Range": "bytes=0-1048575",
    "Content-Type": "application/json; charset=utf-8",
}


class LocalApiDestination:
    """One API destination, with the connection that authorizes its requests."""

    kind = "api destination"

    def __init__(self, node: ApiDestination, connection: Mapping[str, Any], *, hub: Hub, web: Web) -> None:
        self.node = node
        self.name = node.name
        self._parameters = connection.get("AuthParameters") or {}
        self._trace = hub.trace
        self._web = web

    def take(self, parcel: Parcel, delivery: Delivery) -> Awaitable[None] | None:
        """Send the request, or show what it would have been."""
        url = self._url(parcel.web)
        if not self._web.may(url):
            self._trace.shown(delivery, f"{self.node.method} {url}")
            return None
        return self._send(url, parcel, delivery)

    async def _send(self, url: str, parcel: Parcel, delivery: Delivery) -> None:
        invocation = self._parameters.get("InvocationHttpParameters") or {}
        headers = {
            **_TEXT_HEADERS,
            **_of_connection(invocation.get("HeaderParameters")),
            **texts(parcel.web.get("HeaderParameters")),
        }
        headers |= self._authorization()
        body = b"" if self.node.method in ("GET", "HEAD") else _with(parcel.body, invocation.get("BodyParameters"))
        status = await self._web.ask(self.node.method, url, headers, body, timeout=TIMEOUT)
        refuse_status(status, url, again=_AGAIN)
        self._trace.end(delivery, State.PROCESSED, f"{self.node.method} {url} answered {status}")

    def _url(self, given: Mapping[str, Any]) -> str:
        """The endpoint with `*` filled by the target's path parameters, and the query of connection and target."""
        url = self.node.endpoint
        for value in given.get("PathParameterValues") or ():
            url = url.replace("*", quote(str(value), safe=""), 1)
        invocation = self._parameters.get("InvocationHttpParameters") or {}
        query = {**texts(given.get("QueryStringParameters")), **_of_connection(invocation.get("QueryStringParameters"))}
        return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}" if query else url

    def _authorization(self) -> dict[str, str]:
        """The header of an API key or of a user name; a secret that the template does not hold is sent as it is written."""
        if key := self._parameters.get("ApiKeyAuthParameters"):
            return {str(key.get("ApiKeyName")): str(key.get("ApiKeyValue"))}
        if basic := self._parameters.get("BasicAuthParameters"):
            pair = f"{basic.get('Username')}:{basic.get('Password')}".encode()
            return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        return {}


def _of_connection(given: Any) -> dict[str, str]:
    """The parameters that a connection adds to every request: a list of Key and Value."""
    return {str(each.get("Key")): str(each.get("Value")) for each in given or () if isinstance(each, Mapping)}


def _with(body: str, given: Any) -> bytes:
    """The body, with the fields that the connection adds where it is a JSON object."""
    added = _of_connection(given)
    if added:
        try:
            content = json.loads(body)
        except ValueError:
            content = None
        if isinstance(content, dict):
            return json.dumps({**content, **added}).encode()
    return body.encode()
