"""Takes an order. It writes one item, and tells nobody: what stands in the table is told by the pipe."""

import os
from typing import Any

import boto3

table = boto3.resource("dynamodb").Table(os.environ["TABLE"])


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Write the order once, however often it is asked for; its note stays in the table."""
    item = {name: event[name] for name in ("order_id", "customer_id", "cents", "note") if name in event}
    try:
        table.put_item(Item=item, ConditionExpression="attribute_not_exists(order_id)")
    except table.meta.client.exceptions.ConditionalCheckFailedException:
        return {"order_id": event["order_id"], "new": False}
    return {"order_id": event["order_id"], "new": True}
