"""Requests to APIs and function URLs: which route takes them, and what stands behind it gets."""

import pytest

from cdk_event_flow.errors import EventError
from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.payloads.http import Request, version_1, version_2, websocket_event

ROLE = "arn:aws:iam::123456789012:role/api"


def api(routes, integrations, more=()):
    """An HTTP API: routes by key, to integrations by name."""
    resources = {
        "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "shop", "ProtocolType": "HTTP"}},
        "Work": {"Type": "AWS::Lambda::Function", "Properties": {}},
        "Jobs": {"Type": "AWS::SQS::Queue"},
        "Orders": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "orders"}},
        **dict(more),
    }
    for name, properties in integrations.items():
        resources[name] = {"Type": "AWS::ApiGatewayV2::Integration", "Properties": {"ApiId": {"Ref": "Api"}, **properties}}
    for number, (key, name) in enumerate(routes.items()):
        target = {"Fn::Join": ["/", ["integrations", {"Ref": name}]]}
        resources[f"Route{number}"] = {
            "Type": "AWS::ApiGatewayV2::Route", "Properties": {"ApiId": {"Ref": "Api"}, "RouteKey": key, "Target": target},
        }  # fmt: skip
    return Flow.from_template({"Resources": resources})


def to_service(subtype, **parameters):
    """An integration that calls a service of AWS."""
    return {
        "IntegrationType": "AWS_PROXY", "IntegrationSubtype": subtype, "CredentialsArn": ROLE, "PayloadFormatVersion": "1.0",
        "RequestParameters": parameters,
    }  # fmt: skip


LAMBDA = {
    "IntegrationType": "AWS_PROXY", "IntegrationUri": {"Fn::GetAtt": ["Work", "Arn"]}, "PayloadFormatVersion": "2.0",
    "CredentialsArn": ROLE,
}  # fmt: skip
QUEUE = {"Ref": "Jobs"}


@pytest.mark.parametrize(
    ("written", "body"),
    [
        ("$request.body", '{"id":7,"in":{"a":"x"}}'),
        ("$request.body.in.a", "x"),
        ("$request.header.X-Kind", "new"),
        ("$request.header.nothing", ""),
        ("$request.querystring.page", "2"),
        ("$request.querystring.nothing", ""),
        ("$request.path.id", "42"),
        ("$request.path.nothing", ""),
        ("$request.path", "/orders/42"),
        ("constant", "constant"),
    ],
)
def test_a_parameter_of_a_service_is_filled_from_the_request(written, body):
    flow = api({"POST /orders/{id}": "Put"}, {"Put": to_service("SQS-SendMessage", QueueUrl=QUEUE, MessageBody=written)})
    request = {"path": "/orders/42", "body": {"id": 7, "in": {"a": "x"}}, "headers": {"x-kind": "new"}, "query": {"page": 2}}
    (sent,) = flow.send("Api", request).deliveries
    assert (sent.receiver.path, sent.payload) == ("Jobs", body)


@pytest.mark.parametrize("written", ["$context.requestId", "$stageVariables.x", "a ${request.body}", "$request.cookie.x"])
def test_what_a_template_does_not_tell_of_a_parameter_is_unknown(written):
    flow = api({"POST /orders": "Put"}, {"Put": to_service("SQS-SendMessage", QueueUrl=QUEUE, MessageBody=written)})
    (sent,) = flow.send("Api", {"path": "/orders", "body": "x"}).deliveries
    assert str(sent.payload) == f"unknown ({written})"


def test_without_a_body_what_a_queue_gets_is_unknown():
    flow = api({"POST /orders": "Put"}, {"Put": to_service("SQS-SendMessage", QueueUrl=QUEUE)})
    (sent,) = flow.send("Api", {"path": "/orders", "body": "x"}).deliveries
    assert str(sent.payload) == "unknown (what the integration of POST /orders sends)"


