"""Takes and gives orders over HTTP. Placing the same order twice is placing it once."""

import os
from decimal import Decimal
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError, ServiceError
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, Field

logger = Logger(service="orders")
tracer = Tracer(service="orders")
metrics = Metrics(namespace="Orders", service="orders")
app = APIGatewayHttpResolver(enable_validation=True)
dynamodb = boto3.client("dynamodb")
TABLE = os.environ["TABLE"]


class Order(BaseModel):
    """What a customer orders; `total` in euros."""

    sku: str = Field(min_length=1)
    quantity: int = Field(ge=1, le=999)
    total: Decimal = Field(ge=0, decimal_places=2)


class Conflict(ServiceError):
    """Another order has this id."""

    def __init__(self, order_id: str) -> None:
        super().__init__(409, f"another order is placed under {order_id}")


@app.put("/orders/<order_id>")
def place(order_id: str, order: Order) -> Response[dict[str, str]]:
    """Keep the order. The same order again is answered the same; another one under the same id is a conflict."""
    item = {**_key(order_id), "body": {"S": order.model_dump_json()}}
    try:
        dynamodb.put_item(
            TableName=TABLE,
            Item=item,
            ConditionExpression="attribute_not_exists(order_id) OR body = :body",
            ExpressionAttributeValues={":body": item["body"]},
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        raise Conflict(order_id) from None
    metrics.add_metric(name="OrdersPlaced", unit=MetricUnit.Count, value=1)
    return Response(status_code=201, content_type="application/json", body={"order_id": order_id})


@app.get("/orders/<order_id>")
def show(order_id: str) -> Order:
    """The customer's order of this id."""
    found = dynamodb.get_item(TableName=TABLE, Key=_key(order_id), ConsistentRead=True).get("Item")
    if found is None:
        raise NotFoundError(f"no order is placed under {order_id}")
    return Order.model_validate_json(found["body"]["S"])


@app.get("/health")
def health() -> dict[str, str]:
    """Up."""
    return {"status": "ok"}


def _key(order_id: str) -> dict[str, Any]:
    """Customers see their own orders only: who asks is in the token, and the API has checked it."""
    claims = app.current_event.request_context.authorizer.jwt_claim or {}
    return {"customer_id": {"S": claims["sub"]}, "order_id": {"S": order_id}}


@metrics.log_metrics(capture_cold_start_metric=True)
@tracer.capture_lambda_handler(capture_response=False)
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    metrics.add_metric(name="Requests", unit=MetricUnit.Count, value=1)
    return app.resolve(event, context)
