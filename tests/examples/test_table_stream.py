"""Totals by customer: which changes reach the function, and what it adds up."""

import asyncio
import copy
from decimal import Decimal

import boto3
import pytest

from cdk_event_flow.flow.model import Table
from tests.examples.checked import checked, sample_event
from tests.examples.locally import client, locally
from tests.examples.readme import differences

EXAMPLE = "table_stream"
PAID = {"order_id": "ORD-1", "customer_id": "CUST-7", "total": 5, "status": "paid"}


def test_it_is_clean_and_new_paid_orders_alone_reach_the_function():
    flow = checked(EXAMPLE).flow
    assert flow.send("Orders", PAID).reaches("Totals")
    assert not flow.send("Orders", {**PAID, "status": "open"}).reaches("Totals")
    changed = {"eventName": "MODIFY", "dynamodb": {"NewImage": {"status": {"S": "paid"}}}}
    assert "eventName is" in str(flow.send("Orders", changed).why_not("Totals"))


def test_what_is_given_up_goes_to_the_undelivered_queue():
    template = checked(EXAMPLE).template["Resources"].values()
    (mapping,) = [each["Properties"] for each in template if each["Type"] == "AWS::Lambda::EventSourceMapping"]
    assert (mapping["MaximumRetryAttempts"], mapping["MaximumRecordAgeInSeconds"]) == (5, 12 * 3600)
    assert mapping["DestinationConfig"]["OnFailure"]["Destination"]["Fn::GetAtt"][0].startswith("Undelivered")


@pytest.fixture
def totals(aws, load):
    dynamodb = boto3.client("dynamodb")
    for name, key in (("Customers", "customer_id"), ("Idempotency", "id")):
        dynamodb.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
    return load(EXAMPLE, "totals", TABLE="Customers", IDEMPOTENCY_TABLE="Idempotency").handler


def added():
    items = boto3.client("dynamodb").scan(TableName="Customers")["Items"]
    return {item["customer_id"]["S"]: (int(item["orders"]["N"]), Decimal(item["total"]["N"])) for item in items}


def test_orders_are_added_up_by_customer(totals, context):
    assert totals(sample_event(EXAMPLE, "totals", "orders"), context) == {"batchItemFailures": []}
    assert added() == {"CUST-7": (2, Decimal(50)), "CUST-8": (1, Decimal(20))}


def test_an_order_that_the_stream_delivers_again_is_not_added_again(totals, context):
    event = sample_event(EXAMPLE, "totals", "orders")
    again = copy.deepcopy(event)
    for number, record in enumerate(again["Records"]):
        record["dynamodb"]["SequenceNumber"] = str(900 + number)
    totals(event, context)
    assert totals(again, context) == {"batchItemFailures": []}
    assert added() == {"CUST-7": (2, Decimal(50)), "CUST-8": (1, Decimal(20))}


def test_the_record_that_is_wrong_comes_back_by_its_sequence_number(totals, context):
    assert totals(sample_event(EXAMPLE, "totals", "one-poison"), context) == {"batchItemFailures": [{"itemIdentifier": "200"}]}
    assert added() == {"CUST-7": (1, Decimal("42.5")), "CUST-8": (1, Decimal(20))}


def test_on_this_machine_what_is_put_into_the_table_is_added_up():
    flow = checked(EXAMPLE).flow
    orders, customers = flow.find("Orders", Table), flow.find("Customers", Table)

    async def total(run):
        dynamodb = client(run, "dynamodb")
        for number, status in enumerate(("paid", "open", "paid")):
            texts = {"order_id": f"ORD-{number}", "customer_id": "CUST-7", "status": status}
            item = {**{name: {"S": text} for name, text in texts.items()}, "total": {"N": "5"}}
            await asyncio.to_thread(lambda item=item: dynamodb.put_item(TableName=orders.name, Item=item))
        await run.settle()
        return await asyncio.to_thread(lambda: dynamodb.scan(TableName=customers.name)["Items"])

    (item,) = locally(EXAMPLE, total)
    assert (item["customer_id"], item["orders"], item["total"]) == ({"S": "CUST-7"}, {"N": "2"}, {"N": "10"})


def test_the_readme_shows_what_happens():
    assert differences(EXAMPLE) == {}
