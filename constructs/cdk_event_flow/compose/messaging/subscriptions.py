"""Who may subscribe to a topic besides a consumer's queue: functions, queues, HTTPS, people, streams, phones."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from cdk_event_flow.compose.edge import seconds, within
from cdk_event_flow.compose.functions.consumer import Consumer, consumer_of
from cdk_event_flow.compose.functions.resource_policy import allow_service
from cdk_event_flow.compose.functions.role import service_role
from cdk_event_flow.compose.messaging.queue_policy import let
from cdk_event_flow.compose.statements import Statement, allowing
from cdk_event_flow.errors import Problem
from constructs import Construct

if TYPE_CHECKING:
    from aws_cdk import aws_kinesisfirehose as firehose

SNS = "SNS (https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html)"
SNS_FIFO = "SNS (https://docs.aws.amazon.com/sns/latest/dg/fifo-topic-message-delivery.html)"


@dataclass(frozen=True)
class Email:
    """A person, who confirms the subscription by mail. `json` sends the envelope instead of the bare message."""

    address: str
    json: bool = False


@dataclass(frozen=True)
class Sms:
    """A phone, in the international form (`+491701234567`)."""

    number: str


@dataclass(frozen=True)
class PlatformEndpoint:
    """One installation of a mobile app, by the ARN that SNS gave its token."""

    arn: str


@dataclass(frozen=True, kw_only=True)
class HttpRetries:
    """How SNS tries an HTTPS endpoint again: `retries` 0 to 100, `least` to `most` seconds apart, in all at most one hour."""

    retries: int = 50
    least: timedelta = timedelta(seconds=1)
    most: timedelta = timedelta(seconds=60)
    backoff: str = "exponential"

    def problems(self) -> list[Problem]:
        """What SNS would refuse."""
        problems = within("EF-HTTP-RETRIES", "retries", self.retries, 0, 100, unit="retries", source=SNS, fix="choose fewer")
        low, high = seconds(self.least), seconds(self.most)
        if not 1 <= low <= high <= 3_600:
            problems.append(
                Problem(code="EF-HTTP-DELAY", given=f"retries {low} to {high} seconds apart",
                        allowed=f"{SNS} allows 1 to 3,600 seconds, the least not over the most", fix="correct the delays")
            )  # fmt: skip
        if not problems and self.retries * high > 3_600:
            problems.append(
                Problem(code="EF-HTTP-DELAY", given=f"{self.retries} retries of up to {high} seconds",
                        allowed=f"{SNS} tries for 3,600 seconds in all", fix="choose fewer retries, or shorter delays")
            )  # fmt: skip
        if self.backoff not in ("linear", "arithmetic", "geometric", "exponential"):
            problems.append(
                Problem(code="EF-HTTP-DELAY", given=f"backoff is {self.backoff!r}",
                        allowed=f"{SNS} knows linear, arithmetic, geometric and exponential", fix="choose one of them")
            )  # fmt: skip
        return problems

    def policy(self) -> dict[str, Any]:
        """As the subscription's property has it."""
        return {
            "healthyRetryPolicy": {
                "numRetries": self.retries,
                "minDelayTarget": seconds(self.least),
                "maxDelayTarget": seconds(self.most),
                "backoffFunction": self.backoff,
            }
        }


class Subscriber(Protocol):
    """A kind of subscriber, for one endpoint."""

    @property
    def protocol(self) -> str:
        """SNS's name of it."""

    @property
    def endpoint(self) -> str:
        """Where it is."""

    @property
    def logs(self) -> sns.LoggingProtocol | None:
        """The protocol whose deliveries a topic can log, if any."""

    @property
    def takes_raw(self) -> bool:
        """Whether the bare message can be delivered."""

    @property
    def takes_fifo(self) -> bool:
        """Whether a FIFO topic can deliver to it."""

    def problems(self) -> list[Problem]:
        """Why SNS could never deliver."""

    def permit(self, topic: sns.ITopic, scope: Construct) -> dict[str, Any]:
        """Let the topic reach the endpoint; what the subscription says besides."""


class _Plain:
    """An endpoint that needs no permission: a person, a phone, a web server."""

    takes_fifo = False

    def __init__(
        self,
        protocol: str,
        endpoint: str,
        *,
        pattern: str,
        like: str,
        logs: sns.LoggingProtocol | None = None,
        takes_raw: bool = False,
    ) -> None:
        self.protocol, self.endpoint, self.logs, self.takes_raw = protocol, endpoint, logs, takes_raw
        self._pattern, self._like = pattern, like

    def problems(self) -> list[Problem]:
        """An endpoint that is none."""
        if cdk.Token.is_unresolved(self.endpoint) or re.fullmatch(self._pattern, self.endpoint):
            return []
        return [
            Problem(code="EF-TOPIC-ENDPOINT", given=f"the endpoint is {self.endpoint!r}",
                    allowed=f"{SNS} delivers by {self.protocol} to {self._like}", fix="correct it")
        ]  # fmt: skip

    def permit(self, topic: sns.ITopic, scope: Construct) -> dict[str, Any]:  # noqa: ARG002
        """Nothing to allow."""
        return {}


