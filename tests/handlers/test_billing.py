"""Billing: charged once each, and only what is wrong comes back."""

import copy
import json
import time

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

pytestmark = pytest.mark.usefixtures("aws")

DAY = 24 * 3600


def only(event, *positions):
    return {"Records": [event["Records"][position] for position in positions]}


def redelivered(event):
    """The same events in other messages."""
    again = copy.deepcopy(event)
    for number, record in enumerate(again["Records"]):
        record["messageId"] = f"00000000-0000-4000-8000-{number:012}"
        body = json.loads(record["body"])
        record["body"] = json.dumps(body | {"id": f"11111111-1111-4111-8111-{number:012}"})
    return again


def test_each_order_is_charged_with_its_regions_tax_in_its_currency(load, sample, context, said):
    billing = load("billing")
    assert billing.handler(sample("billing", "orders"), context()) == {"batchItemFailures": []}
    charged = [(line["order_id"], line["amount"], line["currency"]) for line in said.logs("billed")]
    assert charged == [("ORD-1003", "51.00", "EUR"), ("ORD-1009", "10999", "JPY")]
    assert said.metrics() == {"OrdersBilled": 2}


def test_a_bill_is_remembered_a_week_under_its_own_name(load, sample, context, remembered):
    load("billing").handler(only(sample("billing", "orders"), 0), context())
    [record] = remembered("billing")
    assert json.loads(record["data"]["S"]) == {"order_id": "ORD-1003", "amount": "51.00", "currency": "EUR"}
    assert int(record["expiration"]["N"]) - time.time() == pytest.approx(7 * DAY, abs=60)


def test_of_a_batch_with_one_poison_message_only_that_one_comes_back(load, sample, context, said):
    event = sample("billing", "one-poison")
    poison = event["Records"][1]["messageId"]
    answer = load("billing").handler(event, context())
    assert answer == {"batchItemFailures": [{"itemIdentifier": poison}]}
    assert said.metrics() == {"OrdersBilled": 2, "RecordsFailed": 1}


def test_a_failure_is_logged_with_its_message_and_why_and_without_the_order_before_it(load, sample, context, said):
    event = sample("billing", "one-poison")
    load("billing").handler(event, context())
    [failed] = said.logs("failed")
    assert failed["message_id"] == event["Records"][1]["messageId"]
    assert "currency" in failed["exception"]
    assert "order_id" not in failed


def test_a_batch_of_which_nothing_succeeds_is_an_error_of_the_function(load, sample, context, said):
    billing = load("billing")
    with pytest.raises(BatchProcessingError):
        billing.handler(only(sample("billing", "one-poison"), 1), context())
    assert said.metrics() == {"RecordsFailed": 1}


def test_the_same_order_twice_in_a_batch_is_charged_once(load, sample, context, said):
    answer = load("billing").handler(sample("billing", "same-order-twice"), context())
    assert answer == {"batchItemFailures": []}
    assert said.metrics() == {"OrdersBilled": 1, "OrdersRepeated": 1}


def test_the_same_orders_in_other_messages_are_not_charged_by_any_environment(load, sample, context, said):
    event = sample("billing", "orders")
    billing = load("billing")
    billing.handler(event, context())
    assert billing.handler(redelivered(event), context()) == {"batchItemFailures": []}
    assert load("billing").handler(redelivered(event), context()) == {"batchItemFailures": []}
    assert len(said.logs("billed")) == 2
    assert said.metrics() == {"OrdersBilled": 2, "OrdersRepeated": 4}


def test_an_order_that_comes_again_with_another_total_is_not_charged_again(load, sample, context, said):
    billing, event = load("billing"), only(sample("billing", "orders"), 0)
    billing.handler(event, context())
    event["Records"][0]["body"] = event["Records"][0]["body"].replace('"total":42.5', '"total":43.5')
    billing.handler(event, context())
    assert [line["amount"] for line in said.logs("billed")] == ["51.00"]
    assert said.metrics() == {"OrdersBilled": 1, "OrdersRepeated": 1}


def test_an_order_that_another_environment_is_billing_comes_back(load, sample, context, said, kill_at):
    event = sample("billing", "orders")
    kill_at("ORD-1009", load("billing"), event, context(remaining=30_000))
    answer = load("billing").handler(event, context())
    assert answer == {"batchItemFailures": [{"itemIdentifier": event["Records"][1]["messageId"]}]}
    assert "IdempotencyAlreadyInProgressError" in said.logs("failed")[0]["exception"]
    assert [line["order_id"] for line in said.logs("billed")] == ["ORD-1003"]


def test_an_order_whose_environment_timed_out_is_charged_when_it_comes_again(load, sample, context, said, kill_at):
    event = sample("billing", "orders")
    kill_at("ORD-1009", load("billing"), event, context(remaining=0))
    time.sleep(0.01)  # the record's time-out is in whole milliseconds, and must have passed
    assert load("billing").handler(event, context()) == {"batchItemFailures": []}
    assert [line["order_id"] for line in said.logs("billed")] == ["ORD-1003", "ORD-1009"]
