"""Collects orders from the bus and announcements from the topic's queue."""

import json
import logging
from typing import Any

logging.getLogger().setLevel(logging.INFO)
log = logging.getLogger(__name__)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """An event of the bus comes alone, announcements in batches."""
    if "Records" not in event:
        log.info("order %s of account %s", event["detail"]["order_id"], event["account"])
        return {"collected": 1}
    for record in event["Records"]:
        log.info("announced: %s", json.loads(record["body"])["text"])
    return {"batchItemFailures": []}
