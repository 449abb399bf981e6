"""Renders a video: here its frames are drawn as sums, which take time as pictures do."""

import hashlib
import json
from typing import Any

FRAMES_A_SECOND = 4


def handler(event: dict[str, Any], context: Any) -> dict[str, list[dict[str, str]]]:
    """Say which records of the batch failed; the others are done."""
    failed = []
    for record in event["Records"]:
        try:
            video = json.loads(record["body"])["detail"]
            print(json.dumps({"rendered": video["video_id"], "digest": render(video["video_id"], int(video["seconds"]))}))
        except (KeyError, TypeError, ValueError) as error:
            print(json.dumps({"level": "ERROR", "message": f"not a video: {error!r}", "message_id": record["messageId"]}))
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def render(name: str, seconds: int) -> str:
    """The digest of so many frames; the same video gives the same, so that a second time does no harm."""
    if seconds <= 0:
        raise ValueError(f"{seconds} seconds")
    digest = hashlib.sha256(name.encode())
    for frame in range(seconds * FRAMES_A_SECOND):
        digest.update(digest.digest() * 64 + frame.to_bytes(4, "big"))
    return digest.hexdigest()
