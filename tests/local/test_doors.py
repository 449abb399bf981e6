"""HTTP APIs, REST APIs and function URLs: real requests in, the function's answer out."""

import base64
import http.client
import json
from pathlib import Path

import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.local.doors.answers import response_of
from cdk_event_flow.local.invocation import Fault
from cdk_event_flow.local.trace import State

from . import world as w


def resource(type, **properties):
    return {"Type": f"AWS::{type}", "Properties": properties}


def invoking(function):
    return {"Fn::Sub": f"arn:aws:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/functions/${{{function}.Arn}}/invocations"}


def route(key, integration, api="Api", **more):
    target = {"Fn::Join": ["/", ["integrations", {"Ref": integration}]]}
    return resource("ApiGatewayV2::Route", ApiId={"Ref": api}, RouteKey=key, Target=target, **more)


def integration(function, version="2.0", api="Api"):
    uri = {"Fn::GetAtt": [function, "Arn"]}
    return resource(
        "ApiGatewayV2::Integration", ApiId={"Ref": api}, IntegrationType="AWS_PROXY", IntegrationUri=uri, PayloadFormatVersion=version
    )


JWT = {"Audience": ["shop"], "Issuer": "https://issuer.example"}
CORS = {"AllowOrigins": ["http://localhost:5173"], "AllowMethods": ["GET", "POST"], "AllowHeaders": ["x-a"], "MaxAge": 60}
PUT_EVENTS = {"Source": "shop.api", "DetailType": "Clicked", "Detail": "$request.body", "EventBusName": {"Ref": "Bus"}}
TEMPLATE = {
    "Resources": {
        **{name: resource("Lambda::Function", Runtime="python3.13", Handler="i.h", FunctionName=name) for name in ("F", "Guard")},
        "Bus": resource("Events::EventBus", Name="Bus"),
        "Queue": resource("SQS::Queue", QueueName="Queue"),
        "Rule": resource(
            "Events::Rule",
            EventBusName={"Ref": "Bus"},
            EventPattern={"source": ["shop.api"]},
            Targets=[{"Id": "1", "Arn": {"Fn::GetAtt": ["Queue", "Arn"]}}],
        ),
        "Api": resource("ApiGatewayV2::Api", Name="Api", ProtocolType="HTTP", CorsConfiguration=CORS),
        "Second": integration("F"),
        "First": integration("F", "1.0"),
        "Events": resource(
            "ApiGatewayV2::Integration",
            ApiId={"Ref": "Api"},
            IntegrationType="AWS_PROXY",
            IntegrationSubtype="EventBridge-PutEvents",
            RequestParameters=PUT_EVENTS,
        ),
        "Token": resource(
            "ApiGatewayV2::Authorizer",
            ApiId={"Ref": "Api"},
            AuthorizerType="JWT",
            IdentitySource=["$request.header.Authorization"],
            JwtConfiguration=JWT,
        ),
        "Asking": resource(
            "ApiGatewayV2::Authorizer",
            ApiId={"Ref": "Api"},
            AuthorizerType="REQUEST",
            IdentitySource=["$request.header.X-Key"],
            AuthorizerUri=invoking("Guard"),
            EnableSimpleResponses=True,
        ),
        "GetOrder": route("GET /orders/{id}", "Second"),
        "Any": route("ANY /orders/{rest+}", "Second"),
        "Old": route("POST /old", "First"),
        "Click": route("POST /clicks", "Events"),
        "Private": route("GET /iam", "Second", AuthorizationType="AWS_IAM"),
        "WithToken": route(
            "GET /jwt", "Second", AuthorizationType="JWT", AuthorizerId={"Ref": "Token"}, AuthorizationScopes=["orders:read"]
        ),
        "Guarded": route("GET /guarded", "Second", AuthorizationType="CUSTOM", AuthorizerId={"Ref": "Asking"}),
        "Staged": resource("ApiGatewayV2::Api", Name="Staged", ProtocolType="HTTP", Target={"Fn::GetAtt": ["F", "Arn"]}),
        "Url": resource("Lambda::Url", TargetFunctionArn={"Fn::GetAtt": ["F", "Arn"]}, AuthType="NONE"),
        "Rest": resource("ApiGateway::RestApi", Name="Rest"),
        "Item": resource(
            "ApiGateway::Resource", RestApiId={"Ref": "Rest"}, ParentId={"Fn::GetAtt": ["Rest", "RootResourceId"]}, PathPart="items"
        ),
        "Method": resource(
            "ApiGateway::Method",
            RestApiId={"Ref": "Rest"},
            ResourceId={"Ref": "Item"},
            HttpMethod="GET",
            Integration={"Type": "AWS_PROXY", "IntegrationHttpMethod": "POST", "Uri": invoking("F")},
        ),
        "Stage": resource("ApiGateway::Stage", RestApiId={"Ref": "Rest"}, StageName="dev"),
    }
}


