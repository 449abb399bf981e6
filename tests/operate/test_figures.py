"""Figures of the local run, read as from CloudWatch."""

import time

import pytest

from cdk_event_flow.local.services.cloudwatch import CloudWatch
from cdk_event_flow.local.wire import ServiceError
from cdk_event_flow.operate.dead_letters import dead_letter_queues, fillings
from cdk_event_flow.operate.figures import MOST_QUERIES, Figure, latest, over
from cdk_event_flow.operate.metrics import figures_of

from .world import shop as running

OF_BILLING = {"FunctionName": "shop-Billing"}


def test_an_average_is_of_all_samples_and_a_sum_of_all_counts(shop):
    for _ in range(3):
        shop.client("lambda").invoke(FunctionName="shop-Billing", Payload=b"{}")
    asked = [
        Figure("AWS/Lambda", "Invocations", OF_BILLING),
        Figure("AWS/Lambda", "Duration", OF_BILLING, "Average"),
        Figure("AWS/Lambda", "Duration", OF_BILLING, "Maximum"),
        Figure("AWS/Lambda", "Duration", {"FunctionName": "nobody"}, "Average"),
        Figure("AWS/Lambda", "Throttles", OF_BILLING),
    ]
    assert over(shop.stack, asked, 90) == [3.0, 1.0, 1.0, None, 0.0]
    assert over(shop.stack, asked, 100_000) == [3.0, 1.0, 1.0, None, 0.0]


def test_more_than_one_request_takes_are_asked_in_several(shop):
    shop.client("lambda").invoke(FunctionName="shop-Billing", Payload=b"{}")
    asked = [Figure("AWS/Lambda", "Invocations", OF_BILLING)] * (MOST_QUERIES + 1)
    assert over(shop.stack, asked, 60) == [1.0] * (MOST_QUERIES + 1)
    assert latest(shop.stack, []) == []


def test_what_was_not_delivered_counts_as_failed(shop):
    shop.fail("Parked")
    entry = {"Source": "shop.orders", "DetailType": "T", "Detail": "{}", "EventBusName": "shop"}
    shop.client("events").put_events(Entries=[entry])
    shop.client("sns").publish(TopicArn=shop.node("Topic").arn, Message="m")
    rows = {row.name: row.figures for row in figures_of(shop.stack, 600)}
    assert rows["Rule"] == {"invocations": 2.0, "failed": 1.0}
    assert rows["Topic"] == {"published": 1.0, "delivered": None, "failed": 1.0}
    assert (rows["Orders"]["visible"], rows["Orders"]["sent"]) == (1.0, 1.0)
    assert (rows["RuleDead"]["visible"], rows["Nothing"]["oldest"]) == (1.0, None)


def test_what_handlers_count_themselves_is_still_motos(shop):
    watch = shop.client("cloudwatch")
    watch.put_metric_data(Namespace="Shop", MetricData=[{"MetricName": "OrdersBilled", "Value": 5.0, "Timestamp": time.time() - 60}])
    assert over(shop.stack, [Figure("Shop", "OrdersBilled", {})], 600) == [5.0]


def test_without_the_permission_there_are_counts_and_no_age(tmp_path, monkeypatch):
    def denied(self, parameters, _):
        raise ServiceError("AccessDenied", "no")

    monkeypatch.setattr(CloudWatch, "_get_metric_data", denied)
    with running(tmp_path) as shop:
        shop.dead("Orders", {"n": 1})
        (full,) = [each for each in fillings(shop.stack, dead_letter_queues(shop.stack)) if each.depth.all]
        assert (full.depth.visible, full.oldest) == (1, None)


def test_another_refusal_is_not_passed_over(tmp_path, monkeypatch):
    def refused(self, parameters, _):
        raise ServiceError("InvalidParameterValue", "no")

    monkeypatch.setattr(CloudWatch, "_get_metric_data", refused)
    with running(tmp_path) as shop, pytest.raises(Exception, match="InvalidParameterValue"):
        latest(shop.stack, [Figure("AWS/Lambda", "Invocations", OF_BILLING)])
