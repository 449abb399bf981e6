"""HTTP APIs and function URLs: nobody calls without being known, unless a reason says why."""

from datetime import timedelta

import aws_cdk as cdk
import pytest
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from cdk_event_flow import Cors, Function, FunctionUrl, HttpApi, Iam, Jwt, Open, Throttle
from cdk_event_flow.errors import ConstructError
from tests.compose.synthesis import flow_of, new_stack, resources, template_of

ISSUER = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc"
TOKENS = Jwt(issuer=ISSUER, audience=["shop"])
PUBLIC = Open("The status page is public.")


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setenv("CDK_VALIDATION", "false")


@pytest.fixture
def stack():
    return new_stack()


def ours(stack, id="Orders", **more):
    return Function(stack, id, code=lambda_.Code.from_inline("x"), handler="i.h", runtime="nodejs24.x", **more)


def test_routes_are_signed_by_default_logged_and_throttled(stack):
    api, function = HttpApi(stack, "Api"), ours(stack)
    api.route("GET /orders/{id}", to=function)
    api.route("POST /orders", to=function)
    template = template_of(stack)
    assert {each["AuthorizationType"] for each in resources(template, "AWS::ApiGatewayV2::Route")} == {"AWS_IAM"}
    assert len(resources(template, "AWS::ApiGatewayV2::Integration")) == 1
    (stage,) = resources(template, "AWS::ApiGatewayV2::Stage")
    assert stage["DefaultRouteSettings"] == {"ThrottlingRateLimit": 1000, "ThrottlingBurstLimit": 500}
    assert "$context.requestId" in stage["AccessLogSettings"]["Format"]
    assert len(resources(template, "AWS::Lambda::Permission")) == 1


def test_flow_sends_requests_to_the_function_with_the_event_of_version_two(stack):
    api = HttpApi(stack, "Api")
    api.route("GET /orders/{id}", to=ours(stack))
    api.route("$default", to=ours(stack, "Others"), authorizer=PUBLIC)
    flow = flow_of(stack)
    assert flow.check() == []
    sent = flow.send("Api", {"method": "GET", "path": "/orders/7"})
    assert sent.reaches("Orders")
    assert not sent.reaches("Others")
    (delivery,) = [each for each in sent.root.next if not each.reasons]
    assert (delivery.payload["version"], delivery.payload["routeKey"]) == ("2.0", "GET /orders/{id}")
    assert delivery.payload["pathParameters"] == {"id": "7"}


def test_tokens_of_one_issuer_share_an_authorizer_and_scopes_are_the_routes(stack):
    api, function = HttpApi(stack, "Api", authorizer=TOKENS), ours(stack)
    api.route("GET /orders", to=function)
    api.route("POST /orders", to=function, authorizer=Jwt(issuer=ISSUER, audience=["shop"], scopes=["orders.write"]))
    api.route("GET /health", to=function, authorizer=PUBLIC)
    template = template_of(stack)
    (authorizer,) = resources(template, "AWS::ApiGatewayV2::Authorizer")
    assert authorizer["JwtConfiguration"] == {"Issuer": ISSUER, "Audience": ["shop"]}
    by = {each["RouteKey"]: each for each in resources(template, "AWS::ApiGatewayV2::Route")}
    assert {key: each["AuthorizationType"] for key, each in by.items()} == {
        "GET /orders": "JWT",
        "POST /orders": "JWT",
        "GET /health": "NONE",
    }
    assert by["POST /orders"]["AuthorizationScopes"] == ["orders.write"]


@pytest.mark.parametrize(
    ("authorizer", "code"),
    [
        (Open(""), "EF-API-OPEN"),
        (Open("because"), "EF-API-OPEN"),
        (Jwt(issuer="http://insecure", audience=["x"]), "EF-API-JWT"),
        (Jwt(issuer=ISSUER, audience=[]), "EF-API-JWT"),
    ],
)
def test_who_may_call_must_be_said_well(stack, authorizer, code):
    with pytest.raises(ConstructError, match=f"{code} at Shop/Api"):
        HttpApi(stack, "Api", authorizer=authorizer)
    with pytest.raises(ConstructError, match=f"{code} at Shop/Api/GET ."):
        HttpApi(stack, "Api").route("GET /", to=ours(stack), authorizer=authorizer)


@pytest.mark.parametrize(
    ("key", "right"),
    [
        ("GET /", True),
        ("$default", True),
        ("ANY /{path+}", True),
        ("GET /orders/{id}/lines/{line}", True),
        ("GET /orders.v2/a-b_c~d", True),
        ("GET orders", False),
        ("FETCH /orders", False),
        ("/orders", False),
        ("GET /orders/{id", False),
        ("GET /{path+}/x", False),
        ("GET /a//b", False),
        ("get /orders", False),
    ],
)
def test_a_route_is_a_method_and_a_path(stack, key, right):
    api, function = HttpApi(stack, "Api"), ours(stack)
    if right:
        assert api.route(key, to=function).route_key == key
        return
    with pytest.raises(ConstructError, match="EF-API-ROUTE"):
        api.route(key, to=function)


def test_the_same_route_twice_is_refused(stack):
    api, function = HttpApi(stack, "Api"), ours(stack)
    api.route("GET /", to=function)
    with pytest.raises(ConstructError, match="EF-API-ROUTE at .*there already"):
        api.route("GET /", to=function)


