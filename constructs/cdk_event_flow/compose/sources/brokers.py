"""Message brokers of Amazon MQ as sources."""

from dataclasses import dataclass
from typing import Any

from aws_cdk import aws_secretsmanager as secretsmanager

from cdk_event_flow.compose.sources.polled import OF_THE_NETWORK, Polled, Right, secret_rights
from constructs import Construct


@dataclass(frozen=True, kw_only=True)
class BrokerQueue:
    """A queue of an Amazon MQ broker: `broker` is its ARN, `secret` holds the user name and password of a broker user.

    `virtual_host` is RabbitMQ's (default `/`). The broker itself delivers again what failed, as it is configured. Lambda keeps
    network interfaces in the broker's subnets, unless the broker is public.
    """

    broker: str
    queue: str
    secret: secretsmanager.ISecret
    virtual_host: str | None = None

    def polled(self, scope: Construct) -> Polled:  # noqa: ARG002
        """https://docs.aws.amazon.com/lambda/latest/dg/process-mq-messages-with-lambda.html"""
        access: list[dict[str, Any]] = [{"type": "BASIC_AUTH", "uri": self.secret.secret_arn}]
        if self.virtual_host:
            access.append({"type": "VIRTUAL_HOST", "uri": self.virtual_host})
        return Polled(
            kind="mq",
            what="a queue of an MQ broker",
            id=f"From{self.queue}",
            properties={"event_source_arn": self.broker, "queues": [self.queue], "source_access_configurations": access},
            rights=[Right(["mq:DescribeBroker"], [self.broker]), *secret_rights(self.secret), OF_THE_NETWORK],
            starts=False,
            instead="leaves it to the broker to deliver again and to keep dead letters",
        )
