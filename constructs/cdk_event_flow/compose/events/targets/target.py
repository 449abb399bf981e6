"""The parts of a target: what the user gives, and what a kind of target must know of itself."""

from dataclasses import dataclass
from typing import Any, Protocol

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events

from cdk_event_flow.compose.events.inputs import Input
from cdk_event_flow.errors import Problem


@dataclass(frozen=True, kw_only=True)
class Target:
    """A receiver with what this rule does to events on their way to it.

    `to` is a receiver as `route` takes it; `input` what it receives in place of the whole event; `group` the message
    group of a FIFO queue, or the path of a stream's partition key (default: the event's id).
    """

    to: Any
    input: Input | None = None
    group: str | None = None


@dataclass(frozen=True, kw_only=True)
class FargateTask:
    """A task that a rule starts: one on Fargate for every event, in `subnets` of the cluster's VPC, without a public address."""

    cluster: ecs.ICluster
    definition: ecs.FargateTaskDefinition
    subnets: ec2.SubnetSelection | None = None
    security_groups: tuple[ec2.ISecurityGroup, ...] = ()
    count: int = 1


class Kind(Protocol):
    """A kind of target, for one receiver."""

    arn: str

    def problems(self) -> list[Problem]:
        """Why EventBridge could never deliver to this receiver."""

    def properties(self) -> dict[str, Any]:
        """What the target says besides its ARN and the role."""

    def permit(self, rule: events.CfnRule) -> None:
        """Let the rule reach the receiver, by the receiver's resource policy."""

    def actions(self) -> dict[str, list[str]]:
        """What the rule's role may do: resources by action; empty where a resource policy decides."""
