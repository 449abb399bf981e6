"""Targets that a rule reaches with a role of its own: buses, streams, state machines, API destinations, tasks."""

from typing import Any

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_stepfunctions as stepfunctions

from cdk_event_flow.compose.events.targets.target import FargateTask
from cdk_event_flow.errors import Problem


class ByRole:
    """A target that needs `action` on `resources` (default: the target itself)."""

    def __init__(
        self, arn: str, action: str, *, resources: list[str] | None = None, properties: dict[str, Any] | None = None
    ) -> None:
        self.arn = arn
        self._actions = {action: resources or [arn]}
        self._properties = properties or {}

    def problems(self) -> list[Problem]:
        """Nothing can be wrong."""
        return []

    def properties(self) -> dict[str, Any]:
        """What this kind says besides its ARN."""
        return self._properties

    def permit(self, rule: events.CfnRule) -> None:
        """Nothing: the role decides."""

    def actions(self) -> dict[str, list[str]]:
        """What the rule's role may do."""
        return self._actions


def bus_target(bus: events.IEventBus) -> ByRole:
    """A bus, of this account and region or of others (whose policy must let this account in)."""
    return ByRole(bus.event_bus_arn, "events:PutEvents")


def stream_target(stream: kinesis.IStream, path: str | None) -> ByRole:
    """A Kinesis stream; records are spread by the event's id, or by what stands at `path`."""
    target = ByRole(stream.stream_arn, "kinesis:PutRecord", properties={"kinesis_parameters": {"partitionKeyPath": path or "$.id"}})
    if stream.encryption_key is not None:
        target.actions()["kms:GenerateDataKey"] = [stream.encryption_key.key_arn]
    return target


def state_machine_target(machine: stepfunctions.IStateMachine) -> ByRole:
    """A state machine: one execution an event."""
    return ByRole(machine.state_machine_arn, "states:StartExecution")


def api_destination_target(destination: events.IApiDestination) -> ByRole:
    """An API destination: an HTTPS request an event, signed in by its connection."""
    return ByRole(destination.api_destination_arn, "events:InvokeApiDestination")


def task_target(task: FargateTask) -> ByRole:
    """A Fargate task an event."""
    definition = task.definition
    chosen = task.cluster.vpc.select_subnets(
        subnets=task.subnets.subnets if task.subnets else None,
        subnet_type=(task.subnets.subnet_type if task.subnets else None) or ec2.SubnetType.PRIVATE_WITH_EGRESS,
    )
    groups = [group.security_group_id for group in task.security_groups]
    roles = [definition.task_role.role_arn, definition.obtain_execution_role().role_arn]
    target = ByRole(
        task.cluster.cluster_arn,
        "ecs:RunTask",
        resources=[definition.task_definition_arn],
        properties={
            "ecs_parameters": {
                "taskDefinitionArn": definition.task_definition_arn,
                "taskCount": task.count,
                "launchType": "FARGATE",
                "networkConfiguration": {
                    "awsVpcConfiguration": {
                        "subnets": chosen.subnet_ids,
                        "assignPublicIp": "DISABLED",
                        **({"securityGroups": groups} if groups else {}),
                    }
                },
            }
        },
    )
    target.actions()["iam:PassRole"] = roles
    return target
