"""Returns: one event, three functions that are invoked asynchronously, and every kind of destination for how it ended."""

from datetime import timedelta
from typing import Any

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from cdk_event_flow import Asynchronous, Bucket, EventBus, EventFlowChecks, PythonFunction, Queue, Topic
from constructs import Construct
from lambda_src.shared.events import ReturnReceived

# What fails goes to a destination, with the error; a dead-letter queue would get the event alone.
TOLD = Asynchronous(dead_letters=None)


class Returns(cdk.Stack):
    """A parcel came back: the customer gets the money, the warehouse a label, and both are told."""

    def __init__(self, scope: Construct, id: str, **kwargs: Any) -> None:
        super().__init__(scope, id, **kwargs)
        returns = EventBus(self, "Returns", publishes=[ReturnReceived])
        refund = PythonFunction(
            self,
            "Refund",
            code="lambda_src/refund",
            idempotent=True,
            asynchronous=Asynchronous(retries=2, max_age=timedelta(hours=1), dead_letters=None),
        )
        label = PythonFunction(self, "Label", code="lambda_src/label", asynchronous=TOLD)
        notify = PythonFunction(self, "Notify", code="lambda_src/notify", asynchronous=Asynchronous(retries=0, dead_letters=None))
        returns.route("Received", [ReturnReceived], to=[refund, label, notify])

        outcomes = EventBus(self, "Outcomes")
        refund.on_success(outcomes)
        refund.on_failure(Queue(self, "FailedRefunds", promise=3_600))  # somebody looks at it within the hour

        labels = Topic(self, "Labels")
        labels.subscribe("Warehouse", to=Queue(self, "Warehouse"))
        label.on_success(labels)
        failed = Bucket(self, "FailedLabels")
        failed.bucket.add_lifecycle_rule(expiration=cdk.Duration.days(365))
        label.on_failure(failed)

        apologise = PythonFunction(self, "Apologise", code="lambda_src/apologise")
        notify.on_failure(apologise)

        ledger = PythonFunction(self, "Ledger", code="lambda_src/ledger")
        outcomes.route("Refunded", {"source": ["lambda"], "detail-type": ["Lambda Function Invocation Result - Success"]}, to=ledger)


app = cdk.App()
Returns(app, "Returns")
cdk.Validations.of(app).add_plugins(EventFlowChecks(), AwsSolutionsChecks(app), ServerlessChecks(app))
app.synth()