def test_what_an_api_puts_on_a_bus_is_an_event():
    put = to_service("EventBridge-PutEvents", EventBusName="orders", Source="web", DetailType="Sold", Detail="$request.body")
    flow = api({"POST /orders": "Put"}, {"Put": put})
    on_bus, *_ = flow.send("Api", {"path": "/orders", "body": {"n": 1}}).deliveries
    assert on_bus.receiver.path == "Orders"
    event = on_bus.payload
    assert (event["source"], event["detail-type"], event["detail"]) == ("web", "Sold", {"n": 1})
    assert (event["account"], event["region"]) == ("123456789012", "us-east-1")


ROUTES = {"GET /orders/{id}": "F", "GET /orders/new": "F", "ANY /orders/{id}": "F", "GET /{rest+}": "F", "$default": "F"}


@pytest.mark.parametrize(
    ("method", "path", "key"),
    [
        ("GET", "/orders/new", "GET /orders/new"),
        ("GET", "/orders/7", "GET /orders/{id}"),
        ("POST", "/orders/7", "ANY /orders/{id}"),
        ("GET", "/orders/7/lines", "GET /{rest+}"),
        ("PUT", "/elsewhere", "$default"),
    ],
)
def test_the_route_that_fits_best_takes_a_request_and_the_others_say_so(method, path, key):
    flow = api(ROUTES, {"F": LAMBDA})
    sent = flow.send("Api", {"method": method, "path": path})
    assert [each.payload["routeKey"] for each in sent.deliveries] == [key]


def test_why_a_route_was_not_taken():
    flow = api({"GET /orders/{id}": "F", "POST /orders/new": "Put"}, {
        "F": LAMBDA, "Put": to_service("SQS-SendMessage", QueueUrl=QUEUE, MessageBody="$request.body"),
    })  # fmt: skip
    assert (
        flow.send("Api", {"path": "/orders/new"}).why_not("Jobs") == "the request is GET /orders/new, the route is POST /orders/new"
    )
    flow = api({"GET /orders/new": "F", "GET /orders/{id}": "Put"}, {
        "F": LAMBDA, "Put": to_service("SQS-SendMessage", QueueUrl=QUEUE, MessageBody="x"),
    })  # fmt: skip
    why = flow.send("Api", {"path": "/orders/new"}).why_not("Jobs")
    assert why == "the route GET /orders/new fits GET /orders/new better than GET /orders/{id}"


def test_of_what_a_request_reaches_the_other_routes_are_no_miss():
    routes = {"GET /orders": "F", "GET /orders/{id}": "F", "POST /orders": "Put", "DELETE /orders": "Put"}
    flow = api(routes, {"F": LAMBDA, "Put": to_service("SQS-SendMessage", QueueUrl=QUEUE, MessageBody="$request.body")})
    sent = flow.send("Api", {"path": "/orders"})
    assert [each.receiver.path for each in sent.deliveries] == ["Work"]
    assert sent.explain().splitlines()[2:] == [
        "not reached:",
        "  Jobs",
        "    the request is GET /orders, the route is POST /orders",
        "  Jobs",
        "    the request is GET /orders, the route is DELETE /orders",
    ]
    assert flow.send("Api", {"path": "/orders", "method": "PUT"}).explain().count("function Work") == 0
    assert [each.receiver.path for each in flow.send("Api", {"path": "/no"}).missed] == ["Work", "Work", "Jobs", "Jobs"]


def test_a_route_to_what_is_reached_in_another_way_is_a_miss_and_an_archive_is_none():
    put = to_service("EventBridge-PutEvents", EventBusName="orders", Source="web", DetailType="Sold", Detail="{}")
    of_bus = {"EventBusName": "orders"}
    flow = api({"POST /orders": "Put", "GET /orders": "F"}, {"Put": put, "F": LAMBDA}, {
        "Rule": {"Type": "AWS::Events::Rule", "Properties": {**of_bus, "EventPattern": {"source": ["web"]}, "Targets": [
            {"Id": "T", "Arn": {"Fn::GetAtt": ["Work", "Arn"]}}]}},
        "May": {"Type": "AWS::Lambda::Permission", "Properties": {
            "FunctionName": {"Ref": "Work"}, "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com"}},
        "Archive": {"Type": "AWS::Events::Archive", "Properties": {
            "SourceArn": {"Fn::GetAtt": ["Orders", "Arn"]}, "EventPattern": {"source": ["app"]}}},
    })  # fmt: skip
    sent = flow.send("Api", {"path": "/orders", "method": "POST"})
    assert sent.reaches("Work")
    assert sent.explain().splitlines()[-3:] == [
        "not reached:",
        "  Work",
        "    the request is POST /orders, the route is GET /orders",
    ]


