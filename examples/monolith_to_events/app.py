"""The same shop three times: functions that call each other, tiers with queues between them, parts that listen to events."""

from itertools import pairwise
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from cdk_event_flow import EventBus, EventFlowChecks, PythonFunction, Table, decouple
from constructs import Construct
from lambda_src.shared.events import OrderPaid, OrderPlaced

PARTS = ("Checkout", "Charge", "Pack", "Tell")


class Shop(cdk.Stack):
    """What all three have: a table of what is done, and the parts, which differ in how they hear of an order."""

    def __init__(self, scope: Construct, id: str, *, as_what: str, **kwargs: Any) -> None:
        super().__init__(scope, id, **kwargs)
        done = Table(self, "Done", partition_key="order_id", sort_key="step", stream=None)
        self.parts = {}
        for part in PARTS:
            handler = "handler.as_producer" if (part, as_what) == ("Checkout", "consumer") else f"handler.as_{as_what}"
            function = PythonFunction(
                self, part, code=f"lambda_src/{part.lower()}", handler=handler, environment={"TABLE": done.name}
            )
            if part != "Checkout":
                done.allow(function, "PutItem")
            self.parts[part] = function


class Monolith(Shop):
    """Each part calls the next and waits: they fail together, scale together, and are paid for while they wait."""

    def __init__(self, scope: Construct, id: str, **kwargs: Any) -> None:
        super().__init__(scope, id, as_what="monolith", **kwargs)
        for caller, called in pairwise(PARTS):
            arn = self.parts[called].alias.function_arn
            self.parts[caller].function.add_environment("NEXT", arn)
            allowed = iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[arn])
            iam.Policy(self, f"{caller}Calls{called}", roles=[self.parts[caller].role], statements=[allowed])


class Tiers(Shop):
    """A queue between any two: a part may be slow or down, and the one before it does not notice."""

    def __init__(self, scope: Construct, id: str, **kwargs: Any) -> None:
        super().__init__(scope, id, as_what="tier", **kwargs)
        for before, after in pairwise(PARTS):
            decouple(self, f"To{after}", producers=[self.parts[before]], consumer=self.parts[after])


class Events(Shop):
    """Each part says what happened and listens to what it needs: one more is one more route, and nobody else changes."""

    def __init__(self, scope: Construct, id: str, **kwargs: Any) -> None:
        super().__init__(scope, id, as_what="consumer", **kwargs)
        bus = EventBus(self, "Shop", publishes=[OrderPlaced, OrderPaid])
        for part, said in (("Checkout", OrderPlaced), ("Charge", OrderPaid)):
            bus.allow_publishing(self.parts[part], [said])
            self.parts[part].function.add_environment("BUS", bus.name)
        bus.route("Placed", [OrderPlaced], to=self.parts["Charge"])
        bus.route("Paid", [OrderPaid], to=[self.parts["Pack"], self.parts["Tell"]])


app = cdk.App()
Monolith(app, "Monolith")
Tiers(app, "Tiers")
Events(app, "Events")
cdk.Validations.of(app).add_plugins(EventFlowChecks(), AwsSolutionsChecks(app), ServerlessChecks(app))
app.synth()
