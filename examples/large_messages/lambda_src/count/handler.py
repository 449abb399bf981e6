"""Counts the rows of each report, once: its name is the key."""

import json
import os
from typing import Any

import boto3

from shared.claims import redeem

table = boto3.resource("dynamodb").Table(os.environ["TABLE"])


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Count; a report that cannot be had now is received again."""
    failed = []
    for record in event["Records"]:
        try:
            report = redeem(json.loads(record["body"]))
            table.put_item(Item={"report": report["report"], "rows": len(report["rows"])})
        except Exception:
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}
