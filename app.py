"""The order-packing app: bus → topic → three filtered queues → private functions, and a nightly reconciliation."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from cdk_event_flow import (
    Canary,
    EventBus,
    EventFlowChecks,
    FlowAlarm,
    PrivateNetwork,
    PythonFunction,
    Schedule,
    Topic,
    idempotency_table,
)
from constructs import Construct
from lambda_src.shared.events import OrderSubmitted, PackingFailed


class OrderPacking(cdk.Stack):
    """Bills and packs submitted orders; sends a human where packing fails."""

    def __init__(self, scope: Construct, id: str, **kwargs: Any) -> None:
        super().__init__(scope, id, **kwargs)
        network = PrivateNetwork(self, "Network")
        bus = EventBus(self, "Orders", archive=timedelta(days=30), publishes=[OrderSubmitted, PackingFailed])
        events = Topic(self, "OrderEvents")
        bus.route("ToTopic", [OrderSubmitted, PackingFailed], to=events)

        billing = PythonFunction(
            self,
            "Billing",
            code="lambda_src/billing",
            network=network,
            idempotent=True,
            release=Canary(percent=10, every=timedelta(minutes=5)),
        )
        packing = PythonFunction(
            self,
            "Packing",
            code="lambda_src/packing",
            network=network,
            idempotent=True,
            environment={"EVENT_BUS_NAME": bus.name},
        )
        bus.allow_publishing(packing, [PackingFailed])
        dispatch = PythonFunction(self, "HumanDispatch", code="lambda_src/human_dispatch", network=network)

        billable = {"detail-type": ["OrderSubmitted"], "detail": {"total": [{"numeric": [">", 0]}]}}
        events.fan_out("Billing", to=billing, where=billable)
        events.fan_out("Packing", to=packing, where={"detail": {"region": ["eu", "us"]}}, batch=25, window=timedelta(seconds=2))
        events.fan_out("Dispatch", to=dispatch, where={"detail-type": ["PackingFailed"]})
        FlowAlarm(self, "NotBilled", says="Orders are not billed.", of=[billing])

        records = idempotency_table(self)
        reconcile = PythonFunction(
            self, "Reconcile", code="lambda_src/reconcile", environment={"IDEMPOTENCY_TABLE": records.table_name}
        )
        records.grants.read_data(reconcile.role)
        Schedule(self, "Nightly", cron="0 2 * * ? *", to=reconcile)


# The context that the CDK command line would give, so `python app.py` gives the same template as `cdk synth`.
flags = json.loads(Path("cdk.json").read_text("utf-8"))["context"]
app = cdk.App(context={**flags, "aws:cdk:enable-path-metadata": True, "aws:cdk:enable-asset-metadata": True})
OrderPacking(app, "OrderPacking")
cdk.Validations.of(app).add_plugins(EventFlowChecks(), AwsSolutionsChecks(app), ServerlessChecks(app))
app.synth()
