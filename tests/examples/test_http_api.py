"""Orders over HTTP: who reaches the function, what it answers, and the same on this machine."""

import asyncio
import base64
import json

import aiohttp
import boto3
import pytest

from cdk_event_flow.flow.model import Table
from tests.examples.checked import checked, sample_event
from tests.examples.locally import client, locally
from tests.examples.readme import differences

EXAMPLE = "http_api"
KEYS = [("customer_id", "HASH"), ("order_id", "RANGE")]


def test_it_is_clean_and_every_request_reaches_the_function_by_its_route():
    flow = checked(EXAMPLE).flow
    for method, path in (("PUT", "/orders/A-1"), ("GET", "/orders/A-1"), ("GET", "/health")):
        assert flow.send("Api", {"method": method, "path": path}).reaches("Orders")
    sent = flow.send("Api", {"method": "DELETE", "path": "/orders/A-1"})
    assert not sent.reaches("Orders")
    assert "the request is DELETE /orders/A-1, the route is GET /orders/{order_id}" in str(sent.why_not("Orders"))


@pytest.fixture
def orders(aws, load):
    boto3.client("dynamodb").create_table(
        TableName="Orders",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in KEYS],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in KEYS],
        BillingMode="PAY_PER_REQUEST",
    )
    return load(EXAMPLE, "orders", TABLE="Orders").handler


def answered(handler, event, context):
    answer = handler(event, context)
    return answer["statusCode"], json.loads(answer["body"])


def test_an_order_is_placed_once_and_shown_to_its_customer_only(orders, context):
    place, show = sample_event(EXAMPLE, "orders", "place"), sample_event(EXAMPLE, "orders", "show")
    assert answered(orders, show, context)[0] == 404
    assert answered(orders, place, context) == (201, {"order_id": "A-1"})
    assert answered(orders, place, context) == (201, {"order_id": "A-1"})
    assert answered(orders, show, context) == (200, {"sku": "BOOK-1", "quantity": 2, "total": "42.50"})
    show["requestContext"]["authorizer"]["jwt"]["claims"]["sub"] = "CUST-8"
    assert answered(orders, show, context)[0] == 404


def test_another_order_under_the_same_id_is_a_conflict(orders, context):
    place = sample_event(EXAMPLE, "orders", "place")
    orders(place, context)
    place["body"] = place["body"].replace("BOOK-1", "BOOK-2")
    assert answered(orders, place, context)[0] == 409


def test_what_is_no_order_is_refused(orders, context):
    status, said = answered(orders, sample_event(EXAMPLE, "orders", "place-wrong"), context)
    assert status == 422
    assert [each["loc"][-1] for each in said["detail"]] == ["sku", "quantity"]


def test_the_api_is_up(orders, context):
    assert answered(orders, sample_event(EXAMPLE, "orders", "health"), context) == (200, {"status": "ok"})


def token(**claims):
    """A token as the identity provider writes one; its signature is nothing that anyone checks here."""
    parts = ({"alg": "RS256"}, {"iss": "https://login.shop.example.com/", "aud": "shop-web", "scope": "orders", **claims})
    return ".".join([*(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts), "signature"])


def test_on_this_machine_the_api_answers_and_the_table_has_the_order():
    table = checked(EXAMPLE).flow.find("Placed", Table)
    body = sample_event(EXAMPLE, "orders", "place")["body"]

    async def placed(run):
        (door,) = run.doors
        headers = {"Authorization": f"Bearer {token(sub='CUST-7')}", "Content-Type": "application/json"}
        async with aiohttp.ClientSession() as session:
            async with session.put(f"{door.url}orders/A-1", data=body) as answer:
                statuses = [answer.status]
            async with session.put(f"{door.url}orders/A-1", data=body, headers=headers) as answer:
                statuses.append(answer.status)
            async with session.get(f"{door.url}orders/A-1", headers=headers) as answer:
                shown = await answer.json()
        return statuses, shown, await asyncio.to_thread(lambda: client(run, "dynamodb").scan(TableName=table.name)["Items"])

    statuses, shown, (item,) = locally(EXAMPLE, placed)
    assert (statuses, shown) == ([401, 201], {"sku": "BOOK-1", "quantity": 2, "total": "42.50"})
    assert (item["customer_id"], item["order_id"]) == ({"S": "CUST-7"}, {"S": "A-1"})


def test_the_readme_shows_what_happens():
    assert differences(EXAMPLE) == {}
