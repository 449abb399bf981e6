"""As tiers: each part works through its queue, and puts what is done into the next one's."""

import os
from collections.abc import Callable
from typing import Any

import boto3

from shared.events import Order

sqs = boto3.client("sqs")


def hand_on(order: Order) -> None:
    """Put the order into the queue of the next tier, if there is one."""
    if url := os.environ.get("QUEUE_URL"):
        sqs.send_message(QueueUrl=url, MessageBody=order.model_dump_json())


def work_through(event: dict[str, Any], do: Callable[[Order], None]) -> dict[str, Any]:
    """Do this part for each message; those that fail come again, and become dead letters of this tier."""
    failed = []
    for record in event["Records"]:
        try:
            order = Order.model_validate_json(record["body"])
            do(order)
            hand_on(order)
        except Exception:
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}
