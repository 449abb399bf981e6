"""APIs and their routes: as resources of their own, of the quick creation, in an OpenAPI body."""

import pytest

from .reading import HERE, OPEN, nodes, said

FUNCTION = f"arn:aws:lambda:{HERE}:function:work"
API = f"arn:aws:execute-api:{HERE}:Shop-It"
INTEGRATION = "x-amazon-apigateway-integration"
PROXY = {"type": "aws_proxy", "uri": FUNCTION, "payloadFormatVersion": "2.0"}
HTTP, ROUTE, METHOD = "AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Route", "AWS::ApiGateway::Method"


@pytest.mark.parametrize(
    ("type", "properties", "fields"),
    [
        (HTTP, {}, {"type": HTTP}),
        (HTTP, {"ProtocolType": "HTTP"}, {"type": HTTP}),
        (
            HTTP,
            {"ProtocolType": "WEBSOCKET", "RouteSelectionExpression": "$request.body.action"},
            {"type": HTTP, "protocol": "WEBSOCKET", "selection": "$request.body.action"},
        ),
        ("AWS::ApiGateway::RestApi", {}, {"type": "AWS::ApiGateway::RestApi", "protocol": "REST"}),
    ],
)
def test_what_is_read_of_an_api(type, properties, fields):
    (api,) = nodes(type, properties)
    assert (api.__class__.__name__, said(api), api.properties) == ("Api", fields, properties)


@pytest.mark.parametrize(("key", "method", "url"), [({}, "ANY", "$default"), ({"RouteKey": "GET /a b"}, "GET", "/a b")])
def test_an_api_of_the_quick_creation_has_its_route(key, method, url):
    tags = {"Team": "shop"}
    api, route = nodes(HTTP, {"Target": FUNCTION, "CredentialsArn": "arn:role", "Tags": tags, "Version": OPEN, **key})
    assert said(api) == {"type": HTTP, "quick": True}
    assert said(route) == {
        "type": ROUTE, "api_arn": API, "method": method, "url": url, "target_arn": FUNCTION, "role_arn": "arn:role",
    }  # fmt: skip
    name = f"{method} {url}"
    assert (route.arn, route.name, route.path, route.unknown, route.tags) == (f"{API}/1", name, f"It/{name}", {}, tags)
    assert route.properties == {}


@pytest.mark.parametrize("type", [HTTP, "AWS::ApiGateway::RestApi"])
def test_a_body_has_routes(type):
    verbs = ["get", "put", "post", "delete", "options", "head", "patch"]
    paths = {
        "/a": {verb: {INTEGRATION: PROXY} for verb in verbs},
        "/b": {"x-amazon-apigateway-any-method": {INTEGRATION: PROXY}, "GET": {INTEGRATION: PROXY}},
        "/c": {"get": {"responses": {}}, "parameters": {INTEGRATION: PROXY}, "x-other": {INTEGRATION: PROXY}},
    }
    _, *routes = nodes(type, {"Body": {"paths": paths}})
    expected = [f"{verb.upper()} /a" for verb in verbs] + ["ANY /b", "GET /b"]
    assert [route.name for route in routes] == expected
    assert [f"{route.method} {route.url}" for route in routes] == expected
    assert [route.arn for route in routes] == [f"{API}/{number}" for number in range(1, 10)]
    assert {(route.target_arn, route.kind, route.api_arn) for route in routes} == {(FUNCTION, "proxy-v2", API)}


