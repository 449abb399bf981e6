"""Messages that are too large for SNS: the payload waits in a bucket, and the message says where. For producers and consumers alike.

Copy this file into your `shared`. A producer calls `check_in`, a consumer `redeem`; both find the bucket in the variable CLAIMS.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from typing import Any

import boto3

# SNS takes 256 KB with attributes: https://docs.aws.amazon.com/general/latest/gr/sns.html. Some of it is left for the envelope.
MOST_BYTES = 200 * 1024
PREFIX = "claims/"

s3 = boto3.client("s3")


def check_in(message: dict[str, Any], *, keep: Sequence[str] = ()) -> dict[str, Any]:
    """The message itself where SNS takes it; else its keys `keep`, by which subscribers filter, and a claim for the whole.

    The same message twice is the same object: its key is the hash of what it holds.
    """
    body = json.dumps(message, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    if len(body) <= MOST_BYTES:
        return message
    bucket, key = os.environ["CLAIMS"], f"{PREFIX}{hashlib.sha256(body).hexdigest()}.json"
    s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/json")
    return {**{name: message[name] for name in keep if name in message}, "claim": {"key": key, "bytes": len(body)}}


def redeem(message: dict[str, Any]) -> dict[str, Any]:
    """The whole message, from the bucket where it is a claim. Raises what S3 raises where it is gone: let it come again.

    The bucket is the consumer's own to know: a message that names another is not believed.
    """
    claim = message.get("claim")
    if claim is None:
        return message
    whole: dict[str, Any] = json.load(s3.get_object(Bucket=os.environ["CLAIMS"], Key=claim["key"])["Body"])
    return whole
