"""From APIs and function URLs."""

from collections.abc import Iterator, Sequence
from typing import Any

from cdk_event_flow.flow import payload
from cdk_event_flow.flow.delivery import Delivery
from cdk_event_flow.flow.hops.hop import Sending
from cdk_event_flow.flow.model import Unknown
from cdk_event_flow.flow.payloads.http import Request, matched, version_1, version_2, websocket_event
from cdk_event_flow.flow.sources import Api, Route, Url


def from_api(sending: Sending, at: Delivery) -> Iterator[Delivery]:
    """The route that fits best: a path without parameters before one with, a method before ANY, `$default` last."""
    if at.by is not None:
        return  # EventBridge calls an API with what no template tells
    if isinstance(at.receiver, Api) and at.receiver.protocol == "WEBSOCKET":
        yield from _from_websocket(sending, at.receiver, at.payload)
        return
    request = Request.of(at.payload)
    routes = [each for each in sending.leading(at) if isinstance(each, Route)]
    taken = taken_by(routes, request)
    for route in routes:
        found = _fits(route, request)
        reasons: tuple[str, ...] = ()
        if found is None:
            reasons = (f"the request is {request.method} {request.path}, the route is {key_of(route)}",)
        elif route is not taken and taken is not None:
            reasons = (f"the route {key_of(taken)} fits {request.method} {request.path} better than {key_of(route)}",)
        yield sending.hop(route.target_arn, route, _given(sending, route, request, found or {}), reasons)


def taken_by(routes: Sequence[Route], request: Request) -> Route | None:
    """The route that a request takes; None where none fits."""
    fitting = [(_rank(each), each) for each in routes if _fits(each, request) is not None]
    best = max((rank for rank, _ in fitting), default=None)
    return next((each for rank, each in fitting if rank == best), None)


def made_of(route: Route, request: Request) -> dict[str, Any]:
    """What an AWS service that an HTTP API calls is given: the parameters of the integration, filled in."""
    parameters = _fits(route, request) or {}
    return {name: _filled(value, request, parameters) for name, value in route.parameters.items()}


def _from_websocket(sending: Sending, api: Api, message: Any) -> Iterator[Delivery]:
    """The route that the message names, else `$default`; `"$connect"` and `"$disconnect"` are sent as these words alone.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-develop-routes.html
    """
    routes = [each for each in sending.ways.out.get(api.arn, ()) if isinstance(each, Route)]
    place = api.selection.replace("${", "$").rstrip("}").removeprefix("$request.body.")
    named = payload.at_path(payload.json_or_text(message), f"$.{place}")
    of_message = str(named) if named in [each.url for each in routes if not each.url.startswith("$")] else "$default"
    taken = message if message in ("$connect", "$disconnect") else of_message
    for route in routes:
        reasons = () if route.url == taken else (f"the message takes the route {taken}, not {route.url}",)
        proxy = route.kind in ("proxy-v1", "proxy-v2")
        given: Any = websocket_event(taken, message, api=api.name) if proxy else Unknown(f"what the integration of {route.url} sends")
        yield sending.hop(route.target_arn, route, given, reasons)


def from_url(sending: Sending, at: Delivery) -> Iterator[Delivery]:
    """The function behind a URL."""
    url = at.receiver
    if isinstance(url, Url):
        request = Request.of(at.payload)
        event = version_2(request, "$default", {}, api=url.name, account=sending.flow.account)
        yield sending.hop(url.function_arn, url, event)


def _fits(route: Route, request: Request) -> dict[str, str] | None:
    if route.method not in ("ANY", request.method):
        return None
    return {} if route.url == "$default" else matched(route.url, request.path)


def _rank(route: Route) -> tuple[bool, bool, int, bool]:
    parts = route.url.strip("/").split("/")
    fixed = sum(not part.startswith("{") for part in parts)
    return route.url != "$default", not route.url.endswith("+}"), fixed, route.method != "ANY"


def key_of(route: Route) -> str:
    """`POST /orders`, or `$default`."""
    return route.url if route.url.startswith("$") else f"{route.method} {route.url}"


def _given(sending: Sending, route: Route, request: Request, parameters: dict[str, str]) -> Any:
    api, account = route.api_arn.rpartition(":")[2], sending.flow.account
    match route.kind:
        case "proxy-v2":
            return version_2(request, key_of(route), parameters, api=api, account=account)
        case "proxy-v1":
            return version_1(request, route.url, parameters, api=api, account=account)
        case "template":
            return Unknown(f"what the integration of {key_of(route)} makes of the request")
    made = made_of(route, request)
    if ":event-bus/" in route.target_arn:
        detail = payload.json_or_text(made.get("Detail", "{}"))
        entry = {"source": made.get("Source", ""), "detail-type": made.get("DetailType", "")}
        return {**payload.put_event(entry, account=account, region=sending.flow.region), "detail": detail}
    return made.get("MessageBody", made.get("Data", Unknown(f"what the integration of {key_of(route)} sends")))


def _filled(value: str, request: Request, parameters: dict[str, str]) -> Any:
    """A parameter mapping of an HTTP API: `$request.body`, `$request.body.path`, `$request.header.name`, or a constant.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html
    """
    if not value.startswith("$request."):
        return value if not value.startswith(("$context.", "$stageVariables.")) and "${" not in value else Unknown(value)
    part, _, name = value.removeprefix("$request.").partition(".")
    match part:
        case "body" if not name:
            return request.body or ""
        case "body":
            return payload.at_path(payload.json_or_text(request.body), f"$.{name}")
        case "header":
            return request.headers.get(name.lower(), "")
        case "querystring":
            return request.query.get(name, "")
        case "path":
            return parameters.get(name, "") if name else request.path
    return Unknown(value)
