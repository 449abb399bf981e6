"""Returns: what each function answers, which destination is told, and the same on this machine."""

import asyncio
import json
from decimal import Decimal

import boto3
import pytest

from cdk_event_flow.flow.model import AsyncConfig, Bus, Function, Queue
from cdk_event_flow.flow.sources import Bucket
from cdk_event_flow.local.start import start
from tests.examples.checked import EXAMPLES, checked

EXAMPLE = "async_destinations"


def test_it_is_clean_and_a_return_reaches_three_functions_and_those_they_tell(sample):
    flow = checked(EXAMPLE).flow
    sent = flow.send("Returns/Returns", sample(EXAMPLE, "refund", "small"))
    for name in ("Refund", "Label", "Notify", "Ledger", "Warehouse"):
        assert sent.reaches(name), sent.why_not(name)
    assert not sent.reaches("Apologise")  # it hears of failures only


def test_each_kind_of_destination_is_there_and_nobody_has_dead_letters_besides():
    flow = checked(EXAMPLE).flow
    told = {
        flow.names[config.function_arn]: (config.on_success and kind(config.on_success), kind(config.on_failure or ""))
        for config in flow.of(AsyncConfig)
    }
    assert told == {"Refund": ("event-bus", "sqs"), "Label": ("sns", "s3"), "Notify": (None, "lambda")}
    assert [each.name for each in flow.of(Function) if each.dead_letter_arn and flow.names[each.arn] in told] == []


def kind(arn):
    return "event-bus" if ":event-bus/" in arn else arn.split(":")[2]


@pytest.fixture
def refund(aws, load):
    boto3.client("dynamodb").create_table(
        TableName="Done",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return load(EXAMPLE, "refund", IDEMPOTENCY_TABLE="Done")


@pytest.mark.parametrize(("name", "amount"), [("small", "42.50"), ("damaged", "69.99")])
def test_a_return_is_refunded_less_what_is_damaged(refund, sample, context, name, amount):
    assert refund.handler(sample(EXAMPLE, "refund", name), context) == {"order_id": "ORD-1001", "amount": amount}


def test_the_same_return_is_refunded_once(refund, sample, context):
    event = sample(EXAMPLE, "refund", "small")
    first = refund.handler(event, context)
    event["detail"]["paid"] = 1
    assert refund.handler(event, context) == first


def test_a_large_refund_needs_a_person_each_time_it_is_tried(refund, sample, context):
    for _ in range(2):
        with pytest.raises(refund.NeedsApproval, match=r"899\.00 EUR for ORD-1002"):
            refund.handler(sample(EXAMPLE, "refund", "large"), context)
    assert Decimal(899) > refund.LIMIT


def test_a_label_leads_to_the_shelf_or_there_is_no_depot(load, sample, context):
    label = load(EXAMPLE, "label")
    assert label.handler(sample(EXAMPLE, "label", "known"), context)["label"] == "Halle/stock/BOOK-1"
    with pytest.raises(label.NoDepot):
        label.handler(sample(EXAMPLE, "label", "unknown"), context)


def test_who_cannot_be_written_to_is_called(load, sample, context):
    notify = load(EXAMPLE, "notify")
    notify.handler(sample(EXAMPLE, "notify", "reachable"), context)
    with pytest.raises(notify.NoAddress):
        notify.handler(sample(EXAMPLE, "notify", "unreachable"), context)
    called = load(EXAMPLE, "apologise").handler(sample(EXAMPLE, "apologise", "unreachable"), context)
    assert called == {"order_id": "ORD-1004", "why": "'counter 7' is no address"}


def test_a_refund_is_booked(load, sample, context):
    booked = load(EXAMPLE, "ledger").handler(sample(EXAMPLE, "ledger", "refunded"), context)
    assert booked == {"entry": "refund/ORD-1001", "amount": "42.50"}


def test_it_runs_on_this_machine_and_every_destination_is_told(sample):
    synthesized = checked(EXAMPLE)
    flow = synthesized.flow
    bus = flow.find("Returns/Returns", Bus).name
    failed, warehouse = (flow.find(name, Queue).arn for name in ("FailedRefunds", "Warehouse"))
    bucket = flow.find("FailedLabels", Bucket).arn
    apologise, ledger = (flow.find(name, Function).arn for name in ("Apologise", "Ledger"))
    events = [("refund", "small"), ("refund", "large"), ("label", "unknown"), ("notify", "unreachable")]

    async def returned():
        async with start(flow, app=EXAMPLES / EXAMPLE, assembly=synthesized.assembly, fast=True) as run:
            await run.put_events([sample(EXAMPLE, *event) for event in events], bus=bus)
            await run.settle()
            received = {arn: [json.loads(body) for body in run.received(arn)] for arn in (warehouse, apologise, ledger)}
            received[failed] = [json.loads(message.body) for message in run.dead_letters(failed)]
            return received, [json.loads(each.payload) for root in run.trace.roots for each in root.walk() if each.node == bucket]

    received, kept = asyncio.run(returned())
    (record,) = received[failed]
    assert (record["requestPayload"]["detail"]["order_id"], record["requestContext"]["approximateInvokeCount"]) == ("ORD-1002", 3)
    assert record["responsePayload"]["errorType"] == "NeedsApproval"
    assert len(received[warehouse]) == 3
    assert [each["requestPayload"]["detail"]["order_id"] for each in received[apologise]] == ["ORD-1004"]
    booked = [each["detail"]["responsePayload"]["order_id"] for each in received[ledger]]
    assert sorted(booked) == ["ORD-1001", "ORD-1003", "ORD-1004"]
    assert [each["responsePayload"]["errorType"] for each in kept] == ["NoDepot"]
