"""Reconciliation, on a table that billing and packing filled."""

import json
import time
from datetime import UTC, datetime, timedelta

import boto3
import pytest

pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture
def night(sample):
    """The Scheduler's event, this long after now."""

    def night(after):
        at = datetime.now(UTC) + after
        return sample("reconcile", "nightly") | {"time": at.strftime("%Y-%m-%dT%H:%M:%SZ")}

    return night


@pytest.fixture
def worked(load, sample, context):
    """ORD-1003 billed and packed, ORD-1002 packed for free, ORD-1011 packed only, ORD-1005 too heavy, ORD-1009 billed only."""
    load("billing").handler(sample("billing", "orders"), context())
    packing = load("packing")
    packing.handler(sample("packing", "orders"), context())
    packing.handler(sample("packing", "too-heavy"), context())


def test_an_order_packed_and_never_billed_is_named_in_answer_log_and_metric(load, context, said, worked, night):
    event = night(timedelta(hours=2))
    answer = load("reconcile").handler(event, context())
    assert answer == {"time": event["time"], "billed": 2, "packed": 3, "never_billed": ["ORD-1011"]}
    [line] = said.logs("reconciled")
    assert (line["billed"], line["packed"], line["never_billed"]) == (2, 3, ["ORD-1011"])
    assert said.metrics()["OrdersNeverBilled"] == 1


def test_nothing_is_named_once_the_bill_is_there(load, sample, context, said, worked, night):
    load("billing").handler({"Records": sample("packing", "orders")["Records"][2:]}, context())
    assert load("reconcile").handler(night(timedelta(hours=2)), context())["never_billed"] == []
    assert said.metrics()["OrdersNeverBilled"] == 0


@pytest.mark.parametrize(
    ("after", "packed"),
    [(timedelta(minutes=59), 0), (timedelta(minutes=61), 3), (timedelta(hours=47), 3), (timedelta(hours=49), 0)],
)
def test_orders_are_looked_at_from_an_hour_to_two_days_after_they_were_packed(load, context, worked, night, after, packed):
    answer = load("reconcile").handler(night(after), context())
    assert answer["packed"] == packed
    assert answer["never_billed"] == (["ORD-1011"] if packed else [])


def test_a_bill_that_was_begun_and_not_finished_is_no_bill(load, sample, context, worked, night, kill_at, remembered):
    kill_at("ORD-1011", load("billing"), sample("packing", "orders"), context())
    assert sorted(record["status"]["S"] for record in remembered("billing")) == ["COMPLETED"] * 3 + ["INPROGRESS"]
    assert load("reconcile").handler(night(timedelta(hours=2)), context())["never_billed"] == ["ORD-1011"]


def test_every_page_of_the_table_is_read(load, context, night):
    dynamodb = boto3.client("dynamodb")
    for number in range(6):  # 380 KB each; a page ends at 1 MB
        dynamodb.put_item(
            TableName="Idempotency",
            Item={
                "id": {"S": f"packing#{number}"},
                "status": {"S": "COMPLETED"},
                "data": {"S": json.dumps({"order_id": f"ORD-{number}", "total": "1", "boxes": ["large"] * 40_000})},
                "expiration": {"N": str(int(time.time()) + 604_800)},
            },
        )
    assert "LastEvaluatedKey" in dynamodb.scan(TableName="Idempotency")
    answer = load("reconcile").handler(night(timedelta(hours=2)), context())
    assert answer["never_billed"] == [f"ORD-{number}" for number in range(6)]


def test_the_sample_event_of_an_empty_table_finds_nothing(load, sample, context):
    answer = load("reconcile").handler(sample("reconcile", "nightly"), context())
    assert answer == {"time": "2026-03-03T02:00:00Z", "billed": 0, "packed": 0, "never_billed": []}
