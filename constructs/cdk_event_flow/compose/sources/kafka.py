"""Kafka topics as sources: of a cluster of Amazon MSK, or of one that you run."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_secretsmanager as secretsmanager

from cdk_event_flow.compose.edge import refuse
from cdk_event_flow.compose.sources.polled import OF_THE_NETWORK, Polled, Right, secret_rights
from cdk_event_flow.errors import Problem
from constructs import Construct

SELF_MANAGED = "Lambda (https://docs.aws.amazon.com/lambda/latest/dg/with-kafka.html)"
GROUP_CHARACTERS = 200

Protocol = Literal["SASL_SCRAM_512_AUTH", "SASL_SCRAM_256_AUTH", "BASIC_AUTH", "CLIENT_CERTIFICATE_TLS_AUTH"]


@dataclass(frozen=True, kw_only=True)
class KafkaSecret:
    """How Lambda proves itself to the brokers: `secret` holds a user name and password, or a certificate and its key.

    A cluster of MSK takes SASL_SCRAM_512_AUTH and CLIENT_CERTIFICATE_TLS_AUTH.
    """

    secret: secretsmanager.ISecret
    by: Protocol = "SASL_SCRAM_512_AUTH"


@dataclass(frozen=True, kw_only=True)
class ManagedKafka:
    """The topic of a cluster of Amazon MSK: `cluster` is its ARN.

    Lambda proves itself by IAM, with the function's role, or by `secret`. `group` is the consumer group (default: named after
    stack, function and topic, so that the role can name it too; it cannot be changed later). Lambda keeps network interfaces in the
    cluster's subnets, and reaches what it needs (Lambda, Secrets Manager, a failure destination) from there alone.
    """

    cluster: str
    topic: str
    group: str | None = None
    secret: KafkaSecret | None = None

    def polled(self, scope: Construct) -> Polled:
        """https://docs.aws.amazon.com/lambda/latest/dg/with-msk-permissions.html"""
        group = self.group or _group(scope, self.topic)
        return Polled(
            kind="kafka",
            what="a Kafka topic of MSK",
            id=f"From{self.topic}",
            properties={
                "event_source_arn": self.cluster,
                "topics": [self.topic],
                "amazon_managed_kafka_event_source_config": {"consumerGroupId": group},
                **({"source_access_configurations": [_access(self.secret)]} if self.secret else {}),
            },
            rights=[
                Right(["kafka:DescribeClusterV2", "kafka:GetBootstrapBrokers"], [self.cluster]),
                OF_THE_NETWORK,
                *(secret_rights(self.secret.secret) if self.secret else self._by_iam(group)),
            ],
            retries=True,
        )

    def _by_iam(self, group: str) -> list[Right]:
        """https://docs.aws.amazon.com/lambda/latest/dg/msk-cluster-auth.html"""
        return [
            Right(["kafka-cluster:Connect", "kafka-cluster:DescribeClusterDynamicConfiguration"], [self.cluster]),
            Right(["kafka-cluster:DescribeTopic", "kafka-cluster:ReadData"], [self._inside("topic", self.topic)]),
            Right(["kafka-cluster:AlterGroup", "kafka-cluster:DescribeGroup"], [self._inside("group", group)]),
        ]

    def _inside(self, kind: str, name: str) -> str:
        """The ARN of a topic or group: `…:cluster/name/id` -> `…:topic/name/id/orders`."""
        parts = cdk.Fn.split(":cluster/", self.cluster, 2)
        return f"{cdk.Fn.select(0, parts)}:{kind}/{cdk.Fn.select(1, parts)}/{name}"


@dataclass(frozen=True, kw_only=True)
class SelfManagedKafka:
    """The topic of a Kafka cluster that you run: `servers` are its bootstrap servers (`host:port`).

    `secret` is how Lambda proves itself. Brokers in a VPC: give its `subnets` and a `security_group` that lets brokers and
    Lambda talk; else they are reached over the internet. `root_certificate` is a secret with that of the brokers, where it
    is a private one. `group` as in `ManagedKafka`.

    Raises ConstructError: EF-KAFKA-SERVERS, EF-KAFKA-AUTHENTICATION, EF-KAFKA-NETWORK.
    """

    servers: Sequence[str]
    topic: str
    secret: KafkaSecret | None = None
    subnets: Sequence[ec2.ISubnet] = ()
    security_group: ec2.ISecurityGroup | None = None
    root_certificate: secretsmanager.ISecret | None = None
    group: str | None = None

    def polled(self, scope: Construct) -> Polled:
        """https://docs.aws.amazon.com/lambda/latest/dg/with-kafka-permissions.html"""
        refuse(f"{scope.node.path}/From{self.topic}", self._problems())
        access = [
            *([_access(self.secret)] if self.secret else []),
            *({"type": "VPC_SUBNET", "uri": f"subnet:{each.subnet_id}"} for each in self.subnets),
            *([{"type": "VPC_SECURITY_GROUP", "uri": f"security_group:{self.security_group.security_group_id}"}]
              if self.security_group else []),
            *([{"type": "SERVER_ROOT_CA_CERTIFICATE", "uri": self.root_certificate.secret_arn}] if self.root_certificate else []),
        ]  # fmt: skip
        return Polled(
            kind="kafka",
            what="a Kafka topic",
            id=f"From{self.topic}",
            properties={
                "self_managed_event_source": {"endpoints": {"kafkaBootstrapServers": list(self.servers)}},
                "topics": [self.topic],
                "self_managed_kafka_event_source_config": {"consumerGroupId": self.group or _group(scope, self.topic)},
                "source_access_configurations": access,
            },
            rights=[
                *(secret_rights(self.secret.secret) if self.secret else []),
                *(secret_rights(self.root_certificate) if self.root_certificate else []),
                *([OF_THE_NETWORK] if self.subnets else []),
            ],
            retries=True,
        )

    def _problems(self) -> list[Problem]:
        problems = []
        if not self.servers:
            problems.append(Problem(code="EF-KAFKA-SERVERS", given="there are no servers", allowed=f"{SELF_MANAGED} connects to them",
                                    fix='give at least one, as "host:port"'))  # fmt: skip
        if self.secret is None and not self.subnets:
            problems.append(Problem(code="EF-KAFKA-AUTHENTICATION", given="neither secret nor subnets",
                                    allowed=f"{SELF_MANAGED} wants a way to prove itself, or brokers in a VPC",
                                    fix="give secret, or the subnets and security group of the brokers"))  # fmt: skip
        if bool(self.subnets) != bool(self.security_group):
            problems.append(Problem(code="EF-KAFKA-NETWORK", given="subnets without security_group, or the other way round",
                                    allowed=f"{SELF_MANAGED} needs both to reach brokers in a VPC",
                                    fix="give both or none"))  # fmt: skip
        return problems


def _group(scope: Construct, topic: str) -> str:
    return cdk.Names.unique_resource_name(scope, max_length=GROUP_CHARACTERS - len(topic) - 1, separator="-") + f"-{topic}"


def _access(secret: KafkaSecret) -> dict[str, Any]:
    return {"type": secret.by, "uri": secret.secret.secret_arn}
