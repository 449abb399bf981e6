"""Orders over HTTP: an HTTP API with tokens → a function → a table."""

from typing import Any

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from cdk_event_flow import EventFlowChecks, HttpApi, Jwt, Open, PythonFunction, Table, Throttle
from constructs import Construct

CUSTOMERS = Jwt(issuer="https://login.shop.example.com/", audience=["shop-web"], scopes=["orders"])


class Orders(cdk.Stack):
    """Customers place an order under an id of their own choice, and read it again."""

    def __init__(self, scope: Construct, id: str, **kwargs: Any) -> None:
        super().__init__(scope, id, **kwargs)
        table = Table(self, "Placed", partition_key="customer_id", sort_key="order_id")
        orders = PythonFunction(self, "Orders", code="lambda_src/orders", environment={"TABLE": table.name})
        table.allow(orders, "GetItem", "PutItem")

        api = HttpApi(self, "Api", authorizer=CUSTOMERS, throttle=Throttle(rate=200, burst=100))
        api.route("PUT /orders/{order_id}", to=orders)
        api.route("GET /orders/{order_id}", to=orders)
        api.route("GET /health", to=orders, authorizer=Open("A load balancer asks whether the API is up; it answers nothing else."))
        cdk.CfnOutput(self, "Url", value=api.url)


app = cdk.App()
Orders(app, "Orders")
cdk.Validations.of(app).add_plugins(EventFlowChecks(), AwsSolutionsChecks(app), ServerlessChecks(app))
app.synth()
