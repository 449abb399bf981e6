"""How long a service tries to deliver, and what it leaves in the dead-letter queue when it gives up.

Both are data, so that a delivery between two tries can be kept and taken up again by another process.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

from cdk_event_flow.flow.attributes import MessageAttributes
from cdk_event_flow.local.post import Parcel, RefusedError


class Sender(StrEnum):
    """The services that try again by themselves."""

    EVENTBRIDGE = "eventbridge"
    SCHEDULER = "scheduler"
    SNS = "sns"
    SNS_HTTP = "sns-http"
    S3 = "s3"


@dataclass(frozen=True, kw_only=True, slots=True)
class GaveUp:
    """Why a delivery was given up: the last refusal, the retries made, and AWS's name of the condition."""

    refusal: RefusedError
    retries: int
    condition: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """The waits of `sender`: at most `retries` of them (SNS has its own number), and `max_age` seconds in all."""

    sender: Sender
    retries: int = 0
    max_age: float = math.inf

    def wait(self, retry: int) -> float | None:
        """Seconds before a retry, counted from 0; None when there is none.

        EventBridge: exponential, at most eight minutes, so that the 185 retries of the default fill its 24 hours. SNS to
        SQS and Lambda: 3 immediate retries, 2 after 1 s, 10 backing off to 20 s, 100,000 every 20 s; to HTTP: 3, every 20 s.
        https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
        """
        if self.sender is Sender.SNS:
            return _sns_wait(retry)
        if self.sender is Sender.SNS_HTTP:
            return 20.0 if retry < 3 else None
        return float(min(2 ** min(retry, 9), 480)) if retry < self.retries else None


def _sns_wait(retry: int) -> float | None:
    if retry < 5:
        return 0.0 if retry < 3 else 1.0
    if retry < 15:
        return 1.0 + 1.9 * (retry - 4)
    return 20.0 if retry < 100_015 else None


@dataclass(frozen=True, kw_only=True, slots=True)
class LastResort:
    """The dead-letter queue `arn` (None: there is none) and what is laid into it, before the reason is added."""

    sender: Sender
    arn: str | None
    parcel: Parcel

    def letter(self, gave_up: GaveUp) -> Parcel:
        """The dead letter, with the attributes that the sender adds."""
        added = _reasons(self.sender, gave_up)
        return Parcel(
            body=self.parcel.body,
            attributes={**self.parcel.attributes, **string_attributes(added)},
            group_id=self.parcel.group_id,
            deduplication_id=self.parcel.deduplication_id,
            trace_header=self.parcel.trace_header,
        )


def string_attributes(texts: dict[str, str]) -> MessageAttributes:
    """Message attributes of type String."""
    return {name: {"DataType": "String", "StringValue": text} for name, text in texts.items()}


def _reasons(sender: Sender, gave_up: GaveUp) -> dict[str, str]:
    """https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html; SNS adds nothing."""
    if sender in (Sender.SNS, Sender.SNS_HTTP):
        return {}
    texts = {"ERROR_CODE": gave_up.refusal.code, "ERROR_MESSAGE": gave_up.refusal.message}
    if sender is Sender.EVENTBRIDGE and not gave_up.refusal.retry:
        return texts
    if sender is Sender.EVENTBRIDGE:
        texts["EXHAUSTED_RETRY_CONDITION"] = gave_up.condition
    return texts | {"RETRY_ATTEMPTS": str(gave_up.retries)}
