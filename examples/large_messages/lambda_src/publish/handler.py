"""Publishes a report, however many rows it has."""

import json
import os
from typing import Any

import boto3

from shared.claims import check_in

sns = boto3.client("sns")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Publish the report, or a claim for it; the region stays in the message, for subscribers to filter by."""
    message = check_in(event, keep=("report", "region"))
    sns.publish(TopicArn=os.environ["TOPIC"], Message=json.dumps(message))
    return {"report": event["report"], "claimed": "claim" in message}
