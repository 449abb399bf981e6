"""A Kinesis data stream."""

from datetime import timedelta

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_

from cdk_event_flow.compose.acknowledge import Acknowledged, acknowledge
from cdk_event_flow.compose.edge import place, refuse, seconds, within
from cdk_event_flow.compose.functions.consumer import Consumes, role_of
from cdk_event_flow.compose.functions.role import allow
from cdk_event_flow.compose.known import remember
from cdk_event_flow.compose.messaging.encryption import stack_key
from cdk_event_flow.compose.observe.parts import add_part
from cdk_event_flow.compose.sources.polled import Polled
from cdk_event_flow.compose.sources.resources import polled_stream
from cdk_event_flow.errors import Problem
from constructs import Construct

KINESIS_QUOTAS = "Kinesis (https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html)"
DAY = 86_400


class Stream(Construct):
    """A Kinesis data stream; `stream` takes an existing or imported one in place of our own.

    Encrypted with the stack's key (or `key`). On demand: it grows with what is written, up to twice the last month's peak at
    once; `shards` (1 to 10,000) provisions that many of 1 MB and 1,000 records a second each instead. `retention` is 1 to
    365 days (default 7: a week-end and a mended consumer later, what was written can still be read). `stream` is the CDK's
    own construct.

    Raises ConstructError: EF-STREAM-SHARDS, EF-STREAM-RETENTION.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        shards: int | None = None,
        retention: timedelta = timedelta(days=7),
        key: kms.IKey | None = None,
        stream: kinesis.IStream | None = None,
    ) -> None:
        refuse(place(scope, id), _problems(shards, retention))
        super().__init__(scope, id)
        remember(self, scope, id)
        self._id = id
        self.key = stream.encryption_key if stream else key or stack_key(self)
        self.stream: kinesis.IStream = stream or self._make(shards, retention)
        add_part(self, self.stream, kind="stream", scope=self, called=self.stream.stream_name, near=self.stream)

    def _make(self, shards: int | None, retention: timedelta) -> kinesis.Stream:
        stream = kinesis.Stream(
            self,
            "Stream",
            stream_mode=kinesis.StreamMode.PROVISIONED if shards else kinesis.StreamMode.ON_DEMAND,
            shard_count=shards,
            retention_period=cdk.Duration.hours(seconds(retention) // 3_600),
            encryption=kinesis.StreamEncryption.KMS,
            encryption_key=self.key,
        )
        acknowledge(stream, Acknowledged.STREAM_WITH_A_CUSTOMER_KEY)
        return stream

    def allow_publishing(self, producer: Consumes | lambda_.IFunction | iam.IRole) -> None:
        """Let a function, or whatever else has the role, put records into this stream, and encrypt them."""
        role = role_of(producer)
        actions = ["kinesis:PutRecord", "kinesis:PutRecords"]
        allow(role, actions, [self.stream.stream_arn])
        if self.key is not None:
            allow(role, ["kms:GenerateDataKey"], [self.key.key_arn])

    @property
    def receiver(self) -> kinesis.IStream:
        """What receives where this construct is given as a target."""
        return self.stream

    def polled(self, scope: Construct) -> Polled:  # noqa: ARG002
        """How it is polled for a function."""
        return polled_stream(self.stream, self._id)


def _problems(shards: int | None, retention: timedelta) -> list[Problem]:
    problems = within("EF-STREAM-RETENTION", "retention", seconds(retention), DAY, 365 * DAY, unit="seconds",
                      source=KINESIS_QUOTAS, fix="choose a retention in that range")  # fmt: skip
    if seconds(retention) % 3_600:
        problems.append(Problem(code="EF-STREAM-RETENTION", given=f"retention is {retention}",
                                allowed=f"{KINESIS_QUOTAS} counts hours",
                                fix="choose whole hours"))  # fmt: skip
    if shards is not None:
        problems += within("EF-STREAM-SHARDS", "shards", shards, 1, 10_000, unit="shards", source=KINESIS_QUOTAS,
                           fix="choose a number in that range, or leave it out: on demand")  # fmt: skip
    return problems