@pytest.fixture(scope="module")
def serving():
    flow = Flow.from_template(TEMPLATE, stack="Shop", account=w.ACCOUNT, region=w.REGION)
    with w.serving(*flow.nodes.values(), fast=False) as run:
        yield run


@pytest.fixture
def run(serving):
    invoker = serving.made[0]
    invoker.calls.clear()
    invoker.handlers = {"F": lambda event: {"statusCode": 200, "body": "ok"}, "Guard": lambda _: {"isAuthorized": True}}
    return serving


def ask(run, door, method, path, body=None, **headers):
    url = next(each.url for each in run.doors if each.path.rpartition("/")[2] == door)
    connection = http.client.HTTPConnection(url.removeprefix("http://").partition("/")[0])
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, given)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, answer.headers, content


def test_a_request_reaches_the_function_and_its_answer_the_client(run):
    handler = {"statusCode": 201, "headers": {"X-A": "b"}, "cookies": ["a=1", "b=2"], "body": base64.b64encode(b"\xff").decode()}
    run.made[0].handlers["F"] = lambda _: {**handler, "isBase64Encoded": True}
    status, headers, body = ask(run, "Api", "GET", "/orders/7?a=1&a=2&b=%20", Cookie="x=1; y=2", X_Custom="v")
    assert (status, body, headers["X-A"], headers.get_all("Set-Cookie")) == (201, b"\xff", "b", ["a=1", "b=2"])
    ((_, event),) = run.made[0].calls
    assert (event["version"], event["routeKey"], event["rawPath"], event["rawQueryString"]) == (
        *("2.0", "GET /orders/{id}"),
        *("/orders/7", "a=1&a=2&b=%20"),
    )
    assert event["queryStringParameters"] == {"a": "1,2", "b": " "}
    assert (event["pathParameters"], event["cookies"]) == ({"id": "7"}, ["x=1", "y=2"])
    assert event["headers"]["x-custom"] == "v"
    assert "body" not in event
    assert event["requestContext"]["stage"] == "$default"
    root = run.trace.roots[-1]
    assert (root.kind, root.origin, root.children[0].state) == ("api", "GET /orders/7", State.PROCESSED)


def test_a_body_is_text_or_base64(run):
    ask(run, "Api", "POST", "/orders/a/b", b'{"a": 1}', Content_Type="application/json")
    ask(run, "Api", "PUT", "/orders/a/b", b"\xff\x00", Content_Type="image/png")
    first, second = (event for _, event in run.made[0].calls)
    assert (first["body"], first["isBase64Encoded"], first["routeKey"], first["pathParameters"]) == (
        *('{"a": 1}', False),
        *("ANY /orders/{rest+}", {"rest": "a/b"}),
    )
    assert (second["body"], second["isBase64Encoded"]) == ("/wA=", True)


