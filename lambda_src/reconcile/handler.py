"""Every night: which orders were packed and never billed?

The idempotency records of the other two functions say what was done; nothing else has to be kept.
"""

import json
import os
from collections.abc import Iterator
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger(service="reconcile")
tracer = Tracer(service="reconcile")
metrics = Metrics(namespace="OrderPacking", service="reconcile")
table = boto3.client("dynamodb")


def done_by(records: list[dict[str, Any]], function: str) -> set[str]:
    """The orders that `function` finished. A record's id is `<Lambda's name>.<module>.<function>#<hash>`."""
    return {
        json.loads(record["data"]["S"])["order_id"]
        for record in records
        if f".{function}#" in record["id"]["S"] and record["status"]["S"] == "COMPLETED"
    }


@tracer.capture_method(capture_response=False)
def read_records() -> Iterator[dict[str, Any]]:
    """All idempotency records, page by page."""
    pages = table.get_paginator("scan").paginate(
        TableName=os.environ["IDEMPOTENCY_TABLE"],
        ProjectionExpression="#id, #status, #data",
        ExpressionAttributeNames={"#id": "id", "#status": "status", "#data": "data"},
    )
    for page in pages:
        yield from page["Items"]


@metrics.log_metrics(capture_cold_start_metric=True)
@tracer.capture_lambda_handler(capture_response=False)
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Compare, say it in the log, in a metric and in the answer."""
    records = list(read_records())
    billed, packed = done_by(records, "bill_order"), done_by(records, "pack_order")
    unbilled = sorted(packed - billed)
    metrics.add_metric(name="OrdersNeverBilled", unit=MetricUnit.Count, value=len(unbilled))
    logger.info("reconciled", extra={"billed": len(billed), "packed": len(packed), "never_billed": unbilled})
    return {"time": event.get("time"), "billed": len(billed), "packed": len(packed), "never_billed": unbilled}
