"""API Gateway: HTTP APIs and REST APIs, their routes as resources of their own or in an OpenAPI body."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Literal

from cdk_event_flow.flow.arns import arn_of
from cdk_event_flow.flow.model import Node
from cdk_event_flow.flow.readers.integrations import Served, served
from cdk_event_flow.flow.readers.resource import Identity, Resource, as_mapping
from cdk_event_flow.flow.sources import Api, Route

INTEGRATION = "x-amazon-apigateway-integration"
_VERBS = ("get", "put", "post", "delete", "options", "head", "patch")
_ANY = "x-amazon-apigateway-any-method"


def http_api(resource: Resource) -> tuple[Node, ...]:
    """An HTTP or WebSocket API, its route of the quick creation, and the routes in its body."""
    websocket = resource.text("ProtocolType") == "WEBSOCKET"
    target = resource.text("Target")
    protocol: Literal["WEBSOCKET", "HTTP"] = "WEBSOCKET" if websocket else "HTTP"
    selection = resource.text("RouteSelectionExpression")
    more: dict[str, Any] = {"type": resource.type, "properties": resource.properties}
    api = Api(**resource.identity(), protocol=protocol, quick=bool(target), selection=selection, **more)
    routes = [*_in_body(resource)]
    if target:
        method, path = _key(resource.text("RouteKey", "$default"))
        role = {"Credentials": resource.properties.get("CredentialsArn")}
        proxy = {"Type": "AWS_PROXY", "Uri": target, "PayloadFormatVersion": "2.0", **role}
        routes.append((method, path, served(proxy, resource.resolver)))
    return api, *_routes(resource.identity(), routes)


def http_route(resource: Resource) -> Route:
    """A route with what its integration calls."""
    method, path = _key(resource.text("RouteKey"))
    by = Served()
    integration_id = resource.text("Target").removeprefix("integrations/")
    resolver = resource.resolver
    for logical_id in resolver.section("Resources"):
        if resolver.type(logical_id) == "AWS::ApiGatewayV2::Integration" and resolver.name(logical_id) == integration_id:
            by = served(resolver.properties(logical_id), resolver)
    api_arn = arn_of("execute-api", resource.text("ApiId"), resolver.region, resolver.account)
    return _route(resource.identity(), api_arn, method, path, by, resource.properties)


def rest_api(resource: Resource) -> tuple[Node, ...]:
    """A REST API, and the routes in its body."""
    return (
        Api(**resource.identity(), type=resource.type, properties=resource.properties, protocol="REST"),
        *_routes(resource.identity(), [*_in_body(resource)]),
    )


def rest_method(resource: Resource) -> Route:
    """A method of a REST API, with the path that its resource has."""
    resolver = resource.resolver
    by = served(resource.mapping("Integration"), resolver)
    api_arn = arn_of("execute-api", resource.text("RestApiId"), resolver.region, resolver.account)
    return _route(resource.identity(), api_arn, resource.text("HttpMethod", "ANY"), _path_of(resource), by, resource.properties)


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
    while at in by_id and len(parts) < len(by_id):
        parts.append(by_id[at].text("PathPart"))
        at = by_id[at].text("ParentId")
    return "/" + "/".join(reversed(parts))


def _in_body(resource: Resource) -> Iterator[tuple[str, str, Served]]:
    """Routes of an OpenAPI body."""
    for path, operations in as_mapping(resource.mapping("Body").get("paths")).items():
        for verb, operation in as_mapping(operations).items():
            integration = as_mapping(as_mapping(operation).get(INTEGRATION))
            if integration and (verb.lower() in _VERBS or verb == _ANY):
                yield "ANY" if verb == _ANY else verb.upper(), path, served(integration, resource.resolver)


def _routes(api: Identity, routes: list[tuple[str, str, Served]]) -> Iterator[Route]:
    for number, (method, path, by) in enumerate(routes, start=1):
        name = f"{method} {path}"
        identity: Identity = {**api, "arn": f"{api['arn']}/{number}", "name": name, "path": f"{api['path']}/{name}", "unknown": {}}
        yield _route(identity, api["arn"], method, path, by)


def _route(
    identity: Identity, api_arn: str, method: str, url: str, by: Served, properties: Mapping[str, Any] = MappingProxyType({})
) -> Route:
    return Route(
        **identity,
        type="AWS::ApiGatewayV2::Route",
        properties=properties,
        api_arn=api_arn,
        method=method,
        url=url,
        target_arn=by.target_arn,
        kind=by.kind,
        parameters=by.parameters,
        role_arn=by.role_arn,
        actions=by.actions,
    )


def _key(key: str) -> tuple[str, str]:
    """`POST /orders`, or a key without a method: `$default`."""
    method, space, path = key.partition(" ")
    return (method, path) if space else ("ANY", key)