def test_an_answer_without_a_status_is_the_body_of_a_200(run):
    run.made[0].handlers["F"] = lambda _: {"order": 1}
    status, headers, body = ask(run, "Api", "GET", "/orders/1")
    assert (status, json.loads(body), headers["Content-Type"]) == (200, {"order": 1}, "application/json")


def test_payload_format_1_has_lists_and_wants_a_status(run):
    status, _, _ = ask(run, "Api", "POST", "/old?a=1&a=2", b"x=1", Content_Type="application/x-www-form-urlencoded")
    ((_, event),) = run.made[0].calls
    assert (status, event["version"], event["httpMethod"], event["resource"]) == (200, "1.0", "POST", "/old")
    assert event["multiValueQueryStringParameters"] == {"a": ["1", "2"]}
    run.made[0].handlers["F"] = lambda _: {"order": 1}
    assert ask(run, "Api", "POST", "/old")[0] == 500


def test_what_has_no_route_is_not_found(run):
    assert ask(run, "Api", "GET", "/nothing")[0] == 404
    assert ask(run, "Rest", "GET", "/dev/nothing")[0] == 403
    assert run.made[0].calls == []


@pytest.mark.parametrize(("door", "path", "status"), [("Api", "/orders/1", 500), ("Rest", "/dev/items", 502), ("Url", "/", 502)])
def test_the_error_of_a_function_is_not_told_to_the_client(run, door, path, status):
    def handler(_):
        raise ValueError("secret")

    run.made[0].handlers["F"] = handler
    answered, _, body = ask(run, door, "GET", path)
    assert answered == status
    assert b"secret" not in body
    child = run.trace.roots[-1].children[0]
    assert (child.state, child.reason) == (State.DROPPED, f"the client got {status}: ValueError: secret")


def test_a_throttled_function(run):
    def handler(_):
        raise w.FailureError(Fault.THROTTLED)

    run.made[0].handlers["F"] = handler
    assert [ask(run, door, "GET", path)[0] for door, path in (("Api", "/orders/1"), ("Url", "/"))] == [503, 429]


def test_a_url_and_the_stage_of_a_rest_api(run):
    run.made[0].handlers["F"] = lambda _: {"statusCode": 200, "multiValueHeaders": {"X-B": ["1", "2"]}, "body": "ok"}
    assert ask(run, "Url", "GET", "/any/path")[0] == 200
    _, headers, _ = ask(run, "Rest", "GET", "/dev/items")
    assert headers.get_all("X-B") == ["1", "2"]
    assert ask(run, "Rest", "GET", "/items")[0] == 403
    (_, url), (_, rest) = run.made[0].calls
    assert (url["version"], url["rawPath"], url["routeKey"]) == ("2.0", "/any/path", "$default")
    assert (rest["resource"], rest["path"], rest["requestContext"]["path"], rest["requestContext"]["stage"]) == (
        *("/items", "/items", "/dev/items"),
        "dev",
    )


def test_an_api_hands_events_to_a_bus(run):
    status, _, body = ask(run, "Api", "POST", "/clicks", b'{"page": "/"}', Content_Type="application/json")
    assert (status, json.loads(body)["FailedEntryCount"]) == (200, 0)
    assert json.loads(run.received("Queue")[-1])["detail"] == {"page": "/"}


def test_a_preflight_is_answered_by_the_door(run):
    local = {"Origin": "http://localhost:5173", "Access-Control-Request-Method": "POST"}
    status, headers, _ = ask(run, "Api", "OPTIONS", "/orders/1", **local)
    assert status == 204
    assert headers["Access-Control-Allow-Origin"] == "http://localhost:5173"
    assert headers["Access-Control-Allow-Methods"] == "GET,POST"
    assert headers["Access-Control-Max-Age"] == "60"
    assert run.made[0].calls == []
    assert ask(run, "Api", "GET", "/orders/1", Origin="http://localhost:5173")[1]["Access-Control-Allow-Origin"]
    assert ask(run, "Api", "GET", "/orders/1", Origin="http://localhost:9")[1]["Access-Control-Allow-Origin"] is None


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}, {"Origin": "null"}])
def test_another_host_or_origin_is_refused(run, headers):
    assert ask(run, "Api", "GET", "/orders/1", **headers)[0] == 403
    assert run.made[0].calls == []


