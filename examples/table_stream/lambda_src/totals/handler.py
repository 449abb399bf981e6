"""Adds each paid order to what its customer has ordered in all: once, however often the stream delivers it."""

import os
from decimal import Decimal
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig, idempotent_function
from aws_lambda_powertools.utilities.parser.models import DynamoDBStreamChangedRecordModel, DynamoDBStreamRecordModel
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, Field

logger = Logger(service="totals")
tracer = Tracer(service="totals")
metrics = Metrics(namespace="Orders", service="totals")
dynamodb = boto3.client("dynamodb")
TABLE = os.environ["TABLE"]
once = IdempotencyConfig(event_key_jmespath="order_id", expires_after_seconds=7 * 24 * 3600)


class Order(BaseModel):
    """An order as it stands in the table; `total` in euros."""

    order_id: str = Field(min_length=1)
    customer_id: str = Field(min_length=1)
    total: Decimal = Field(ge=0)


class Change(DynamoDBStreamChangedRecordModel):
    """A change of the table: of an order that is new, its image."""

    NewImage: Order


class Record(DynamoDBStreamRecordModel):
    """One record of the table's stream."""

    dynamodb: Change


@tracer.capture_method(capture_response=False)
def count(record: Record) -> None:
    """Add one record's order."""
    add(order=record.dynamodb.NewImage)


@idempotent_function(  # type: ignore[untyped-decorator]  # Powertools declares that it returns Any
    data_keyword_argument="order",
    persistence_store=DynamoDBPersistenceLayer(table_name=os.environ["IDEMPOTENCY_TABLE"]),
    config=once,
    key_prefix="totals",
)
def add(order: Order) -> dict[str, str]:
    """Add the order to its customer's total. The answer is remembered for a week, longer than the stream keeps a record."""
    dynamodb.update_item(
        TableName=TABLE,
        Key={"customer_id": {"S": order.customer_id}},
        UpdateExpression="ADD orders :one, #total :total",
        ExpressionAttributeNames={"#total": "total"},
        ExpressionAttributeValues={":one": {"N": "1"}, ":total": {"N": str(order.total)}},
    )
    metrics.add_metric(name="OrdersCounted", unit=MetricUnit.Count, value=1)
    return {"order_id": order.order_id}


processor = BatchProcessor(event_type=EventType.DynamoDBStreams, model=Record)


@metrics.log_metrics(capture_cold_start_metric=True)
@tracer.capture_lambda_handler(capture_response=False)
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Count a batch. From the first record that fails on, the batch comes again: the order of changes is kept."""
    once.register_lambda_context(context)
    metrics.add_metric(name="Batches", unit=MetricUnit.Count, value=1)
    return process_partial_response(event=event, record_handler=count, processor=processor, context=context)
