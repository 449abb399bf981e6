"""The store: without an environment, with one, and as a stage."""

import aws_cdk as cdk
from cdk_event_flow import EventFlowChecks
from constructs import Construct

from store.existing import Existing
from store.foundation import Foundation
from store.orders import Audit, Orders
from store.tidy import tidy

KNOWN = cdk.Environment(account="111122223333", region="eu-west-1")


class Prod(cdk.Stage):
    """The same stacks, in an environment that is known."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id, env=KNOWN)
        foundation = Foundation(self, "Foundation")
        Orders(self, "Orders", foundation=foundation)
        tidy(self)  # no aspect goes into a stage


def store(app: cdk.App) -> Orders:
    """All stacks of the app."""
    foundation = Foundation(app, "Foundation")
    orders = Orders(app, "Orders", foundation=foundation)
    Audit(orders, "Audit", orders=orders, foundation=foundation)
    Existing(app, "Existing", env=KNOWN)
    Prod(app, "Prod")
    tidy(app)
    return orders


if __name__ == "__main__":
    app = cdk.App()
    store(app)
    cdk.Validations.of(app).add_plugins(EventFlowChecks())
    app.synth()
