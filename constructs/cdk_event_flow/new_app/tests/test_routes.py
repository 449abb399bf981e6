"""Who gets which event. The fixture `flow` comes with cdk-event-flow: it synthesizes the app of cdk.json once."""

import json
from pathlib import Path

EVENTS = Path(__file__).parent.parent / "events"


def event(name):
    """A sample event."""
    return json.loads((EVENTS / name).read_text("utf-8"))


def test_orders_are_billed(flow):
    assert flow.send("Orders", event("1-order.json")).reaches("Billing")


def test_free_orders_are_not(flow):
    sent = flow.send("Orders", event("2-free-order.json"))
    assert not sent.reaches("Billing")
    assert sent.why_not("Billing") == "detail.total is 0, the rule Bill wants a number greater than 0"


def test_nothing_is_wrong(flow):
    assert flow.check() == []
