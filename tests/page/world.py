"""A shop with a page: a bus, a topic, two filtered queues with their functions, dead letters; its functions are in this process."""

import asyncio
from contextlib import asynccontextmanager

import aiohttp

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import EventSchema
from cdk_event_flow.page.server import serve
from tests.local import world as w

ORDERS = w.bus()
EVENTS = w.topic("Events")
DEAD = w.queue("BillingDead")
BILLED = w.queue("Billing", visibility=30, max_receives=2, dead_letter_arn=DEAD.arn)
PACKED = w.queue("Packing", visibility=30)
BILLING, PACKING = w.function("Bill", memory=256), w.function("Pack")
RULE = w.rule("ToTopic", {"source": ["shop.orders"]}, EVENTS)
TO_BILLING = w.subscription(
    EVENTS, BILLED, raw=True, filter_policy={"detail": {"total": [{"numeric": [">", 0]}]}}, filter_scope="MessageBody"
)
TO_PACKING = w.subscription(EVENTS, PACKED, raw=True, filter_policy={"detail": {"region": ["eu", "us"]}}, filter_scope="MessageBody")
DETAIL = {
    "type": "object",
    "required": ["total", "region"],
    "properties": {"total": {"type": "number"}, "region": {"enum": ["eu", "us", "apac"]}, "note": {"type": "string"}},
}
SCHEMA = EventSchema(
    logical_id="Schema", arn=w.arn("schemas", "Schema"), name="Schema", path="Shop/Schema", source="shop.orders",
    detail_type="OrderSubmitted",
    schema={"properties": {"source": {"const": "shop.orders"}, "detail-type": {"const": "OrderSubmitted"}, "detail": DETAIL}},
)  # fmt: skip
NODES = (
    ORDERS, RULE, EVENTS, TO_BILLING, TO_PACKING, DEAD, BILLED, PACKED, BILLING, PACKING, SCHEMA,
    w.mapping(BILLED, BILLING), w.mapping(PACKED, PACKING),
)  # fmt: skip
FLOW = Flow({node.arn: node for node in NODES}, account=w.ACCOUNT, region=w.REGION)


class Client:
    """Asks the page as a browser with its token does."""

    def __init__(self, page, session, run):
        self.page = page
        self.session = session
        self.run = run
        self.base = f"http://127.0.0.1:{page.port}"
        self.headers = {"Authorization": f"Bearer {page.token}"}

    async def get(self, path, status=200, /, **query):
        async with self.session.get(f"{self.base}/api/{path}", headers=self.headers, params=query) as answer:
            assert answer.status == status, await answer.text()
            return await answer.json()

    async def post(self, path, status=200, /, **body):
        async with self.session.post(f"{self.base}/api/{path}", headers=self.headers, json=body) as answer:
            assert answer.status == status, await answer.text()
            return await answer.json()


@asynccontextmanager
async def page(*, handlers=None, read=None, saved=(), nodes=NODES, flow=FLOW, **more):
    async with (
        w.local_run(*nodes, handlers=handlers, **more) as run,
        serve(run, flow, saved=saved, read=read, port=0) as served,
        aiohttp.ClientSession() as session,
    ):
        yield Client(served, session, run)


def on_page(work, **more):
    """Run `work(client)` on a page of its own."""

    async def main():
        async with page(**more) as client:
            return await work(client)

    return asyncio.run(main())