@pytest.mark.parametrize(
    ("given", "request_"),
    [
        ({"path": "orders"}, Request("GET", "/orders")),
        ({"path": "/orders", "body": {"a": 1}}, Request("POST", "/orders", '{"a":1}')),
        ({"path": "/", "body": "text", "method": "put"}, Request("PUT", "/", "text")),
        ({"path": "/", "headers": {"X-A": 5}, "query": {"B": 6}}, Request("GET", "/", None, {"x-a": "5"}, {"B": "6"})),
        ({"path": "/", "headers": "none", "query": None}, Request("GET", "/")),
    ],
)
def test_a_request_needs_a_path_alone(given, request_):
    assert Request.of(given) == request_


@pytest.mark.parametrize("given", [{}, {"path": 5}, "x" * 100, None])
def test_what_is_no_request_is_refused_with_one(given):
    with pytest.raises(EventError) as refused:
        Request.of(given)
    (problem,) = refused.value.problems
    assert (refused.value.at, problem.code) == ("the API", "EF-EVENT")
    assert problem.given.endswith(" was sent to it")
    assert len(problem.given) <= 80 + len(" was sent to it")
    assert problem.fix == 'give {"method": "POST", "path": "/orders", "body": {…}}'


REQUEST = Request("POST", "/orders/7", "text", {"x-a": "1"}, {"q": "2", "r": "3"})
PLAIN = Request("GET", "/")


def test_the_event_of_an_http_api_is_as_lambda_shows_it():
    assert version_2(REQUEST, "POST /orders/{id}", {"id": "7"}, api="abc", account="1") == {
        "version": "2.0",
        "routeKey": "POST /orders/{id}",
        "rawPath": "/orders/7",
        "rawQueryString": "q=2&r=3",
        "headers": {"x-a": "1"},
        "queryStringParameters": {"q": "2", "r": "3"},
        "pathParameters": {"id": "7"},
        "requestContext": {
            "accountId": "1",
            "apiId": "abc",
            "domainName": "abc.execute-api.example.com",
            "domainPrefix": "abc",
            "http": {"method": "POST", "path": "/orders/7", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "EXAMPLE"},
            "requestId": "00000000-0000-4000-8000-000000000000",
            "routeKey": "POST /orders/{id}",
            "stage": "$default",
            "time": "01/Jan/2026:00:00:00 +0000",
            "timeEpoch": 1767225600000,
        },
        "body": "text",
        "isBase64Encoded": False,
    }
    bare = version_2(PLAIN, "$default", {}, api="abc", account="1")
    assert {"body", "queryStringParameters", "pathParameters"}.isdisjoint(bare)


