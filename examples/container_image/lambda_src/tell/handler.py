"""Tells a route of one leg in words."""

import json
import logging
from typing import Any

logger = logging.getLogger()


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Tell a batch of routes; those that cannot be told are received again."""
    failed = []
    for record in event["Records"]:
        try:
            start, end = json.loads(record["body"])["stops"]
        except (KeyError, ValueError) as error:
            logger.error("not told: %r", error)
            failed.append({"itemIdentifier": record["messageId"]})
        else:
            logger.info("from %s to %s", start, end)
    return {"batchItemFailures": failed}