def token(**claims):
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    given = {"iss": "https://issuer.example", "aud": "shop", "exp": w.START + 3600, "scope": "orders:read", **claims}
    return f"Bearer {part({'alg': 'RS256'})}.{part(given)}.signature"


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({}, 200),
        ({"aud": ["other", "shop"]}, 200),
        ({"aud": "other"}, 401),
        ({"iss": "https://other.example"}, 401),
        ({"exp": w.START - 1}, 401),
        ({"nbf": w.START + 3000}, 401),
        ({"exp": "soon"}, 401),
        ({"scope": "orders:write"}, 403),
    ],
)
def test_a_token_must_be_of_the_authorizer(run, claims, status):
    assert ask(run, "Api", "GET", "/jwt", Authorization=token(**claims))[0] == status
    if status == 200:
        ((_, event),) = run.made[0].calls
        assert event["requestContext"]["authorizer"]["jwt"]["claims"]["iss"] == "https://issuer.example"


@pytest.mark.parametrize("given", ["", "Bearer x", "Bearer a.b.c", "Bearer W10=.W10=.x"])
def test_what_is_no_token_is_refused(run, given):
    assert ask(run, "Api", "GET", "/jwt", Authorization=given)[0] == 401


def test_a_request_for_iam_must_be_signed(run):
    assert ask(run, "Api", "GET", "/iam")[0] == 403
    signed = "AWS4-HMAC-SHA256 Credential=AKIA1/20260101/eu-central-1/execute-api/aws4_request, SignedHeaders=host, Signature=0"
    assert ask(run, "Api", "GET", "/iam", Authorization=signed)[0] == 200


def test_a_function_decides_who_is_let_in(run):
    invoker = run.made[0]
    invoker.handlers["Guard"] = lambda event: {"isAuthorized": event["identitySource"] == ["good"], "context": {"who": "ann"}}
    assert ask(run, "Api", "GET", "/guarded")[0] == 401
    assert ask(run, "Api", "GET", "/guarded", X_Key="bad")[0] == 403
    assert ask(run, "Api", "GET", "/guarded", X_Key="good")[0] == 200
    assert invoker.calls[-1][1]["requestContext"]["authorizer"] == {"lambda": {"who": "ann"}}
    invoker.handlers["Guard"] = lambda _: None
    assert ask(run, "Api", "GET", "/guarded", X_Key="good")[0] == 500


@pytest.mark.parametrize(
    "answer",
    [
        {"statusCode": "x"},
        {"statusCode": 200, "headers": []},
        {"statusCode": 200, "headers": {"A": "b\r\nC: d"}},
        {"statusCode": 200, "body": "!", "isBase64Encoded": True},
        {"statusCode": 99_999},
    ],
)
def test_an_answer_that_is_no_response_is_none(answer):
    assert response_of(json.dumps(answer).encode(), "HTTP", second=True) is None


def test_a_streamed_answer_begins_with_its_metadata():
    response = response_of(b'{"statusCode": 202, "headers": {"A": "b"}}' + b"\0" * 8 + b"body", "URL", second=True, streamed=True)
    assert (response.status, response.body, response.headers[0]) == (202, b"body", ("A", "b"))


def test_the_doors_listen_on_this_machine_only(run):
    ports = [int(door.url.split(":")[2].partition("/")[0]) for door in run.doors]
    assert len(set(ports)) == len(run.doors) == 4
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening = {row[1].partition(":")[0] for row in rows if row[3] == "0A" and int(row[1].partition(":")[2], 16) in ports}
    assert listening == {"0100007F"}
