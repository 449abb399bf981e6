"""Makes one rendition of each video that was uploaded. Made twice it is the same object, under the same key."""

import json
import logging
import os
from typing import Any
from urllib.parse import unquote_plus

import boto3

from y4m import read, scaled, written

logger = logging.getLogger()
s3 = boto3.client("s3")
LINES = int(os.environ["LINES"])


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Render the videos of each message; what cannot be read comes again, and becomes a dead letter of this resolution alone."""
    failed = []
    for record in event["Records"]:
        try:
            for told in json.loads(record["body"]).get("Records", ()):  # S3 sends a test message without, once
                render(told["s3"]["bucket"]["name"], unquote_plus(told["s3"]["object"]["key"]))
        except Exception as error:
            logger.error("message %s: no %sp, %s", record["messageId"], LINES, error)
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def render(bucket: str, key: str) -> None:
    """Make the rendition, unless the video has fewer lines: nothing is gained by more."""
    video = read(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    if video.height < LINES:
        logger.info("%s has %s lines, no %sp is made", key, video.height, LINES)
        return
    s3.put_object(Bucket=os.environ["RENDITIONS"], Key=f"{LINES}p/{key}", Body=written(scaled(video, LINES)))
