"""The reference app, proven: who gets what, and why not."""

import json
from pathlib import Path

import pytest

from cdk_event_flow.errors import TemplateError
from cdk_event_flow.flow import Contract
from cdk_event_flow.flow.model import EventSourceMapping, Queue
from lambda_src.shared.events import OrderSubmitted, PackingFailed

EVENTS = Path(__file__).parent.parent.parent / "events"
CONSUMERS = ("Billing", "Packing", "HumanDispatch")
WHO_GETS_WHAT = {
    "1-billed-only": {"Billing"},
    "2-packed-only": {"Packing"},
    "3-billed-and-packed": {"Billing", "Packing"},
    "4-dispatched": {"HumanDispatch"},
    "5-too-heavy": {"Billing", "Packing"},
    "6-unmatched": set(),
    "7-unknown": set(),
    "8-poison": {"Billing"},
}


@pytest.mark.parametrize("name", sorted(WHO_GETS_WHAT))
def test_each_sample_event_reaches_exactly_its_consumers(flow, name):
    sent = flow.send("Orders", json.loads((EVENTS / f"{name}.json").read_text("utf-8")))
    assert {consumer for consumer in CONSUMERS if sent.reaches(consumer)} == WHO_GETS_WHAT[name]


def test_every_sample_event_is_in_the_table():
    assert {file.stem for file in EVENTS.glob("*.json")} == set(WHO_GETS_WHAT)


def test_why_not_names_the_key_the_value_and_what_was_wanted(flow):
    sent = flow.send("Orders", Contract.from_model(OrderSubmitted).sample(total=5, region="apac"))
    assert sent.reaches("Billing")
    assert sent.why_not("Packing") == 'detail.region is "apac", the filter of OrderEvents → Packing wants "eu" or "us"'
    assert sent.why_not("Billing") == "it does reach OrderPacking/Billing/Function"
    assert sent.why_not("Reconcile") == "no route leads from OrderPacking/Orders/Bus to OrderPacking/Reconcile/Function"


def test_the_handler_receives_the_event_in_the_body_of_an_sqs_record(flow):
    event = Contract.from_model(PackingFailed).sample()
    [to_function] = [each for each in flow.send("Orders", event).deliveries if each.receiver.path.endswith("/Function")]
    [record] = to_function.payload["Records"]
    assert PackingFailed.model_validate_json(record["body"]).detail.order_id == "ORD-1001"


def test_samples_are_what_the_models_accept():
    for model in (OrderSubmitted, PackingFailed):
        model.model_validate(Contract.from_model(model).sample())


def test_nothing_is_wrong(flow):
    assert flow.check() == []


def test_an_unknown_name_gets_the_nearest_one(flow):
    with pytest.raises(TemplateError, match="did you mean Billing"):
        flow.find("Biling")


def test_queues_wait_six_times_the_timeout_and_the_window(flow):
    for mapping in flow.of(EventSourceMapping):
        queue, function = flow.nodes[mapping.source_arn], flow.function(mapping.function_arn)
        assert isinstance(queue, Queue)
        assert (queue.visibility, queue.max_receives) == (6 * function.timeout + mapping.window, 5)
        assert mapping.partial_failures
        assert mapping.function_arn.endswith(":live")


def test_the_answer_prints_as_the_route_or_as_the_reason(flow):
    sent = flow.send("Orders", json.loads(Path("events/1-billed-only.json").read_text("utf-8")))
    places = ("Orders/Bus", "OrderEvents/Topic", "OrderEvents/Billing/Queue", "Billing/Function")
    assert repr(sent.reaches("Billing")) == "reached by " + " → ".join(f"OrderPacking/{place}" for place in places)
    reason = 'detail.region is "apac", the filter of OrderEvents → Packing wants "eu" or "us"'
    assert repr(sent.reaches("Packing")) == f"not reached: {reason}"
