"""Totals by customer: a table's stream → a function → another table."""

from datetime import timedelta
from typing import Any

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from cdk_event_flow import EventFlowChecks, PythonFunction, Retry, Table
from constructs import Construct


class Totals(cdk.Stack):
    """What each customer has ordered in all, kept up to date with the orders."""

    def __init__(self, scope: Construct, id: str, **kwargs: Any) -> None:
        super().__init__(scope, id, **kwargs)
        orders = Table(self, "Orders", partition_key="order_id", stream="NEW_IMAGE")
        customers = Table(self, "Customers", partition_key="customer_id", stream=None)
        totals = PythonFunction(self, "Totals", code="lambda_src/totals", environment={"TABLE": customers.name}, idempotent=True)
        customers.allow(totals, "UpdateItem")
        totals.consume(
            orders,
            batch=100,
            window=timedelta(seconds=1),
            where={"eventName": ["INSERT"], "dynamodb": {"NewImage": {"status": {"S": ["paid"]}}}},
            retry=Retry(attempts=5, max_age=timedelta(hours=12)),
        )


app = cdk.App()
Totals(app, "Totals")
cdk.Validations.of(app).add_plugins(EventFlowChecks(), AwsSolutionsChecks(app), ServerlessChecks(app))
app.synth()
