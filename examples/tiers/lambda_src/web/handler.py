"""The tier that customers meet: it takes an order and answers at once, whatever the tiers behind it do."""

import json
import os
from typing import Any

import boto3

sqs = boto3.client("sqs")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Put the order into the queue of the next tier."""
    order = event["order"]
    sqs.send_message(QueueUrl=os.environ["QUEUE_URL"], MessageBody=json.dumps(order))
    return {"accepted": order["order_id"]}