class _Function:
    protocol, takes_raw, takes_fifo, logs = "lambda", False, False, sns.LoggingProtocol.LAMBDA

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer
        self.endpoint = consumer.arn

    def problems(self) -> list[Problem]:
        """That it would not know for which tenant."""
        return self._consumer.capabilities.unnamed("a topic")

    def permit(self, topic: sns.ITopic, scope: Construct) -> dict[str, Any]:  # noqa: ARG002
        """One statement for all topics of the account."""
        allow_service(self._consumer, "sns", place=topic.env)
        return {}


class _Queue:
    protocol, takes_raw, takes_fifo, logs = "sqs", True, True, sns.LoggingProtocol.SQS

    def __init__(self, queue: sqs.IQueue) -> None:
        self._queue = queue
        self.endpoint = self._arn = queue.queue_arn
        self.fifo = bool(queue.fifo)

    def problems(self) -> list[Problem]:
        """Nothing can be wrong by itself."""
        return []

    def permit(self, topic: sns.ITopic, scope: Construct) -> dict[str, Any]:  # noqa: ARG002
        """By the queue's policy."""
        let(self._queue, may_send(topic.topic_arn, [self._arn]))
        return {}


class _Firehose:
    protocol, takes_raw, takes_fifo, logs = "firehose", True, False, sns.LoggingProtocol.FIREHOSE

    def __init__(self, stream: "firehose.IDeliveryStream") -> None:
        self.endpoint = stream.delivery_stream_arn

    def problems(self) -> list[Problem]:
        """Nothing can be wrong."""
        return []

    def permit(self, topic: sns.ITopic, scope: Construct) -> dict[str, Any]:  # noqa: ARG002
        """By a role that SNS assumes."""
        actions = ["firehose:DescribeDeliveryStream", "firehose:ListDeliveryStreams", "firehose:PutRecord", "firehose:PutRecordBatch"]
        role = service_role(scope, "Role", "sns", [allowing(actions, [self.endpoint])])
        return {"subscription_role_arn": role.role_arn}


def subscriber_of(to: Any) -> Subscriber:
    """The kind of subscriber that `to` is. Raises TypeError for what is none."""
    receiver = getattr(to, "receiver", to)
    if isinstance(receiver, lambda_.FunctionBase) or hasattr(receiver, "consumer"):
        return _Function(consumer_of(receiver))
    if hasattr(receiver, "queue_arn"):
        return _Queue(receiver)
    if hasattr(receiver, "delivery_stream_arn"):
        return _Firehose(receiver)
    match receiver:
        case str():
            return _Plain("https", receiver, pattern=r"https://[^\s/]+\.[^\s/]+.*", takes_raw=True,
                          like="https:// addresses (http:// is in the clear)", logs=sns.LoggingProtocol.HTTP)  # fmt: skip
        case Email():
            protocol = "email-json" if receiver.json else "email"
            return _Plain(protocol, receiver.address, pattern=r"[^@\s]+@[^@\s]+\.[^@\s]+", like="name@domain")
        case Sms():
            return _Plain("sms", receiver.number, pattern=r"\+[1-9]\d{6,14}", like="numbers in the international form, +491701234567")
        case PlatformEndpoint():
            return _Plain("application", receiver.arn, pattern=r"arn:[^:]+:sns:[^:]+:\d{12}:endpoint/.+",
                          like="ARNs of platform endpoints", logs=sns.LoggingProtocol.APPLICATION)  # fmt: skip
    raise TypeError(
        f"a topic delivers to a function, queue, https:// address, Email, Sms, PlatformEndpoint or delivery stream, "
        f"not to {type(to).__name__}"
    )


def may_send(topic_arn: str, queue_arns: Sequence[str]) -> Statement:
    """Lets this topic, and no other, send to the queues."""
    by_sns = {"Service": "sns.amazonaws.com"}
    return allowing(["sqs:SendMessage"], queue_arns, {"ArnEquals": {"aws:SourceArn": topic_arn}}, by_sns)


def fifo_problems(subscriber: Subscriber, *, topic_is_fifo: bool) -> list[Problem]:
    """What SNS would refuse of order, or take away without a word."""
    queue_is_fifo = getattr(subscriber, "fifo", False)
    if topic_is_fifo and not subscriber.takes_fifo:
        return [
            Problem(code="EF-TOPIC-FIFO", given=f"a FIFO topic that delivers by {subscriber.protocol}",
                    allowed=f"{SNS_FIFO} delivers from FIFO topics to queues only", fix="put a queue in between, with fan_out")
        ]  # fmt: skip
    if queue_is_fifo and not topic_is_fifo:
        return [
            Problem(code="EF-TOPIC-FIFO", given="a standard topic that delivers to a FIFO queue",
                    allowed=f"{SNS_FIFO} delivers to FIFO queues from FIFO topics only", fix="give the topic fifo=True")
        ]  # fmt: skip
    return []
