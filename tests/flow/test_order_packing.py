"""The reference app, proven: who gets what, and why not."""

import json
from pathlib import Path

import pytest
import yaml

from cdk_event_flow.errors import TemplateError
from cdk_event_flow.flow import Contract
from cdk_event_flow.flow.model import EventSourceMapping, Queue
from cdk_event_flow.testing import who_gets_what
from lambda_src.shared.events import OrderSubmitted, PackingFailed

HERE = Path(__file__).parent
TABLE = HERE / "order_packing.yaml"
EVENTS = HERE.parent.parent / "events"

test_who_gets_what = who_gets_what(TABLE.name)


def test_every_sample_event_is_in_the_table():
    named = {row["file"] for row in yaml.safe_load(TABLE.read_text("utf-8")) if "file" in row}
    assert {(HERE / name).resolve() for name in named} == set(EVENTS.glob("*.json"))


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
    mappings = flow.of(EventSourceMapping)
    assert len(mappings) == 3
    for mapping in mappings:
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
