"""An outbox: what is written to a table becomes an event on a bus, by a pipe and without a function in between."""

from typing import Any

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from cdk_event_flow import EventBus, EventFlowChecks, Pipe, PipeTarget, PythonFunction, Table
from constructs import Construct
from lambda_src.shared.events import OrderPlaced


class Outbox(cdk.Stack):
    """An order is written and told of, or neither: no function has to do both."""

    def __init__(self, scope: Construct, id: str, **kwargs: Any) -> None:
        super().__init__(scope, id, **kwargs)
        orders = Table(self, "Orders", partition_key="order_id", stream="NEW_IMAGE")
        place = PythonFunction(self, "Place", code="lambda_src/place", environment={"TABLE": orders.name})
        orders.allow(place, "PutItem")

        shop = EventBus(self, "Shop", publishes=[OrderPlaced])
        new = "<$.dynamodb.NewImage.{}>".format
        Pipe(
            self,
            "Outbox",
            source=orders,
            where={"eventName": ["INSERT"]},
            to=PipeTarget(
                to=shop,
                event=OrderPlaced,
                input={"order_id": new("order_id.S"), "customer_id": new("customer_id.S"), "cents": new("cents.N")},
            ),
        )
        shop.route("Placed", [OrderPlaced], to=PythonFunction(self, "Confirm", code="lambda_src/confirm"))


app = cdk.App()
Outbox(app, "Outbox")
cdk.Validations.of(app).add_plugins(EventFlowChecks(), AwsSolutionsChecks(app), ServerlessChecks(app))
app.synth()
