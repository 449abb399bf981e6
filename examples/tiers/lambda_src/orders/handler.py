"""The tier that knows prices."""

import json
import os
from typing import Any

import boto3

sqs = boto3.client("sqs")
PRICES = {"BOOK-1": 12, "SOFA-1": 480}


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Price each order and pass it on; one whose price is not known is received again, and becomes a dead letter."""
    failed = []
    for record in event["Records"]:
        order = json.loads(record["body"])
        if order["sku"] not in PRICES:
            failed.append({"itemIdentifier": record["messageId"]})
            continue
        priced = {**order, "total": PRICES[order["sku"]] * order["quantity"]}
        sqs.send_message(QueueUrl=os.environ["QUEUE_URL"], MessageBody=json.dumps(priced))
    return {"batchItemFailures": failed}
