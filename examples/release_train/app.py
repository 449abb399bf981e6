"""A release train: DEV follows the newest version of a function, STAGE and PROD stand at numbers, PROD moves as a canary."""

from datetime import timedelta
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from cdk_event_flow import Canary, EventBus, EventFlowChecks, Provisioned, PythonFunction, Stage
from constructs import Construct
from lambda_src.shared.events import OrderPlaced

# What runs where. A promotion is a change of a number, and its review; `cdk deploy` prints the newest.
STAGE, PROD = 1, 1


class Checkout(cdk.Stack):
    """Prices orders: real ones in PROD, rehearsed ones in DEV and STAGE."""

    def __init__(self, scope: Construct, id: str, **kwargs: Any) -> None:
        super().__init__(scope, id, **kwargs)
        checkout = PythonFunction(self, "Checkout", code="lambda_src/checkout", alias="DEV", keep_versions=True)
        stage = Stage(checkout, "STAGE", version=STAGE)
        prod = Stage(
            checkout,
            "PROD",
            version=PROD,
            release=Canary(
                percent=10,
                every=timedelta(minutes=5),
                before=PythonFunction(self, "Smoke", code="lambda_src/smoke", timeout=timedelta(minutes=1)),
                alarms=[self.refused()],
            ),
            provisioned=Provisioned(minimum=1, maximum=20, times={"0 7 * * ? *": 5, "0 20 * * ? *": 1}, timezone="Europe/Berlin"),
        )
        EventBus(self, "Orders", publishes=[OrderPlaced]).route("Placed", [OrderPlaced], to=prod)
        EventBus(self, "Rehearsals", publishes=[OrderPlaced]).route("Rehearsed", [OrderPlaced], to=[checkout, stage])
        cdk.CfnOutput(self, "Newest", value=checkout.version.version, description="The version that DEV is at")

    def refused(self) -> cloudwatch.Alarm:
        """Fires when more than a few orders are refused: the function works, and does the wrong thing."""
        metric = cloudwatch.Metric(
            namespace="Checkout",
            metric_name="OrdersRefused",
            dimensions_map={"service": "checkout"},
            statistic="Sum",
            period=cdk.Duration.minutes(1),
        )
        return cloudwatch.Alarm(
            self,
            "Refused",
            metric=metric,
            threshold=5,
            evaluation_periods=1,
            alarm_description="Checkout refuses orders. Look at why in its log; if it began with a release, roll back.",
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )


app = cdk.App()
Checkout(app, "Checkout")
cdk.Validations.of(app).add_plugins(EventFlowChecks(), AwsSolutionsChecks(app), ServerlessChecks(app))
app.synth()
