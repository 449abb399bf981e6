"""The same shop three times: what is done of an order, what the customer hears, and what remains where a part fails."""

import asyncio
import json

import boto3
import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.callers import callers
from cdk_event_flow.flow.model import Function, Queue, Table
from cdk_event_flow.render import picture_of, svg
from tests.examples.checked import EXAMPLES, checked, sample_event
from tests.examples.locally import client, locally
from tests.examples.readme import differences

EXAMPLE = "monolith_to_events"
WAYS = ("Monolith", "Tiers", "Events")
BOOK, YACHT = (sample_event(EXAMPLE, "checkout", name) for name in ("book", "yacht"))


@pytest.mark.parametrize("way", WAYS)
def test_the_picture_of_each_is_what_its_template_gives(way):
    flow = Flow.from_template(checked(EXAMPLE).assembly / f"{way}.template.json")
    drawn = (EXAMPLES / EXAMPLE / f"{way.lower()}.svg").read_text("utf-8")
    assert drawn == svg(picture_of(flow)), "it is stale: make docs"


def test_who_is_coupled_to_whom():
    flow = checked(EXAMPLE).flow
    assert [(caller.path, called.path) for caller, called, _ in callers(flow)] == [
        (f"Monolith/{one}/Function", f"Monolith/{other}/Function")
        for one, other in (("Checkout", "Charge"), ("Charge", "Pack"), ("Pack", "Tell"))
    ]
    sent = flow.send("Tiers/ToCharge", BOOK)
    assert sent.reaches("Tiers/Charge")
    assert not sent.reaches("Tiers/Pack")


def test_a_payment_is_heard_by_all_who_listen_and_by_nobody_else():
    flow = checked(EXAMPLE).flow
    paid = flow.send("Events/Shop", {"source": "shop.payments", "detail-type": "OrderPaid", "detail": BOOK})
    assert [bool(paid.reaches(f"Events/{part}")) for part in ("Charge", "Pack", "Tell")] == [False, True, True]
    assert 'detail-type is "OrderPaid"' in str(paid.why_not("Events/Charge"))


def test_the_same_orders_three_ways_here():
    flow = checked(EXAMPLE).flow
    tables = [flow.find(f"{way}/Done", Table).name for way in WAYS]
    checkouts = [flow.find(f"{way}/Checkout", Function).name for way in WAYS]
    dead = [flow.find("Tiers/ToPack/DeadLetters", Queue).name, flow.find("Events/Undelivered", Queue).name]

    async def scenario(run):
        functions, dynamodb = client(run, "lambda"), client(run, "dynamodb")

        def order(function, event):
            said = functions.invoke(FunctionName=function, Payload=json.dumps(event))
            return json.load(said["Payload"])

        answers = [await asyncio.to_thread(order, function, event) for event in (BOOK, YACHT) for function in checkouts]
        await run.settle()
        done = []
        for table in tables:
            items = (await asyncio.to_thread(dynamodb.scan, TableName=table))["Items"]
            done.append(sorted((item["order_id"]["S"], item["step"]["S"]) for item in items))
        return answers, done, [run.dead_letters(name) for name in dead]

    answers, done, (of_tier, of_events) = locally(EXAMPLE, scenario)
    assert answers[:3] == [{"order_id": "ORD-1"}] * 3
    assert answers[3]["errorMessage"] == "YACHT-1"  # through three functions, to the customer
    assert answers[4:] == [{"order_id": "ORD-2"}] * 2
    book = [("ORD-1", "charged"), ("ORD-1", "packed"), ("ORD-1", "told")]
    assert done == [
        [*book, ("ORD-2", "charged")],
        [*book, ("ORD-2", "charged")],
        [*book, ("ORD-2", "charged"), ("ORD-2", "told")],
    ]
    assert [json.loads(letter.body)["order_id"] for letter in of_tier] == ["ORD-2"]
    assert [json.loads(letter.body)["detail"]["order_id"] for letter in of_events] == ["ORD-2"]


@pytest.fixture
def table(aws):
    boto3.client("dynamodb").create_table(
        TableName="Done",
        KeySchema=[{"AttributeName": "order_id", "KeyType": "HASH"}, {"AttributeName": "step", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("order_id", "step")],
        BillingMode="PAY_PER_REQUEST",
    )
    return boto3.resource("dynamodb").Table("Done")


@pytest.mark.parametrize(("part", "step"), [("charge", "charged"), ("pack", "packed"), ("tell", "told")])
def test_a_part_does_the_same_with_an_order_however_it_hears_of_it(table, load, monkeypatch, part, step):
    monkeypatch.delenv("NEXT", raising=False)
    monkeypatch.delenv("QUEUE_URL", raising=False)
    boto3.client("events").create_event_bus(Name="shop")
    module = load(EXAMPLE, part, TABLE="Done", BUS="shop")
    heard = {"source": "shop.payments", "detail-type": "OrderPaid", "detail": BOOK}
    if part == "charge":
        heard = {"source": "shop.checkout", "detail-type": "OrderPlaced", "detail": BOOK}
    events = {
        "as_monolith": BOOK,
        "as_tier": {"Records": [{"messageId": "1", "body": json.dumps(BOOK)}]},
        "as_consumer": heard,
    }
    for entry, event in events.items():
        getattr(module, entry)(event, None)
        (item,) = table.scan()["Items"]
        assert item == {"order_id": "ORD-1", "step": step}
        table.delete_item(Key=item)


def test_what_a_tier_cannot_do_comes_again_and_the_rest_of_the_batch_does_not(table, load, monkeypatch):
    monkeypatch.delenv("QUEUE_URL", raising=False)
    records = [
        {"messageId": str(number), "body": json.dumps(each)} for number, each in enumerate((BOOK, YACHT, {"order_id": "ORD-3"}))
    ]
    answer = load(EXAMPLE, "pack", TABLE="Done").as_tier({"Records": records}, None)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}, {"itemIdentifier": "2"}]}
    assert [item["order_id"] for item in table.scan()["Items"]] == ["ORD-1"]


def test_the_readme_shows_what_happens():
    assert differences(EXAMPLE) == {}
