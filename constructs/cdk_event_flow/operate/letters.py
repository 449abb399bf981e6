"""One dead letter: what it says, and why it is one, as far as the service that laid it down tells."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
# https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
OF_EVENTBRIDGE = ("RULE_ARN", "SCHEDULE_ARN", "TARGET_ARN", "ERROR_CODE", "ERROR_MESSAGE", "EXHAUSTED_RETRY_CONDITION",
                  "RETRY_ATTEMPTS", "EXECUTION_ID", "SCHEDULED_TIME", "IS_PAYLOAD_TRUNCATED")  # fmt: skip
# https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
OF_LAMBDA = ("RequestID", "ErrorCode", "ErrorMessage")


def last_part(arn: str) -> str:
    """What stands behind the last colon of an ARN: a queue's name."""
    return arn.rpartition(":")[2]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """Why a message is a dead letter. `code` is the service's (`NO_PERMISSIONS`), or says what happened."""

    code: str
    message: str = ""

    def __str__(self) -> str:
        return ": ".join(part for part in (self.code, self.message) if part)


@dataclass(frozen=True, kw_only=True, slots=True)
class DeadLetter:
    """A message in a dead-letter queue, as it was received.

    `sent_at` is epoch seconds: in a standard queue of the first sending, in a FIFO queue of its coming here. `attributes`
    are message attributes in SQS's form, `system` SQS's own.
    """

    id: str
    body: str
    receipt: str
    sent_at: float
    attributes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    system: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, received: Mapping[str, Any]) -> "DeadLetter":
        """From a message of ReceiveMessage."""
        system = received.get("Attributes", {})
        return cls(
            id=received["MessageId"],
            body=received["Body"],
            receipt=received["ReceiptHandle"],
            sent_at=int(system.get("SentTimestamp", 0)) / 1000,
            attributes=received.get("MessageAttributes", {}),
            system=system,
        )

    @property
    def source_arn(self) -> str:
        """The queue that it was moved from when its receives were used up; empty where it came another way."""
        return self.system.get("DeadLetterQueueSourceArn", "")

    @property
    def group(self) -> str:
        """The message group; empty where it has none."""
        return self.system.get("MessageGroupId", "")

    def text(self, attribute: str) -> str:
        """A message attribute as text; empty where there is none."""
        return str(self.attributes.get(attribute, {}).get("StringValue", ""))

    @property
    def record(self) -> Mapping[str, Any] | None:
        """The record that Lambda sends to a failure destination, where the body is one."""
        body = opened(self.body)
        return body if isinstance(body, dict) and isinstance(body.get("requestContext"), dict) and "requestPayload" in body else None

    def reason(self, called: Callable[[str], str] = last_part) -> Reason:
        """Why it is here; what nobody wrote down is said as that. `called` gives the name of the queue with an ARN."""
        if code := self.text("ERROR_CODE"):
            exhausted, retries = self.text("EXHAUSTED_RETRY_CONDITION"), self.text("RETRY_ATTEMPTS")
            patience = f" ({retries} retries{f', {exhausted}' if exhausted else ''})" if retries else ""
            return Reason(code=code, message=self.text("ERROR_MESSAGE") + patience)
        if self.text("RequestID"):
            return Reason(code=self.text("ErrorCode") or "failed", message=self.text("ErrorMessage"))
        if record := self.record:
            return _of_record(record)
        if self.source_arn:
            return Reason(code="received too often", message=f"moved from {called(self.source_arn)}, never deleted there")
        return Reason(code="not told", message="the message does not say why it is here")


def _of_record(record: Mapping[str, Any]) -> Reason:
    said = record.get("responsePayload")
    error = ": ".join(str(said[key]) for key in ("errorType", "errorMessage") if said.get(key)) if isinstance(said, dict) else ""
    return Reason(code=str(record["requestContext"].get("condition", "failed")), message=error)


def opened(text: str) -> Any:
    """The JSON of a body, with objects and lists that stand in it as text (the `Message` of an SNS envelope) opened too.

    A text that is no JSON stays a text.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return _inside(value)


def _inside(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _inside(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_inside(each) for each in value]
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        return opened(value)
    return value
