"""The stack that both suites test: a bus, a topic, and behind it ten filtered queues with private functions.

Run as a program, it is the app of the suite with the fixtures.
"""

from datetime import timedelta

import aws_cdk as cdk

from cdk_event_flow import EventBus, PrivateNetwork, PythonFunction, Topic
from lambda_src.shared.events import OrderSubmitted, PackingFailed

CONSUMERS = 10
CODE = ("billing", "packing", "human_dispatch")


class Shop(cdk.Stack):
    """`Consumer0` to `Consumer9` get the orders whose total is above their number; `batch` is of their mappings."""

    def __init__(self, scope, id, *, batch=10, **kwargs):
        super().__init__(scope, id, **kwargs)
        network = PrivateNetwork(self, "Network")
        bus = EventBus(self, "Orders", archive=timedelta(days=30), publishes=[OrderSubmitted, PackingFailed])
        events = Topic(self, "OrderEvents")
        bus.route("ToTopic", [OrderSubmitted, PackingFailed], to=events)
        for number in range(CONSUMERS):
            name = f"Consumer{number}"
            code = f"lambda_src/{CODE[number % len(CODE)]}"
            function = PythonFunction(self, name, code=code, network=network, idempotent=True)
            where = {"detail-type": ["OrderSubmitted"], "detail": {"total": [{"numeric": [">", number]}]}}
            events.fan_out(name, to=function, where=where, batch=batch)


if __name__ == "__main__":
    app = cdk.App()
    Shop(app, "Shop")
    app.synth()
