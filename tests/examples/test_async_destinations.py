"""Returns: what each function answers, which destination is told, and the same on this machine."""

import json
from decimal import Decimal

import boto3
import pytest

from cdk_event_flow.flow.model import AsyncConfig, Function, Queue
from cdk_event_flow.flow.sources import Bucket
from tests.examples.checked import checked, sample_event
from tests.examples.locally import locally
from tests.examples.readme import differences

EXAMPLE = "async_destinations"


def test_it_is_clean_and_a_return_reaches_three_functions_and_those_they_tell():
    flow = checked(EXAMPLE).flow
    sent = flow.send("Returns/Returns", sample_event(EXAMPLE, "refund", "small"))
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
def test_a_return_is_refunded_less_what_is_damaged(refund, context, name, amount):
    assert refund.handler(sample_event(EXAMPLE, "refund", name), context) == {"order_id": "ORD-1001", "amount": amount}


def test_the_same_return_is_refunded_once(refund, context):
    event = sample_event(EXAMPLE, "refund", "small")
    first = refund.handler(event, context)
    event["detail"]["paid"] = 1
    assert refund.handler(event, context) == first


def test_a_large_refund_needs_a_person_each_time_it_is_tried(refund, context):
    for _ in range(2):
        with pytest.raises(refund.NeedsApproval, match=r"899\.00 EUR for ORD-1002"):
            refund.handler(sample_event(EXAMPLE, "refund", "large"), context)
    assert Decimal(899) > refund.LIMIT


def test_a_label_leads_to_the_shelf_or_there_is_no_depot(load, context):
    label = load(EXAMPLE, "label")
    assert label.handler(sample_event(EXAMPLE, "label", "known"), context)["label"] == "Halle/stock/BOOK-1"
    with pytest.raises(label.NoDepot):
        label.handler(sample_event(EXAMPLE, "label", "unknown"), context)


def test_who_cannot_be_written_to_is_called(load, context):
    notify = load(EXAMPLE, "notify")
    notify.handler(sample_event(EXAMPLE, "notify", "reachable"), context)
    with pytest.raises(notify.NoAddress):
        notify.handler(sample_event(EXAMPLE, "notify", "unreachable"), context)
    called = load(EXAMPLE, "apologise").handler(sample_event(EXAMPLE, "apologise", "unreachable"), context)
    assert called == {"order_id": "ORD-1004", "why": "'counter 7' is no address"}


def test_a_refund_is_booked(load, context):
    booked = load(EXAMPLE, "ledger").handler(sample_event(EXAMPLE, "ledger", "refunded"), context)
    assert booked == {"entry": "refund/ORD-1001", "amount": "42.50"}


def test_it_runs_on_this_machine_and_every_destination_is_told():
    flow = checked(EXAMPLE).flow
    failed, warehouse = (flow.find(name, Queue).arn for name in ("FailedRefunds", "Warehouse"))
    bucket = flow.find("FailedLabels", Bucket).arn
    apologise, ledger = (flow.find(name, Function).arn for name in ("Apologise", "Ledger"))
    events = [("refund", "small"), ("refund", "large"), ("label", "unknown"), ("notify", "unreachable")]

    async def returned(run):
        await run.put_events([sample_event(EXAMPLE, *event) for event in events], bus="Returns/Returns")
        await run.settle()
        received = {arn: [json.loads(body) for body in run.received(arn)] for arn in (warehouse, apologise, ledger)}
        received[failed] = [json.loads(message.body) for message in run.dead_letters(failed)]
        return received, [json.loads(each.payload) for root in run.trace.roots for each in root.walk() if each.node == bucket]

    received, kept = locally(EXAMPLE, returned)
    (record,) = received[failed]
    assert (record["requestPayload"]["detail"]["order_id"], record["requestContext"]["approximateInvokeCount"]) == ("ORD-1002", 3)
    assert record["responsePayload"]["errorType"] == "NeedsApproval"
    assert len(received[warehouse]) == 3
    assert [each["requestPayload"]["detail"]["order_id"] for each in received[apologise]] == ["ORD-1004"]
    booked = [each["detail"]["responsePayload"]["order_id"] for each in received[ledger]]
    assert sorted(booked) == ["ORD-1001", "ORD-1003", "ORD-1004"]
    assert [each["responsePayload"]["errorType"] for each in kept] == ["NoDepot"]


def test_the_readme_shows_what_happens():
    assert differences(EXAMPLE) == {}
