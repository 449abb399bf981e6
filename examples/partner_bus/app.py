"""A partner's events arrive on a bus of its own; what the shop understands of them goes on as the shop's own event."""

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from cdk_event_flow import EventBus, EventFlowChecks, InputPath, PythonFunction
from lambda_src.shared.events import PaymentReceived

SOURCE = "aws.partner/example.com/1234/payments"


class Payments(cdk.Stack):
    """partner bus → translation → the shop's bus → whoever wants to know of payments."""

    def __init__(self, scope: cdk.App, id: str) -> None:
        super().__init__(scope, id)
        partner = EventBus(self, "Partner", partner=SOURCE)
        shop = EventBus(self, "Shop", publishes=[PaymentReceived])

        translate = PythonFunction(self, "Translate", code="lambda_src/translate", environment={"BUS": shop.name})
        partner.route("Paid", {"source": [SOURCE], "detail-type": ["payment.succeeded"]}, to=translate)
        shop.allow_publishing(translate, [PaymentReceived])

        ship = PythonFunction(self, "Ship", code="lambda_src/ship")
        shop.route("ToShip", [PaymentReceived], to=ship, input=InputPath("$.detail"))


app = cdk.App()
Payments(app, "Payments")
cdk.Validations.of(app).add_plugins(EventFlowChecks(), AwsSolutionsChecks(app), ServerlessChecks(app))
app.synth()
