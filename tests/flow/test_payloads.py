"""What each receiver sees, where AWS's documents say it is not what one would think."""

import json

import pytest

from cdk_event_flow.errors import EventError
from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import InputTransformer, Rule, Target
from cdk_event_flow.flow.payload import rule_target_payload
from cdk_event_flow.flow.payloads.http import matched
from cdk_event_flow.flow.payloads.streams import typed

from .every_type import TEMPLATE

EVENT = {
    "version": "0", "id": "1", "detail-type": "T", "source": "s", "account": "1", "time": "2026-01-01T00:00:00Z", "region": "r",
    "resources": [], "detail": {"name": 'a "b"', "n": 5, "list": [{"x": 1}, {"x": 2}], "nothing": None},
}  # fmt: skip
RULE = Rule(logical_id="R", arn="arn:rule", name="rule", path="R", bus_arn="", pattern={}, schedule=None, enabled=True, targets=())


@pytest.mark.parametrize(
    ("template", "paths", "payload"),
    [
        ('{"n": <n>, "name": <name>}', {"n": "$.detail.n", "name": "$.detail.name"}, {"n": 5, "name": 'a "b"'}),
        ('{"text": "n is <n>"}', {"n": "$.detail.n"}, {"text": "n is 5"}),
        ('"<name> has <n>"', {"n": "$.detail.n", "name": "$.detail.name"}, 'a "b" has 5'),
        ('{"second": <x>}', {"x": "$.detail.list[1].x"}, {"second": 2}),
        ('{"absent": "<x>", "null": <x>}', {"x": "$.detail.absent"}, {"absent": "", "null": None}),
        ('{"event": <aws.events.event.json>}', {}, {"event": EVENT}),
        ('{"event": <aws.events.event>}', {}, {"event": {k: v for k, v in EVENT.items() if k != "detail"}}),
        ('{"by": "<aws.events.rule-name>", "arn": <aws.events.rule-arn>}', {}, {"by": "rule", "arn": "arn:rule"}),
        ('{"escaped \\" quote": <n>}', {"n": "$.detail.n"}, {'escaped " quote': 5}),
        ("<unknown> stays", {}, "<unknown> stays"),
    ],
)
def test_an_input_transformer_fills_its_template(template, paths, payload):
    target = Target(id="T", arn="x", transformer=InputTransformer(paths=paths, template=template))
    assert rule_target_payload(target, EVENT, RULE) == payload


@pytest.mark.parametrize(
    ("route", "path", "parameters"),
    [
        ("/orders", "/orders", {}),
        ("/orders", "/orders/1", None),
        ("/orders/{id}", "/orders/1", {"id": "1"}),
        ("/orders/{id}", "/orders", None),
        ("/{proxy+}", "/a/b/c", {"proxy": "a/b/c"}),
        ("/{proxy+}", "/", None),
        ("/", "/", {}),
    ],
)
def test_a_route_fits_paths(route, path, parameters):
    assert matched(route, path) == parameters


@pytest.fixture(scope="module")
def flow():
    """The template with every type; what policies lack there is not what is asked here."""
    return Flow.from_template(TEMPLATE)


def payload_of(flow, to, given, receiver):
    """What a receiver sees, whether or not policies let it."""
    return next(each.payload for each in flow.send(to, given).root.next if each.receiver.logical_id == receiver)


def test_a_stream_keeps_data_in_base64_and_a_table_types_its_values(flow):
    [record] = payload_of(flow, "Stream", {"id": 1}, "Function")["Records"]
    assert record["kinesis"]["data"] == "eyJpZCI6MX0="
    [record] = payload_of(flow, "Table", {"id": "1", "total": 5, "open": True, "tags": ["a"]}, "Function")["Records"]
    image = {"id": {"S": "1"}, "total": {"N": "5"}, "open": {"BOOL": True}, "tags": {"L": [{"S": "a"}]}}
    assert (record["eventName"], record["dynamodb"]["NewImage"], record["dynamodb"]["Keys"]) == ("INSERT", image, {"id": {"S": "1"}})
    assert typed({"S": "x"}) == {"S": "x"}
    assert typed({"a": None}) == {"M": {"a": {"NULL": True}}}


def test_an_api_of_each_kind_has_its_own_event(flow):
    second = payload_of(flow, "ApiInBody", {"path": "/items/7", "body": {"a": 1}, "headers": {"X-Y": "z"}}, "Function")
    assert (second["version"], second["routeKey"], second["pathParameters"]) == ("2.0", "POST /items/{id}", {"id": "7"})
    assert (json.loads(second["body"]), second["headers"]) == ({"a": 1}, {"x-y": "z"})
    first = payload_of(flow, "Rest", {"path": "/orders", "body": "text", "query": {"q": "1"}}, "Function")
    assert (first["resource"], first["httpMethod"], first["body"]) == ("/orders", "POST", "text")
    assert first["queryStringParameters"] == {"q": "1"}
    assert payload_of(flow, "Url", {"path": "any/where"}, "Function")["rawPath"] == "/any/where"


def test_a_custom_bus_delivers_the_data_alone_and_filters_by_scope(flow):
    event = {"Data": {"detail": {"id": 1}}, "Metadata": {"tenant": "a"}}
    assert payload_of(flow, "CustomBus", event, "Queue") == {"detail": {"id": 1}}
    missed = flow.send("CustomBus", {"detail": {"id": 2}}).root.next[0]
    assert missed.reasons[0] == "detail.id is 2, the subscriber Subscriber (DATA) wants 1"


def test_a_schedule_puts_its_input_on_a_bus_as_the_detail_of_an_event(flow):
    event = payload_of(flow, "Schedule", {}, "Bus")
    assert (event["source"], event["detail-type"], event["detail"]) == ("s", "d", {"a": 1})


def test_a_pipe_fills_the_template_of_its_enrichment_and_does_not_know_what_it_answers(flow):
    deliveries = flow.send("Queue", {"region": "eu"}).root.next
    assert next(each.payload for each in deliveries if each.by.logical_id == "Pipe") == [
        {"id": "00000000-0000-4000-8000-000000000000"}
    ]
    [to_bus] = [each for each in deliveries if each.receiver.logical_id == "Bus"]
    assert str(to_bus.payload["detail"]) == "unknown (what the enrichment of the pipe Pipe makes of it)"


@pytest.mark.parametrize(
    ("to", "given"), [("Bucket", {}), ("Bucket", "x"), ("Table", 1), ("Api", {}), ("Bus", []), ("Bus", {"detail": "{"})]
)
def test_what_a_node_cannot_take_is_refused_with_an_example(flow, to, given):
    with pytest.raises(EventError, match="give"):
        flow.send(to, given)
