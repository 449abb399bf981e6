"""What S3 says about an object: straight to a queue, topic or function, and to EventBridge.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
"""

from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote_plus

from cdk_event_flow.errors import EventError, Problem
from cdk_event_flow.flow.payload import DEFAULT_ID, DEFAULT_TIME, as_text

# What happened, as notifications name it → what EventBridge names it, and the reason in its detail.
_DETAIL_TYPES = {
    "ObjectCreated:Put": ("Object Created", "PutObject"),
    "ObjectCreated:Post": ("Object Created", "POST Object"),
    "ObjectCreated:Copy": ("Object Created", "CopyObject"),
    "ObjectCreated:CompleteMultipartUpload": ("Object Created", "CompleteMultipartUpload"),
    "ObjectRemoved:Delete": ("Object Deleted", "DeleteObject"),
    "ObjectRemoved:DeleteMarkerCreated": ("Object Deleted", "DeleteObject"),
    "LifecycleExpiration:Delete": ("Object Deleted", "Lifecycle Expiration"),
    "LifecycleTransition": ("Object Storage Class Changed", ""),
    "ObjectRestore:Post": ("Object Restore Initiated", ""),
    "ObjectRestore:Completed": ("Object Restore Completed", ""),
    "ObjectTagging:Put": ("Object Tags Added", ""),
    "ObjectTagging:Delete": ("Object Tags Deleted", ""),
    "ObjectAcl:Put": ("Object ACL Updated", ""),
}


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to an object: `event` without `s3:`, as in `ObjectCreated:Put`; `size` in bytes."""

    key: str
    event: str = "ObjectCreated:Put"
    size: int = 1024
    etag: str = "EXAMPLE"

    @classmethod
    def of(cls, given: Any) -> Self:
        """Read `{"key": "in/a.csv", "event": "ObjectCreated:Put", "size": 1024}`, of which only the key must be.

        Raises EventError.
        """
        match given:
            case {"key": str(key)}:
                event, size = str(given.get("event", "ObjectCreated:Put")), given.get("size", 1024)
                return cls(key, event.removeprefix("s3:"), size if isinstance(size, int) else 1024)
        raise EventError(
            "the bucket",
            Problem(code="EF-EVENT", given=f"{as_text(given)[:80]} was sent to it", allowed="a bucket takes a change of an object",
                    fix='give its key, and the event where it is not a put: {"key": "in/a.csv", "event": "ObjectRemoved:Delete"}'),
        )  # fmt: skip


def notification(change: Change, bucket: str, bucket_arn: str, region: str) -> dict[str, Any]:
    """What a function is invoked with, and the body of a message; the key is URL-encoded."""
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": region,
        "eventTime": DEFAULT_TIME,
        "eventName": change.event,
        "userIdentity": {"principalId": "EXAMPLE"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {"x-amz-request-id": "EXAMPLE", "x-amz-id-2": "EXAMPLE"},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "EXAMPLE",
            "bucket": {"name": bucket, "ownerIdentity": {"principalId": "EXAMPLE"}, "arn": bucket_arn},
            "object": {
                "key": quote_plus(change.key, safe="/"),
                "size": change.size,
                "eTag": change.etag,
                "sequencer": "0A1B2C3D4E5F678901",
            },
        },
    }
    return {"Records": [record]}


def bus_event(change: Change, bucket: str, bucket_arn: str, *, account: str, region: str) -> dict[str, Any]:
    """What the default bus carries; the key is as it is."""
    detail_type, reason = _DETAIL_TYPES.get(change.event, ("Object Created", ""))
    return {
        "version": "0",
        "id": DEFAULT_ID,
        "detail-type": detail_type,
        "source": "aws.s3",
        "account": account,
        "time": DEFAULT_TIME,
        "region": region,
        "resources": [bucket_arn],
        "detail": {
            "version": "0",
            "bucket": {"name": bucket},
            "object": {"key": change.key, "size": change.size, "etag": change.etag, "sequencer": "0A1B2C3D4E5F678901"},
            "request-id": "EXAMPLE",
            "requester": account,
            "source-ip-address": "127.0.0.1",
            **({"reason": reason} if reason else {}),
        },
    }