@pytest.mark.parametrize(
    ("integration", "fields"),
    [
        (
            {"IntegrationType": "AWS_PROXY", "IntegrationUri": FUNCTION, "PayloadFormatVersion": "2.0", "CredentialsArn": "arn:role"},
            {"target_arn": FUNCTION, "role_arn": "arn:role"},
        ),
        ({"IntegrationType": "HTTP_PROXY", "IntegrationUri": "https://a.b/"}, {"target_arn": "https://a.b/", "kind": "proxy-v1"}),
        (
            {"IntegrationSubtype": "SQS-SendMessage", "RequestParameters": {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/1/q"}},
            {
                "target_arn": "arn:aws:sqs:eu-west-1:1:q", "kind": "parameters", "actions": ("sqs:SendMessage",),
                "parameters": {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/1/q"},
            },
        ),
    ],
)  # fmt: skip
def test_a_route_of_its_own_is_served_by_its_integration(integration, fields):
    kind = "AWS::ApiGatewayV2::Integration"
    beside = {"Other": (kind, {"IntegrationUri": "arn:other"}), "Integration": (kind, integration), "Last": (kind, {})}
    key = {"ApiId": "api", "RouteKey": "GET /orders", "Target": {"Fn::Join": ["/", ["integrations", {"Ref": "Integration"}]]}}
    (route,) = nodes(ROUTE, key, beside=beside)
    usual = {"type": ROUTE, "api_arn": f"arn:aws:execute-api:{HERE}:api", "method": "GET", "url": "/orders"}
    assert said(route) == {**usual, **fields}
    assert route.properties["RouteKey"] == "GET /orders"


@pytest.mark.parametrize("target", [{}, {"Target": "integrations/elsewhere"}, {"Target": "integrations/Shop-Else"}])
def test_a_route_of_an_integration_that_is_not_here_is_served_by_nothing(target):
    beside = {"Else": ("AWS::Some::Thing", {"Uri": FUNCTION}), "Integration": ("AWS::ApiGatewayV2::Integration", {"Uri": FUNCTION})}
    (route,) = nodes(ROUTE, {"RouteKey": "$default", **target}, beside=beside)
    assert said(route) == {
        "type": ROUTE, "api_arn": f"arn:aws:execute-api:{HERE}:", "method": "ANY", "url": "$default", "target_arn": "",
        "kind": "template",
    }  # fmt: skip


def resource(parent, part):
    """A resource of a REST API."""
    return ("AWS::ApiGateway::Resource", {"ParentId": parent, "PathPart": part})


ROOT = {"Fn::GetAtt": ["Rest", "RootResourceId"]}
TREE = {
    "Orders": resource(ROOT, "orders"),
    "Order": resource({"Ref": "Orders"}, "{id}"),
    "Lines": resource({"Ref": "Order"}, "lines"),
    "Rest": ("AWS::ApiGateway::RestApi", {}),
    "Itself": resource({"Fn::Sub": "Shop-Itself"}, "again"),
    "Thing": ("AWS::Some::Thing", {"ParentId": {"Ref": "Orders"}, "PathPart": "thing"}),
}


@pytest.mark.parametrize(
    ("at", "url"),
    [
        (ROOT, "/"),
        ({"Ref": "Orders"}, "/orders"),
        ({"Ref": "Lines"}, "/orders/{id}/lines"),
        ("Shop-Thing", "/"),
        ("elsewhere", "/"),
        ({"Ref": "Itself"}, "/again/again/again/again"),
    ],
)
def test_a_method_of_a_rest_api_has_the_path_of_its_resource(at, url):
    (route,) = nodes(METHOD, {"ResourceId": at}, beside=TREE)
    assert route.url == url


def test_what_is_read_of_a_method():
    given = {
        "RestApiId": "rest",
        "HttpMethod": "POST",
        "Integration": {"Type": "AWS_PROXY", "Uri": FUNCTION, "Credentials": "arn:role"},
    }
    (route,) = nodes(METHOD, given)
    assert said(route) == {
        "type": ROUTE, "api_arn": f"arn:aws:execute-api:{HERE}:rest", "method": "POST", "url": "/", "target_arn": FUNCTION,
        "kind": "proxy-v1", "role_arn": "arn:role",
    }  # fmt: skip
    assert route.properties == given
    (route,) = nodes(METHOD, {})
    assert (route.method, route.target_arn, route.api_arn) == ("ANY", "", f"arn:aws:execute-api:{HERE}:")