def test_an_api_has_at_most_three_hundred_routes(stack):
    api, function = HttpApi(stack, "Api"), ours(stack)
    api._routes |= {f"GET /{number}" for number in range(299)}
    assert api.route("GET /inside", to=function)
    with pytest.raises(ConstructError, match="EF-API-ROUTES at .*301 routes"):
        api.route("GET /outside", to=function)


@pytest.mark.parametrize(
    ("inside", "outside"),
    [
        (Throttle(rate=1), Throttle(rate=0)),
        (Throttle(rate=10_000), Throttle(rate=10_001)),
        (Throttle(burst=1), Throttle(burst=0)),
        (Throttle(burst=5_000), Throttle(burst=5_001)),
    ],
)
def test_throttling_is_held_to_the_quota(stack, inside, outside):
    assert HttpApi(stack, "Inside", throttle=inside).stage
    with pytest.raises(ConstructError, match="EF-API-THROTTLE"):
        HttpApi(stack, "Outside", throttle=outside)


@pytest.mark.parametrize(("seconds", "inside"), [(30, True), (31, False)])
def test_a_function_must_answer_within_thirty_seconds(stack, seconds, inside):
    api, function = HttpApi(stack, "Api"), ours(stack, timeout=timedelta(seconds=seconds))
    if inside:
        assert api.route("GET /", to=function)
        return
    with pytest.raises(ConstructError, match="EF-API-TIMEOUT at .*timeout is 31 seconds"):
        api.route("GET /", to=function)


def test_pages_of_named_origins_may_call_and_of_all_not(stack):
    HttpApi(stack, "Api", cors=Cors(origins=["https://shop.example.com"]))
    (api,) = resources(template_of(stack), "AWS::ApiGatewayV2::Api")
    assert api["CorsConfiguration"]["AllowOrigins"] == ["https://shop.example.com"]
    with pytest.raises(ConstructError, match="EF-API-CORS"):
        HttpApi(stack, "Other", cors=Cors(origins=["*"]))


def test_an_existing_api_is_given_routes_only(stack):
    existing = apigateway.HttpApi(stack, "Existing")
    api = HttpApi(stack, "Taken", api=existing)
    api.route("GET /orders", to=ours(stack))
    template = template_of(stack)
    assert len(resources(template, "AWS::ApiGatewayV2::Api")) == len(resources(template, "AWS::ApiGatewayV2::Stage")) == 1
    assert flow_of(stack).send("Existing", {"path": "/orders"}).reaches("Orders")


def test_a_caller_is_allowed_one_route_or_all(stack):
    api, role = HttpApi(stack, "Api"), iam.Role(stack, "Caller", assumed_by=iam.AnyPrincipal())
    api.allow_calling(role, "GET /orders/{id}")
    (policy,) = resources(template_of(stack), "AWS::IAM::Policy")
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == "execute-api:Invoke"
    assert statement["Resource"]["Fn::Join"][1][-1] == "/$default/GET/orders/*"


def test_a_function_url_is_signed_and_called_through_the_alias(stack):
    FunctionUrl(stack, "Url", to=ours(stack))
    template = template_of(stack)
    (url,) = resources(template, "AWS::Lambda::Url")
    assert url["AuthType"] == "AWS_IAM"
    assert "Ref" in str(url["Qualifier"])
    assert resources(template, "AWS::Lambda::Permission") == []
    flow = flow_of(stack)
    assert flow.send("Url", {"path": "/"}).reaches("Orders")
    assert flow.check() == []


def test_an_open_function_url_lets_everybody_call_it_and_nothing_else(stack):
    FunctionUrl(stack, "Url", to=ours(stack), authorizer=PUBLIC, answer="RESPONSE_STREAM")
    template = template_of(stack)
    by = {each["Action"]: each for each in resources(template, "AWS::Lambda::Permission")}
    assert by["lambda:InvokeFunctionUrl"]["FunctionUrlAuthType"] == "NONE"
    assert by["lambda:InvokeFunction"]["InvokedViaFunctionUrl"] is True
    assert resources(template, "AWS::Lambda::Url")[0]["InvokeMode"] == "RESPONSE_STREAM"
    assert flow_of(stack).send("Url", {"path": "/"}).reaches("Orders")


def test_a_function_url_without_a_reason_is_not_opened(stack):
    with pytest.raises(ConstructError, match="EF-API-OPEN at Shop/Url"):
        FunctionUrl(stack, "Url", to=ours(stack), authorizer=Open(""))


def test_a_caller_of_a_url_needs_both_actions(stack):
    url, role = FunctionUrl(stack, "Url", to=ours(stack), authorizer=Iam()), iam.Role(stack, "Caller", assumed_by=iam.AnyPrincipal())
    url.allow_calling(role)
    (policy,) = [each for each in resources(template_of(stack), "AWS::IAM::Policy") if "Caller" in str(each["Roles"])]
    assert [each["Action"] for each in policy["PolicyDocument"]["Statement"]] == ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"]


def test_a_url_of_a_plain_function_is_accepted(stack):
    code = lambda_.Code.from_inline("x")
    function = lambda_.Function(
        stack, "Plain", code=code, handler="i.h", runtime=lambda_.Runtime.NODEJS_24_X, timeout=cdk.Duration.seconds(5)
    )
    FunctionUrl(stack, "Url", to=function)
    (url,) = resources(template_of(stack), "AWS::Lambda::Url")
    assert "Qualifier" not in url
