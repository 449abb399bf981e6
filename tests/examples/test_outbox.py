"""An outbox: new orders become events, in the shape that was asked for, and nothing else does."""

import asyncio
import json

import boto3
import pytest

from cdk_event_flow.flow.model import Bus, Function
from tests.examples.checked import checked, sample_event
from tests.examples.locally import client, locally
from tests.examples.readme import differences

EXAMPLE = "outbox"
ORDER = {"order_id": "ORD-1", "customer_id": "CUS-7", "cents": 4200, "note": "Leave it with the neighbours"}


def test_it_is_clean_and_a_new_order_is_told_of_without_what_is_nobodys_business():
    sent = checked(EXAMPLE).flow.send("Orders", ORDER)
    assert sent.reaches("Confirm")
    (told,) = [delivery.payload for delivery in sent.deliveries if isinstance(delivery.receiver, Bus)]
    assert told["detail"] == {"order_id": "ORD-1", "customer_id": "CUS-7", "cents": "4200"}


def test_a_change_of_an_order_is_no_new_order():
    changed = {"eventName": "MODIFY", "dynamodb": {"NewImage": {"order_id": {"S": "ORD-1"}}}}
    sent = checked(EXAMPLE).flow.send("Orders", changed)
    assert not sent.reaches("Confirm")
    assert 'eventName is "MODIFY"' in str(sent.why_not("Confirm"))


def test_what_cannot_be_told_is_kept():
    template = checked(EXAMPLE).template["Resources"].values()
    (pipe,) = [each["Properties"] for each in template if each["Type"] == "AWS::Pipes::Pipe"]
    parameters = pipe["SourceParameters"]["DynamoDBStreamParameters"]
    assert parameters["MaximumRetryAttempts"] == 10
    assert parameters["DeadLetterConfig"]["Arn"]["Fn::GetAtt"][0].startswith("Undelivered")


@pytest.fixture
def place(aws, load):
    boto3.client("dynamodb").create_table(
        TableName="Orders",
        KeySchema=[{"AttributeName": "order_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "order_id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return load(EXAMPLE, "place", TABLE="Orders").handler


def test_an_order_is_written_once(place):
    order = sample_event(EXAMPLE, "place", "order")
    assert place(order, None) == {"order_id": "ORD-1", "new": True}
    assert place({**order, "cents": 1}, None) == {"order_id": "ORD-1", "new": False}
    (item,) = boto3.client("dynamodb").scan(TableName="Orders")["Items"]
    assert item["cents"] == {"N": "4200"}


@pytest.mark.parametrize("cents", [4200, "4200"])
def test_the_customer_is_told(load, cents):
    event = sample_event(EXAMPLE, "confirm", "placed")
    told = load(EXAMPLE, "confirm").handler({**event, "detail": {**event["detail"], "cents": cents}}, None)
    assert told == {"to": "CUS-7", "text": "ORD-1 for 42.00 is on its way to you"}


def test_an_order_placed_here_is_told_of_once_though_it_is_placed_twice():
    flow = checked(EXAMPLE).flow
    place, confirm = flow.find("Place", Function), flow.find("Confirm", Function)

    async def scenario(run):
        functions = client(run, "lambda")

        def order(event):
            said = functions.invoke(FunctionName=place.name, Payload=json.dumps(event))
            return json.load(said["Payload"])

        answers = [await asyncio.to_thread(order, ORDER) for _ in range(2)]
        await run.settle()
        return answers, [json.loads(each)["detail"] for each in run.received(confirm.name)]

    answers, told = locally(EXAMPLE, scenario)
    assert [answer["new"] for answer in answers] == [True, False]
    assert told == [{"order_id": "ORD-1", "customer_id": "CUS-7", "cents": "4200"}]


def test_the_readme_shows_what_happens():
    assert differences(EXAMPLE) == {}