def test_the_event_of_a_rest_api_is_as_lambda_shows_it():
    assert version_1(REQUEST, "/orders/{id}", {"id": "7"}, api="abc", account="1") == {
        "version": "1.0",
        "resource": "/orders/{id}",
        "path": "/orders/7",
        "httpMethod": "POST",
        "headers": {"x-a": "1"},
        "multiValueHeaders": {"x-a": ["1"]},
        "queryStringParameters": {"q": "2", "r": "3"},
        "multiValueQueryStringParameters": {"q": ["2"], "r": ["3"]},
        "pathParameters": {"id": "7"},
        "stageVariables": None,
        "requestContext": {
            "accountId": "1",
            "apiId": "abc",
            "domainName": "abc.execute-api.example.com",
            "domainPrefix": "abc",
            "extendedRequestId": "EXAMPLE=",
            "httpMethod": "POST",
            "path": "/orders/7",
            "protocol": "HTTP/1.1",
            "requestId": "00000000-0000-4000-8000-000000000000",
            "requestTime": "01/Jan/2026:00:00:00 +0000",
            "requestTimeEpoch": 1767225600000,
            "resourcePath": "/orders/{id}",
            "stage": "prod",
            "identity": {"sourceIp": "127.0.0.1", "userAgent": "EXAMPLE"},
        },
        "body": "text",
        "isBase64Encoded": False,
    }
    bare = version_1(PLAIN, "/", {}, api="abc", account="1")
    named = ("queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "body")
    assert [bare[name] for name in named] == [None] * 4


@pytest.mark.parametrize(("route", "kind"), [("$connect", "CONNECT"), ("$disconnect", "DISCONNECT"), ("order", "MESSAGE")])
def test_the_event_of_a_websocket_says_what_happened(route, kind):
    host = "abc.execute-api.example.com"
    context = {
        "routeKey": route,
        "eventType": kind,
        "messageDirection": "IN",
        "connectionId": "EXAMPLE=",
        "connectedAt": 1767225600000,
        "requestTime": "01/Jan/2026:00:00:00 +0000",
        "requestTimeEpoch": 1767225600000,
        "requestId": "00000000-0000-4000-8000-000000000000",
        "extendedRequestId": "EXAMPLE=",
        "apiId": "abc",
        "domainName": host,
        "stage": "prod",
        "identity": {"sourceIp": "127.0.0.1", "userAgent": "EXAMPLE"},
    }
    if kind == "MESSAGE":
        context["messageId"] = "00000000-0000-4000-8000-000000000000"
        rest = {"body": '{"n":1}'}
    else:
        context |= {"disconnectStatusCode": 1005, "disconnectReason": ""} if kind == "DISCONNECT" else {}
        rest = {"headers": {"Host": host}, "multiValueHeaders": {"Host": [host]}}
    assert websocket_event(route, {"n": 1}, api="abc") == {"requestContext": context, **rest, "isBase64Encoded": False}


def test_a_method_stands_before_any_and_a_path_of_one_part_before_one_of_the_rest():
    flow = api({"ANY /a": "F", "GET /a": "F", "GET /{one}/{two}": "F", "GET /X/{two}": "F", "GET /a/{rest+}": "F"}, {"F": LAMBDA})
    paths = {"/a": "GET /a", "/X/1": "GET /X/{two}", "/a/b": "GET /{one}/{two}", "/a/b/c": "GET /a/{rest+}"}
    taken = {path: [each.payload["routeKey"] for each in flow.send("Api", {"path": path}).deliveries] for path in paths}
    assert taken == {path: [key] for path, key in paths.items()}


def test_a_payload_of_the_first_version_has_the_path_of_its_route():
    flow = api({"GET /orders/{id}": "F"}, {"F": {**LAMBDA, "PayloadFormatVersion": "1.0"}})
    (sent,) = flow.send("Api", {"path": "/orders/7"}).deliveries
    assert (sent.payload["version"], sent.payload["resource"], sent.payload["pathParameters"]) == ("1.0", "/orders/{id}", {"id": "7"})
    assert (sent.payload["requestContext"]["apiId"], sent.payload["requestContext"]["accountId"]) == ("Stack-Api", "123456789012")


@pytest.mark.parametrize(
    ("parameters", "event"),
    [
        ({}, {"source": "", "detail-type": "", "detail": {}}),
        ({"Detail": "$request.body"}, {"source": "", "detail-type": "", "detail": "words"}),
        ({"Source": "web", "DetailType": "Sold", "Detail": '{"n": 1}'}, {"source": "web", "detail-type": "Sold", "detail": {"n": 1}}),
    ],
)
@pytest.mark.parametrize("bus", ["orders", "arn:aws:events:us-east-1:210987654321:event-bus/elsewhere"])
def test_what_an_api_leaves_out_of_an_event_is_empty(bus, parameters, event):
    flow = api({"POST /orders": "Put"}, {"Put": to_service("EventBridge-PutEvents", EventBusName=bus, **parameters)})
    on_bus, *_ = flow.send("Api", {"path": "/orders", "body": "words"}).deliveries
    assert {name: on_bus.payload[name] for name in event} == event
    assert (on_bus.payload["account"], on_bus.payload["region"]) == ("123456789012", "us-east-1")


@pytest.mark.parametrize(
    ("subtype", "parameters", "request_", "payload"),
    [
        ("Kinesis-PutRecord", {"StreamName": "clicks", "Data": "$request.body", "PartitionKey": "1"}, {"body": "x"}, "x"),
        ("SQS-SendMessage", {"QueueUrl": QUEUE, "MessageBody": "$request.body"}, {"method": "POST"}, ""),
    ],
)
def test_what_a_service_is_given_may_be_data_or_empty(subtype, parameters, request_, payload):
    flow = api({"POST /orders": "Put", "POST /no/{id}": "Path"}, {
        "Put": to_service(subtype, **parameters),
        "Path": to_service("SQS-SendMessage", QueueUrl=QUEUE, MessageBody="$request.path.id"),
    })  # fmt: skip
    (sent,) = flow.send("Api", {"path": "/orders", **request_}).deliveries
    assert sent.payload == payload


def test_what_a_template_makes_of_a_request_is_unknown():
    uri = {"Fn::Sub": "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Work.Arn}/invocations"}
    flow = api({"POST /orders": "F"}, {"F": {"IntegrationType": "AWS", "IntegrationUri": uri, "CredentialsArn": ROLE}})
    (sent,) = flow.send("Api", {"path": "/orders", "body": "x"}).deliveries
    assert str(sent.payload) == "unknown (what the integration of POST /orders makes of the request)"


def sockets(selection, *keys, **integration):
    """A WebSocket API with routes of these keys to one function."""
    resources = {
        "Sockets": {
            "Type": "AWS::ApiGatewayV2::Api",
            "Properties": {"Name": "s", "ProtocolType": "WEBSOCKET", "RouteSelectionExpression": selection},
        },
        "Work": {"Type": "AWS::Lambda::Function", "Properties": {}},
        "F": {"Type": "AWS::ApiGatewayV2::Integration", "Properties": {"ApiId": {"Ref": "Sockets"}, **LAMBDA, **integration}},
    }
    target = {"Fn::Join": ["/", ["integrations", {"Ref": "F"}]]}
    for number, key in enumerate(keys):
        given = {"ApiId": {"Ref": "Sockets"}, "RouteKey": key, "Target": target}
        resources[f"Route{number}"] = {"Type": "AWS::ApiGatewayV2::Route", "Properties": given}
    return Flow.from_template({"Resources": resources})


@pytest.mark.parametrize(
    ("selection", "message", "route"),
    [
        ("$request.body.action", {"action": "order"}, "order"),
        ("${request.body.action}", {"action": "order"}, "order"),
        ("${request.body.X}", {"X": "order"}, "order"),
        ("$request.body.a.b", {"a": {"b": "order"}}, "order"),
        ("$request.body.action", '{"action": "order"}', "order"),
        ("$request.body.action", {"action": "other"}, "$default"),
        ("$request.body.action", {"action": "$connect"}, "$default"),
        ("$request.body.action", {"other": "order"}, "$default"),
        ("$request.body.action", {"action": ["order"]}, "$default"),
        ("$request.body.action", {"action": "sum$"}, "sum$"),
        ("$request.body.action", "words", "$default"),
        ("$request.body.action", "$connect", "$connect"),
        ("$request.body.action", "$disconnect", "$disconnect"),
    ],
)
def test_a_message_takes_the_route_that_it_names(selection, message, route):
    keys = ("$connect", "$disconnect", "$default", "order", "sum$")
    found = sockets(selection, *keys).send("Sockets", message).root.next
    assert [each.payload["requestContext"]["routeKey"] for each in found if each.delivered] == [route]
    missed = [f"the message takes the route {route}, not {key}" for key in keys if key != route]
    assert [reason for each in found for reason in each.reasons] == missed


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_a_function_behind_a_websocket_gets_the_event_whatever_the_version(version):
    (sent,) = sockets("$request.body.action", "order", PayloadFormatVersion=version).send("Sockets", {"action": "order"}).deliveries
    assert sent.payload["requestContext"]["eventType"] == "MESSAGE"


def test_what_an_integration_without_proxy_makes_of_a_message_is_unknown():
    (sent,) = sockets("$request.body.action", "order", IntegrationType="AWS").send("Sockets", {"action": "order"}).deliveries
    assert str(sent.payload) == "unknown (what the integration of order sends)"
