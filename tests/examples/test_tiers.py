"""Tiers decoupled by queues."""

import asyncio
import json

from cdk_event_flow.flow.model import Function, Queue, Table
from tests.examples.checked import checked
from tests.examples.locally import client, locally
from tests.examples.readme import differences

EXAMPLE = "tiers"
PRICED = {"order_id": "ORD-1", "sku": "BOOK-1", "quantity": 2, "total": 24}


def test_each_queue_leads_to_the_next_tier_and_no_further():
    flow = checked(EXAMPLE).flow
    assert flow.send("Submitted", PRICED).reaches("Orders")
    assert not flow.send("Submitted", PRICED).reaches("Store")
    assert flow.send("Priced", PRICED).reaches("Store")


def test_an_order_goes_through_all_tiers_here_and_one_without_a_price_becomes_a_dead_letter(sample):
    order = sample(EXAMPLE, "web", "order")
    unknown = {"order": {"order_id": "ORD-2", "sku": "YACHT-1", "quantity": 1}}

    flow = checked(EXAMPLE).flow
    web, table = flow.find("Web", Function), flow.find("Kept", Table)
    dead = flow.find("Submitted/DeadLetters", Queue)

    async def scenario(run):
        def submit(event):
            said = client(run, "lambda").invoke(FunctionName=web.name, Payload=json.dumps(event))
            return json.load(said["Payload"])

        answers = [await asyncio.to_thread(submit, each) for each in (order, unknown)]
        await run.settle()
        kept = await asyncio.to_thread(lambda: client(run, "dynamodb").scan(TableName=table.name)["Items"])
        return answers, kept, [json.loads(message.body) for message in run.dead_letters(dead.name)]

    answers, kept, given_up = locally(EXAMPLE, scenario)
    assert answers == [{"accepted": "ORD-1"}, {"accepted": "ORD-2"}]
    assert [(item["order_id"]["S"], item["total"]["N"]) for item in kept] == [("ORD-1", "24")]
    assert given_up == [unknown["order"]]


def test_the_readme_shows_what_happens():
    assert differences(EXAMPLE) == {}
