"""Has videos rendered, which takes as long as a twentieth of a video: longer than a function may take, for long ones."""

import hashlib
import json
import logging
import os
import time
from typing import Any

logger = logging.getLogger()
logger.setLevel("INFO")

# Stands for the encoder's time: seconds that it takes for a second of video.
ENCODING = float(os.environ.get("ENCODING", "0.001"))


def handler(event: dict[str, Any], context: Any) -> dict[str, list[dict[str, str]]]:
    """Say which records of the batch failed; the others are done."""
    failed = []
    for record in event["Records"]:
        try:
            video = json.loads(record["body"])["detail"]
            logger.info("%s rendered: %s", video["video_id"], render(video["video_id"], int(video["seconds"])))
        except (KeyError, TypeError, ValueError) as error:
            logger.error("%s is not a video: %r", record["messageId"], error)
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def render(name: str, seconds: int) -> str:
    """The name of the rendition: the same for the same video, so that a second time does no harm."""
    if seconds <= 0:
        raise ValueError(f"{seconds} seconds")
    time.sleep(seconds * ENCODING)
    return hashlib.sha256(f"{name} {seconds}".encode()).hexdigest()
