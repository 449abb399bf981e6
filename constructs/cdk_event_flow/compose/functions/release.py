"""How a new version takes over the alias `live`."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from cdk_event_flow.compose.edge import seconds, within
from cdk_event_flow.errors import Problem
from constructs import Construct

TRAFFIC_SHIFTING = "CodeDeploy (https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations-create.html)"
APPLICATION_ID = "Releases"


@dataclass(frozen=True, kw_only=True)
class AllAtOnce:
    """The alias moves to the new version in one step (the default)."""

    def problems(self) -> list[Problem]:
        """Nothing can be wrong."""
        return []


@dataclass(frozen=True, kw_only=True)
class Canary:
    """`percent` (1 to 99) of the traffic first, the rest `every` (1 minute to 2 days) later, if no alarm fires."""

    percent: int = 10
    every: timedelta = timedelta(minutes=5)

    def problems(self) -> list[Problem]:
        """What CodeDeploy would refuse."""
        return _problems(self.percent, self.every)


@dataclass(frozen=True, kw_only=True)
class Linear:
    """`percent` (1 to 99) more of the traffic `every` (1 minute to 2 days), as long as no alarm fires."""

    percent: int = 10
    every: timedelta = timedelta(minutes=1)

    def problems(self) -> list[Problem]:
        """What CodeDeploy would refuse."""
        return _problems(self.percent, self.every)


Release = AllAtOnce | Canary | Linear


def _problems(percent: int, every: timedelta) -> list[Problem]:
    return [
        *within("EF-RELEASE-PERCENT", "percent", percent, 1, 99, unit="%", source=TRAFFIC_SHIFTING,
                fix="choose how much of the traffic moves first"),
        *within("EF-RELEASE-EVERY", "every", seconds(every), 60, 172_800, unit="seconds", source=TRAFFIC_SHIFTING,
                fix="choose an interval of whole minutes"),
    ]  # fmt: skip


def shift_traffic(
    scope: Construct,
    function: lambda_.Function,
    alias: lambda_.Alias,
    release: Canary | Linear,
    alarms: list[cloudwatch.CfnAlarm],
) -> codedeploy.CfnDeploymentGroup:
    """Let CodeDeploy move `alias` as `release` says, and roll back when one of `alarms` fires.

    Made of the L1 resources: the L2 deployment group attaches an AWS-managed policy with wildcards to its role.
    """
    application = _application(scope)
    role = iam.Role(scope, "ReleaseRole", assumed_by=iam.ServicePrincipal("codedeploy.amazonaws.com"))
    role.add_to_policy(
        iam.PolicyStatement(
            actions=["lambda:GetAlias", "lambda:GetFunction", "lambda:UpdateAlias"],
            resources=[function.function_arn, f"{function.function_arn}:{alias.alias_name}"],
        )
    )
    role.add_to_policy(
        iam.PolicyStatement(
            actions=["cloudwatch:DescribeAlarms"], resources=[cdk.Token.as_string(alarm.attr_arn) for alarm in alarms]
        )
    )
    group = codedeploy.CfnDeploymentGroup(
        scope,
        "Release",
        application_name=application.ref,
        service_role_arn=role.role_arn,
        deployment_config_name=_configuration(scope, release).ref,
        deployment_style={"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
        auto_rollback_configuration={
            "enabled": True,
            "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
        },
        alarm_configuration={"enabled": True, "alarms": [{"name": alarm.ref} for alarm in alarms]},
    )
    group.node.add_dependency(role.node.find_child("DefaultPolicy"))
    resource: Any = alias.node.default_child
    resource.cfn_options.update_policy = cdk.CfnUpdatePolicy(
        code_deploy_lambda_alias_update=cdk.CfnCodeDeployLambdaAliasUpdate(
            application_name=application.ref, deployment_group_name=group.ref
        )
    )
    return group


def _application(scope: Construct) -> codedeploy.CfnApplication:
    """The stack's one CodeDeploy application."""
    stack = cdk.Stack.of(scope)
    found = stack.node.try_find_child(APPLICATION_ID)
    if found is not None:
        return found  # type: ignore[return-value]
    return codedeploy.CfnApplication(stack, APPLICATION_ID, compute_platform="Lambda")


def _configuration(scope: Construct, release: Canary | Linear) -> codedeploy.CfnDeploymentConfig:
    """The stack's configuration of this shape; functions with the same release share it."""
    stack = cdk.Stack.of(scope)
    minutes = seconds(release.every) // 60
    kind = "Canary" if isinstance(release, Canary) else "Linear"
    id = f"{kind}{release.percent}PercentEvery{minutes}Minutes"
    found = stack.node.try_find_child(id)
    if found is not None:
        return found  # type: ignore[return-value]
    shape = {f"{kind.lower()}Percentage": release.percent, f"{kind.lower()}Interval": minutes}
    return codedeploy.CfnDeploymentConfig(
        stack,
        id,
        compute_platform="Lambda",
        traffic_routing_config={"type": f"TimeBased{kind}", f"timeBased{kind}": shape},
    )
