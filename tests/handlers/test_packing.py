"""Packing: boxes, or an event on the bus that says why not."""

import json

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

pytestmark = pytest.mark.usefixtures("aws")


class RefusingBus:
    """EventBridge on a bad day: answers, and takes nothing."""

    def put_events(self, Entries):  # noqa: N803  AWS's own word
        refused = {"ErrorCode": "InternalFailure", "ErrorMessage": "try again"}
        return {"FailedEntryCount": len(Entries), "Entries": [refused for _ in Entries]}


def entries_to(bus):
    """What the client sends to EventBridge from now on, entry by entry."""
    sent = []
    bus.meta.events.register("provide-client-params.events.PutEvents", lambda params, **_: sent.extend(params["Entries"]))
    return sent


def test_orders_are_packed_and_the_boxes_remembered(load, sample, context, said, remembered):
    packing = load("packing")
    sent = entries_to(packing.bus)
    assert packing.handler(sample("packing", "orders"), context()) == {"batchItemFailures": []}
    packed = {line["order_id"]: line["boxes"] for line in said.logs("packed")}
    assert packed == {"ORD-1003": ["small"], "ORD-1002": ["small"], "ORD-1011": ["large", "large"]}
    assert {r["order_id"]: r["boxes"] for r in (json.loads(r["data"]["S"]) for r in remembered("packing"))} == packed
    assert said.metrics() == {"OrdersPacked": 3}
    assert sent == []


def test_an_order_too_heavy_to_pack_is_announced_and_the_rest_of_the_batch_packed(load, sample, context, said):
    packing = load("packing")
    sent = entries_to(packing.bus)
    assert packing.handler(sample("packing", "too-heavy"), context()) == {"batchItemFailures": []}
    [entry] = sent
    assert (entry["EventBusName"], entry["Source"], entry["DetailType"]) == ("Orders", "shop.packing", "PackingFailed")
    assert json.loads(entry["Detail"]) == {"order_id": "ORD-1005", "reason": "too-heavy", "sku": "SOFA-1"}
    assert [line["order_id"] for line in said.logs("cannot be packed")] == ["ORD-1005"]
    assert said.metrics() == {"OrdersNotPacked": 1, "OrdersPacked": 1}


def test_an_order_too_heavy_to_pack_is_announced_once(load, sample, context, said):
    packing = load("packing")
    sent = entries_to(packing.bus)
    packing.handler(sample("packing", "too-heavy"), context())
    packing.handler(sample("packing", "too-heavy"), context())
    assert len(sent) == 1
    assert said.metrics() == {"OrdersNotPacked": 1, "OrdersPacked": 1, "OrdersRepeated": 2}


def test_what_packing_announces_sends_a_human(load, sample, context, said):
    packing = load("packing")
    sent = entries_to(packing.bus)
    packing.handler(sample("packing", "too-heavy"), context())
    [entry] = sent
    message = sample("human_dispatch", "every-reason")["Records"][1]
    event = json.loads(message["body"]) | {
        "source": entry["Source"],
        "detail-type": entry["DetailType"],
        "detail": json.loads(entry["Detail"]),
    }
    delivered = {"Records": [message | {"body": json.dumps(event)}]}
    assert load("human_dispatch").handler(delivered, context()) == {"batchItemFailures": []}
    [dispatched] = said.logs("dispatched")
    assert (dispatched["order_id"], dispatched["team"]) == ("ORD-1005", "forklift")


def test_an_event_that_the_bus_refuses_fails_its_message_and_is_sent_when_it_comes_again(load, sample, context, said, monkeypatch):
    packing, event = load("packing"), sample("packing", "too-heavy")
    sent = entries_to(packing.bus)
    with monkeypatch.context() as patch:
        patch.setattr(packing, "bus", RefusingBus())
        answer = packing.handler(event, context())
    assert answer == {"batchItemFailures": [{"itemIdentifier": event["Records"][0]["messageId"]}]}
    assert "InternalFailure: try again" in said.logs("failed")[0]["exception"]
    assert said.metrics() == {"OrdersPacked": 1, "RecordsFailed": 1}
    assert packing.handler({"Records": event["Records"][:1]}, context()) == {"batchItemFailures": []}
    assert [json.loads(entry["Detail"])["order_id"] for entry in sent] == ["ORD-1005"]


def test_a_bus_that_is_not_there_fails_the_message(load, sample, context, said, monkeypatch):
    packing, event = load("packing"), sample("packing", "too-heavy")
    monkeypatch.setattr(packing, "BUS_NAME", "Gone")
    with pytest.raises(BatchProcessingError):
        packing.handler({"Records": event["Records"][:1]}, context())
    assert "ResourceNotFoundException" in said.logs("failed")[0]["exception"]


def test_of_a_batch_with_a_broken_message_only_that_one_comes_back(load, sample, context, said):
    event = sample("packing", "one-poison")
    answer = load("packing").handler(event, context())
    assert answer == {"batchItemFailures": [{"itemIdentifier": event["Records"][1]["messageId"]}]}
    assert said.metrics() == {"OrdersPacked": 1, "RecordsFailed": 1}
