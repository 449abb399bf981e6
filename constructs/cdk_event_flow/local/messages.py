"""One message of a queue, and what SQS says about it."""

import hashlib
import struct
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from cdk_event_flow.flow.attributes import MessageAttributes
from cdk_event_flow.local.trace import Delivery


class Place(StrEnum):
    """Where a message is."""

    DELAYED = "delayed"
    VISIBLE = "visible"
    IN_FLIGHT = "in flight"
    GONE = "gone"


@dataclass(kw_only=True, slots=True, eq=False)
class Message:
    """A message in `queue` (an ARN). Times in epoch seconds.

    `delivery` is what the trace follows (None in a dead-letter queue that nothing consumes); `origin` the delivery that
    was dead-lettered, with its reason. `held` counts how often it was handed out or hidden anew, so that an old timer
    does nothing.
    """

    id: str
    queue: str
    body: str
    sent_at: float
    sequence: int
    attributes: MessageAttributes = field(default_factory=dict)
    group_id: str | None = None
    deduplication_id: str | None = None
    trace_header: str = ""
    place: Place = Place.VISIBLE
    receives: int = 0
    first_received: float = 0.0
    visible_at: float = 0.0
    held: int = 0
    receipt: str = ""
    source_arn: str = ""
    delivery: Delivery | None = None
    origin: Delivery | None = None

    @property
    def sequence_number(self) -> str:
        """The twenty digits SQS shows for FIFO messages."""
        return f"{18_850_000_000_000_000_000 + self.sequence:020d}"

    def system_attributes(self, fifo: bool, sender: str) -> dict[str, str]:
        """The system attributes, as ReceiveMessage and the event source mapping show them. Times in milliseconds."""
        shown = {
            "ApproximateReceiveCount": str(self.receives),
            "SentTimestamp": str(int(self.sent_at * 1000)),
            "SenderId": sender,
            "ApproximateFirstReceiveTimestamp": str(int(self.first_received * 1000)),
        }
        if fifo:
            shown["SequenceNumber"] = self.sequence_number
            shown["MessageDeduplicationId"] = self.deduplication_id or ""
        if self.group_id is not None:
            shown["MessageGroupId"] = self.group_id
        if self.trace_header:
            shown["AWSTraceHeader"] = self.trace_header
        if self.source_arn:
            shown["DeadLetterQueueSourceArn"] = self.source_arn
        return shown


def md5_of_body(body: str) -> str:
    """MD5OfMessageBody, which SDKs compare."""
    return hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()


def md5_of_attributes(attributes: MessageAttributes) -> str:
    """MD5OfMessageAttributes, in the encoding that SQS documents for it."""
    digest = hashlib.md5(usedforsecurity=False)
    for name in sorted(attributes):
        attribute = attributes[name]
        for part in (name, str(attribute["DataType"])):
            digest.update(struct.pack("!I", len(part.encode())) + part.encode())
        value = _value(attribute)
        digest.update(b"\x02" if "BinaryValue" in attribute else b"\x01")
        digest.update(struct.pack("!I", len(value)) + value)
    return digest.hexdigest()


def size_in_bytes(body: str, attributes: MessageAttributes) -> int:
    """The size SQS and SNS count: body, and each attribute's name, type and value."""
    return len(body.encode()) + sum(
        len(name.encode()) + len(str(a["DataType"]).encode()) + len(_value(a)) for name, a in attributes.items()
    )


def _value(attribute: Any) -> bytes:
    if "BinaryValue" in attribute:
        value = attribute["BinaryValue"]
        return value if isinstance(value, bytes) else str(value).encode()
    return str(attribute.get("StringValue", "")).encode()
