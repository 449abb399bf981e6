"""API Gateway: HTTP APIs and REST APIs, their routes as resources of their own or in an OpenAPI body.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-aws-services-reference.html
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from cdk_event_flow.flow.arns import arn_of
from cdk_event_flow.flow.model import Node
from cdk_event_flow.flow.readers.events import bus_named
from cdk_event_flow.flow.readers.resource import Identity, Resource, as_mapping, text_at
from cdk_event_flow.flow.sources import Api, Route

INTEGRATION = "x-amazon-apigateway-integration"
_VERBS = ("get", "put", "post", "delete", "options", "head", "patch")
_ANY = "x-amazon-apigateway-any-method"


class _Served(NamedTuple):
    """What serves a route."""

    arn: str
    kind: Literal["proxy-v1", "proxy-v2", "parameters", "template"]
    parameters: dict[str, str]


def http_api(resource: Resource) -> tuple[Node, ...]:
    """An HTTP or WebSocket API, its route of the quick creation, and the routes in its body."""
    websocket = resource.text("ProtocolType") == "WEBSOCKET"
    api = Api(**resource.identity(), type=resource.type, protocol="WEBSOCKET" if websocket else "HTTP")
    routes = [*_in_body(resource, "HTTP")]
    if target := resource.text("Target"):
        method, path = _key(resource.text("RouteKey", "$default"))
        routes.append((method, path, _served(target, "AWS_PROXY", "2.0")))
    return api, *_routes(resource.identity(), routes)


def http_route(resource: Resource) -> Route:
    """A route with what its integration calls."""
    method, path = _key(resource.text("RouteKey"))
    served = _Served("", "template", {})
    integration_id = resource.text("Target").removeprefix("integrations/")
    resolver = resource.resolver
    for logical_id in resolver.section("Resources"):
        if resolver.type(logical_id) == "AWS::ApiGatewayV2::Integration" and resolver.name(logical_id) == integration_id:
            served = _integration(Resource(resolver, logical_id))
    api_arn = arn_of("execute-api", resource.text("ApiId"), resolver.region, resolver.account)
    return _route(resource.identity(), api_arn, method, path, served)


def rest_api(resource: Resource) -> tuple[Node, ...]:
    """A REST API, and the routes in its body."""
    return (
        Api(**resource.identity(), type=resource.type, protocol="REST"),
        *_routes(resource.identity(), [*_in_body(resource, "REST")]),
    )


def rest_method(resource: Resource) -> Route:
    """A method of a REST API, with the path that its resource has."""
    integration = resource.mapping("Integration")
    resolver = resource.resolver
    served = _served(text_at(integration, "Uri") or "", text_at(integration, "Type") or "", "1.0")
    api_arn = arn_of("execute-api", resource.text("RestApiId"), resolver.region, resolver.account)
    return _route(resource.identity(), api_arn, resource.text("HttpMethod", "ANY"), _path_of(resource), served)


def _path_of(method: Resource) -> str:
    """The path from the root: a method's resource has a parent, and that has one."""
    resolver = method.resolver
    parts: list[str] = []
    by_id = {
        resolver.name(each): Resource(resolver, each)
        for each in resolver.section("Resources")
        if resolver.type(each) == "AWS::ApiGateway::Resource"
    }
    at = method.text("ResourceId")
    while at in by_id and len(parts) <= len(by_id):
        parts.append(by_id[at].text("PathPart"))
        at = by_id[at].text("ParentId")
    return "/" + "/".join(reversed(parts))


def _integration(resource: Resource) -> _Served:
    """An integration of an HTTP API: a function, an AWS service, or an address."""
    subtype = resource.text("IntegrationSubtype")
    parameters = {name: text_at(value) or "" for name, value in resource.mapping("RequestParameters").items()}
    resolver = resource.resolver
    match subtype.partition("-")[0]:
        case "EventBridge":
            given = Resource(resolver, resource.logical_id)
            given.properties = resource.mapping("RequestParameters")
            return _Served(bus_named(given, "EventBusName"), "parameters", parameters)
        case "SQS":
            return _Served(queue_arn(parameters.get("QueueUrl", "")), "parameters", parameters)
        case "StepFunctions":
            return _Served(parameters.get("StateMachineArn", ""), "template", parameters)
        case "Kinesis":
            stream = parameters.get("StreamName", "")
            return _Served(arn_of("kinesis", f"stream/{stream}", resolver.region, resolver.account), "parameters", parameters)
    version = resource.text("PayloadFormatVersion", "1.0")
    return _served(resource.text("IntegrationUri"), resource.text("IntegrationType"), version)


def _served(uri: str, integration_type: str, version: str) -> _Served:
    """What an integration's address means."""
    proxy = integration_type.upper() in ("AWS_PROXY", "HTTP_PROXY")
    kind: Literal["proxy-v1", "proxy-v2", "template"] = "template" if not proxy else "proxy-v2" if version == "2.0" else "proxy-v1"
    if found := re.search(r"functions/(arn:.+?)/invocations", uri):
        return _Served(found[1], kind, {})
    if found := re.search(r":apigateway:([^:]+):sqs:path/(\d+)/(.+)", uri):
        return _Served(arn_of("sqs", found[3], found[1], found[2]), "template", {})
    return _Served(uri, kind, {})


def queue_arn(url: str) -> str:
    """The ARN of the queue of this URL; what is no such URL as it stands."""
    found = re.fullmatch(r"https://sqs\.([^.]+)\.[^/]+/([^/]+)/([^/]+)", url)
    return arn_of("sqs", found[3], found[1], found[2]) if found else url


def _in_body(resource: Resource, protocol: str) -> Iterator[tuple[str, str, _Served]]:
    """Routes of an OpenAPI body."""
    for path, operations in as_mapping(resource.mapping("Body").get("paths")).items():
        for verb, operation in as_mapping(operations).items():
            integration = as_mapping(as_mapping(operation).get(INTEGRATION))
            if integration and (verb.lower() in _VERBS or verb == _ANY):
                version = text_at(integration, "payloadFormatVersion") or "1.0"
                uri, kind = text_at(integration, "uri") or "", text_at(integration, "type") or ""
                served = _served(uri, kind, version if protocol == "HTTP" else "1.0")
                yield "ANY" if verb == _ANY else verb.upper(), path, served


def _routes(api: Identity, routes: list[tuple[str, str, _Served]]) -> Iterator[Route]:
    for number, (method, path, served) in enumerate(routes, start=1):
        name = f"{method} {path}"
        identity = Identity(
            logical_id=api["logical_id"], arn=f"{api['arn']}/{number}", name=name, path=f"{api['path']}/{name}", unknown={}
        )
        yield _route(identity, api["arn"], method, path, served)


def _route(identity: Identity, api_arn: str, method: str, url: str, served: _Served) -> Route:
    return Route(
        **identity,
        type="AWS::ApiGatewayV2::Route",
        api_arn=api_arn,
        method=method,
        url=url,
        target_arn=served.arn,
        kind=served.kind,
        parameters=served.parameters,
    )


def _key(key: str) -> tuple[str, str]:
    """`POST /orders`, or a key without a method: `$default`."""
    method, space, path = key.partition(" ")
    return (method, path) if space else ("ANY", key)
