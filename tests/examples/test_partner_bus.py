"""A partner's bus, translated to the shop's own."""

import json

from cdk_event_flow.flow.model import Bus, Function
from tests.examples.checked import checked
from tests.examples.locally import locally
from tests.examples.readme import differences

EXAMPLE = "partner_bus"


def test_what_the_partner_says_is_translated_and_nothing_else_is(sample):
    flow = checked(EXAMPLE).flow
    paid = sample(EXAMPLE, "translate", "paid")
    assert flow.send("Partner", paid).reaches("Translate")
    assert not flow.send("Partner", {**paid, "detail-type": "payment.failed"}).reaches("Translate")
    assert flow.send("Shop", {"source": "shop.payments", "detail-type": "PaymentReceived", "detail": {}}).reaches("Ship")


def test_a_payment_is_shipped_here(sample):
    flow = checked(EXAMPLE).flow
    bus, ship = flow.find("Partner", Bus), flow.find("Ship", Function)

    async def scenario(run):
        await run.put_events([sample(EXAMPLE, "translate", "paid")], bus=bus.name)
        await run.settle()
        return run.received(ship.name)

    assert [json.loads(each) for each in locally(EXAMPLE, scenario)] == [{"order_id": "ORD-1", "cents": 4200}]


def test_the_readme_shows_what_happens():
    assert differences(EXAMPLE) == {}
