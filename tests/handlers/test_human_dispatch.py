"""Human dispatch: the right team for every reason."""

import pytest

pytestmark = pytest.mark.usefixtures("aws")


def test_every_reason_sends_its_team_in_time(load, sample, context, said):
    answer = load("human_dispatch").handler(sample("human_dispatch", "every-reason"), context())
    assert answer == {"batchItemFailures": []}
    sent = [(line["order_id"], line["sku"], line["team"], line["within_minutes"]) for line in said.logs("dispatched")]
    assert sent == [
        ("ORD-1005", "SOFA-1", "forklift", 30),
        ("ORD-0999", "LAMP-3", "quality", 60),
        ("ORD-1012", "BOOK-9", "purchasing", 240),
    ]
    assert said.metrics() == {"HumansDispatched": 3}


def test_a_reason_nobody_knows_comes_back_alone(load, sample, context, said):
    event = sample("human_dispatch", "one-poison")
    answer = load("human_dispatch").handler(event, context())
    assert answer == {"batchItemFailures": [{"itemIdentifier": event["Records"][1]["messageId"]}]}
    assert "'lost'" in said.logs("failed")[0]["exception"]
    assert said.metrics() == {"HumansDispatched": 1, "RecordsFailed": 1}


def test_it_needs_no_idempotency_table(load, sample, context, monkeypatch):
    monkeypatch.delenv("IDEMPOTENCY_TABLE", raising=False)
    answer = load("human_dispatch").handler(sample("human_dispatch", "every-reason"), context())
    assert answer == {"batchItemFailures": []}
