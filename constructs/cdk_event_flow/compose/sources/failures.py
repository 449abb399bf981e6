"""Who is told of the records of a stream or of Kafka that a function could not process."""

from typing import Any, NamedTuple, Protocol

from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from cdk_event_flow.compose.acknowledge import Acknowledged
from cdk_event_flow.compose.sources.polled import Right
from cdk_event_flow.errors import Problem

DESTINATIONS = "Lambda (https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html)"
# Where Lambda writes in a bucket: aws/lambda/<id of the mapping>/<shard>/…
OBJECTS = "aws/lambda/*"


class Receives(Protocol):
    """A queue, topic or bucket of ours: `receiver` is the CDK's own."""

    @property
    def receiver(self) -> Any:
        """What receives."""


FailureDestination = Receives | sqs.IQueue | sns.ITopic | s3.IBucket


class Told(NamedTuple):
    """A destination's ARN, and what the function's role needs to tell it."""

    arn: str
    rights: list[Right]


def told_of(destination: FailureDestination) -> Told:
    """A destination as the mapping and the role see it."""
    given: Any = _own(destination)
    if hasattr(given, "queue_arn"):
        return Told(given.queue_arn, [Right(["sqs:SendMessage"], [given.queue_arn]), *_sending(given.encryption_master_key)])
    if hasattr(given, "topic_arn"):
        return Told(given.topic_arn, [Right(["sns:Publish"], [given.topic_arn]), *_sending(given.master_key)])
    key = given.encryption_key
    return Told(
        given.bucket_arn,
        [
            Right(["s3:PutObject"], [f"{given.bucket_arn}/{OBJECTS}"], Acknowledged.OBJECTS_NAMED_BY_LAMBDA),
            Right(["s3:ListBucket"], [given.bucket_arn]),
            *([Right(["kms:GenerateDataKey"], key=key)] if key else []),
        ],
    )


def destination_problems(destination: FailureDestination) -> list[Problem]:
    """What Lambda cannot send to."""
    given: Any = _own(destination)
    kind = next((kind for kind in ("queue", "topic", "bucket") if hasattr(given, f"{kind}_arn")), None)
    if kind is None:
        return [Problem(code="EF-MAPPING-DESTINATION", given=f"on_failure is a {type(given).__name__}",
                        allowed=f"{DESTINATIONS} tells queues, topics and buckets", fix="give one of them")]  # fmt: skip
    if kind != "bucket" and given.fifo:
        return [Problem(code="EF-MAPPING-DESTINATION", given=f"on_failure is a FIFO {kind}",
                        allowed=f"{DESTINATIONS} tells standard queues and topics only", fix=f"give a standard {kind}")]  # fmt: skip
    return []


def _own(destination: FailureDestination) -> Any:
    return getattr(destination, "receiver", destination)


def _sending(key: Any) -> list[Right]:
    return [Right(["kms:Decrypt", "kms:GenerateDataKey"], key=key)] if key else []
