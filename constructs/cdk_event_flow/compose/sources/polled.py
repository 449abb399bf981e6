"""A source as its mapping sees it: what the mapping says of it, and what the function's role must be allowed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager

from cdk_event_flow.compose.acknowledge import Acknowledged
from cdk_event_flow.match.criteria import Source
from constructs import Construct

# What Lambda needs to read each kind of source, from its own network.
QUEUE_READING = ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
STREAM_READING = tuple(
    f"kinesis:{each}" for each in ("DescribeStream", "DescribeStreamSummary", "GetRecords", "GetShardIterator", "ListShards")
)
CONSUMER_READING = ("kinesis:DescribeStreamConsumer", "kinesis:SubscribeToShard")
TABLE_READING = tuple(f"dynamodb:{each}" for each in ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"))
POLLING = frozenset((*QUEUE_READING, *STREAM_READING, *CONSUMER_READING, *TABLE_READING))


class Right(NamedTuple):
    """Actions that the function's execution role must be allowed: on `resources` (`why` where their names have a wildcard), or
    with a `key`."""

    actions: Sequence[str]
    resources: Sequence[str] = ()
    why: Acknowledged | None = None
    key: kms.IKey | None = None

    @property
    def named(self) -> Sequence[str]:
        """What the actions are allowed on."""
        return [self.key.key_arn] if self.key else self.resources


# What Lambda does with its elastic network interfaces where a source stands in a network.
# https://docs.aws.amazon.com/lambda/latest/dg/with-msk-permissions.html
OF_THE_NETWORK = Right(
    (
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
    ),
    ("*",),
    Acknowledged.ACTION_WITHOUT_RESOURCE,
)


@dataclass(frozen=True, kw_only=True)
class Polled:
    """`what` is said in errors ("an SQS queue"), `id` is the mapping's in its function, `properties` are those of the mapping
    that name the source. `starts`: reading may begin somewhere else than at the oldest record. `partial`: the handler may
    say which records of a batch failed. `retries`: Lambda counts attempts and tells a destination of what it gives up;
    else `instead` says what takes their place.
    """

    kind: Source
    what: str
    id: str
    properties: Mapping[str, Any]
    rights: Sequence[Right]
    usual_batch: int = 100
    fifo: bool = False
    starts: bool = True
    partial: bool = False
    retries: bool = False
    instead: str = ""


class Pollable(Protocol):
    """A source of ours."""

    def polled(self, scope: Construct) -> Polled:
        """How it is polled for a function; `scope` is where the mapping goes."""


def decrypting(key: kms.IKey | None) -> list[Right]:
    """What reading needs of the customer key that encrypts a source."""
    return [Right(["kms:Decrypt"], key=key)] if key else []


def secret_rights(secret: secretsmanager.ISecret) -> list[Right]:
    """What Lambda needs to read the secret by which it proves itself to a source."""
    return [Right(["secretsmanager:GetSecretValue"], [secret.secret_arn]), *decrypting(secret.encryption_key)]
