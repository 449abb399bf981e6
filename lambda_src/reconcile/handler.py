"""Every night: which orders were packed, have a price, and were never billed?

The idempotency records of the other two functions say what was done and when; nothing else has to be kept.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.idempotency import BILLING, PACKING, REMEMBERED, persistence

# Within an hour a bill may still be on its way. One night may be missed. Looked at later, a bill's record could be gone
# before that of the packing: DynamoDB deletes what has expired in any order, and a scan returns what it has not deleted yet.
SETTLED = timedelta(hours=1)
LOOKED_BACK = timedelta(days=2)

logger = Logger(service="reconcile")
tracer = Tracer(service="reconcile")
metrics = Metrics(namespace="OrderPacking", service="reconcile")


@tracer.capture_method(capture_response=False)
def read_records() -> Iterator[dict[str, Any]]:
    """The records of what was finished, page by page. A record's id is `<prefix>#<hash>`."""
    pages = persistence.client.get_paginator("scan").paginate(
        TableName=persistence.table_name,
        FilterExpression="#status = :completed",
        ProjectionExpression="#id, #data, #expiration",
        ExpressionAttributeNames={"#id": "id", "#status": "status", "#data": "data", "#expiration": "expiration"},
        ExpressionAttributeValues={":completed": {"S": "COMPLETED"}},
    )
    for page in pages:
        yield from page["Items"]


def answers(records: list[dict[str, Any]], prefix: str) -> Iterator[tuple[dict[str, Any], datetime]]:
    """What the function with this prefix answered to each order, and when."""
    for record in records:
        if record["id"]["S"].startswith(f"{prefix}#"):
            expires = datetime.fromtimestamp(int(record["expiration"]["N"]), UTC)
            yield json.loads(record["data"]["S"]), expires - REMEMBERED


@metrics.log_metrics(capture_cold_start_metric=True)
@tracer.capture_lambda_handler(capture_response=False)
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Compare, say it in the log, in a metric and in the answer. `event` is `{"schedule": …, "time": …}`."""
    time = datetime.fromisoformat(event["time"])
    records = list(read_records())
    billed = {answer["order_id"] for answer, _ in answers(records, BILLING)}
    packed = {
        answer["order_id"]: Decimal(answer["total"])
        for answer, when in answers(records, PACKING)
        if answer["boxes"] and SETTLED <= time - when < LOOKED_BACK
    }
    never_billed = sorted(order_id for order_id, total in packed.items() if total and order_id not in billed)
    metrics.add_metric(name="OrdersNeverBilled", unit=MetricUnit.Count, value=len(never_billed))
    said = {"billed": len(billed), "packed": len(packed), "never_billed": never_billed}
    logger.info("reconciled", extra=said)
    return {"time": event["time"], **said}
