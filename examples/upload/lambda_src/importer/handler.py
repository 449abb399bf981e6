"""Imports price lists: `sku,price,since` with a header. Importing a list twice changes nothing, an older price no newer one."""

import csv
import io
import json
import os
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.parser import parse
from aws_lambda_powertools.utilities.parser.models import S3EventNotificationEventBridgeModel
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, Field, ValidationError

logger = Logger(service="importer")
tracer = Tracer(service="importer")
metrics = Metrics(namespace="Prices", service="importer")
dynamodb, s3 = boto3.client("dynamodb"), boto3.client("s3")
TABLE = os.environ["TABLE"]


class Price(BaseModel):
    """What a piece costs in euros, from a day on."""

    sku: str = Field(min_length=1)
    price: Decimal = Field(gt=0, decimal_places=2)
    since: date


def rows(text: str) -> Iterator[Price | dict[str, str]]:
    """The list's rows; of one that is wrong, its line and why."""
    for line, row in enumerate(csv.DictReader(io.StringIO(text)), start=2):
        try:
            yield Price.model_validate(row)
        except ValidationError as wrong:
            yield {"line": str(line), "why": "; ".join(f"{each['loc'][0]}: {each['msg']}" for each in wrong.errors())}


@tracer.capture_method(capture_response=False)
def keep(price: Price) -> None:
    """Keep the price, unless a newer one is known."""
    item = {"sku": {"S": price.sku}, "price": {"N": str(price.price)}, "since": {"S": price.since.isoformat()}}
    try:
        dynamodb.put_item(
            TableName=TABLE,
            Item=item,
            ConditionExpression="attribute_not_exists(sku) OR since <= :since",
            ExpressionAttributeValues={":since": item["since"]},
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        logger.info("newer price known", extra={"sku": price.sku})


@metrics.log_metrics(capture_cold_start_metric=True)
@tracer.capture_lambda_handler(capture_response=False)
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Import the list that was uploaded. What cannot be read at all is tried again, and then kept by Lambda."""
    metrics.add_metric(name="ListsUploaded", unit=MetricUnit.Count, value=1)
    uploaded = parse(event=event, model=S3EventNotificationEventBridgeModel).detail
    bucket, key = uploaded.bucket.name, uploaded.object.key
    text = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode("utf-8-sig")
    read = list(rows(text))
    rejected = [row for row in read if isinstance(row, dict)]
    for row in read:
        if isinstance(row, Price):
            keep(row)
    if rejected:
        report = f"rejected/{key.removeprefix('in/')}.json"
        s3.put_object(Bucket=bucket, Key=report, Body=json.dumps(rejected).encode(), ContentType="application/json")
    said = {"imported": len(read) - len(rejected), "rejected": len(rejected)}
    metrics.add_metric(name="PricesImported", unit=MetricUnit.Count, value=said["imported"])
    metrics.add_metric(name="RowsRejected", unit=MetricUnit.Count, value=said["rejected"])
    logger.info("imported", extra={"key": key, **said})
    return said
