"""CodeDeploy moves an alias to a new version, tests it on the way, and rolls back."""

from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from cdk_event_flow.compose.edge import refuse, seconds
from cdk_event_flow.compose.functions.consumer import Consumer, consumer_of
from cdk_event_flow.compose.functions.release import Alarm, Release, Shifted
from cdk_event_flow.compose.functions.role import allow, service_role
from cdk_event_flow.compose.statements import allowing
from cdk_event_flow.errors import Problem
from constructs import Construct

APPLICATION_ID = "Releases"
VERSION_VARIABLE = "RELEASED_VERSION"
AT_ONCE = "CodeDeployDefault.LambdaAllAtOnce"
HOOKS = "CodeDeploy (https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html)"

# The construct that each hook tests the releases of.
_TESTED: WeakKeyDictionary[lambda_.IFunction, str] = WeakKeyDictionary()


def shift_traffic(
    scope: Construct, alias: lambda_.Alias, release: Release, own_alarms: Sequence[Alarm]
) -> codedeploy.CfnDeploymentGroup:
    """Let CodeDeploy move `alias` as `release` says, and roll back when one of its alarms, or of `own_alarms`, fires.

    Made of the L1 resources: the L2 deployment group attaches an AWS-managed policy with wildcards to its role.
    Raises ConstructError: EF-RELEASE-HOOK.
    """
    function, application = alias.lambda_, _application(scope)
    before, after = (consumer_of(hook) if hook else None for hook in (release.before, release.after))
    hooks = {hook.function: hook for hook in (before, after) if hook}
    refuse(scope.node.path, [problem for hook in hooks for problem in _hook_problems(hook, function, scope.node.path)])
    alarms = [*own_alarms, *release.alarms]
    role = _role(scope, alias, list(hooks), alarms)
    group = codedeploy.CfnDeploymentGroup(
        scope,
        "Release",
        application_name=application.ref,
        service_role_arn=role.role_arn,
        deployment_config_name=_configuration(scope, release),
        deployment_style={"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
        auto_rollback_configuration={
            "enabled": True,
            "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
        },
        alarm_configuration={"enabled": True, "alarms": [{"name": _name(alarm)} for alarm in alarms]},
    )
    resource: Any = alias.node.default_child
    # What a deployment needs, the alias waits for; the group must not: the hooks' own policies name it.
    beside: Any = role.node.find_child("DefaultPolicy") if hooks else role
    resource.add_resource_dependency(beside.node.default_child)
    for hook in hooks.values():
        _tests(hook, alias.version, application, group)
    resource.cfn_options.update_policy = cdk.CfnUpdatePolicy(
        code_deploy_lambda_alias_update=cdk.CfnCodeDeployLambdaAliasUpdate(
            application_name=application.ref,
            deployment_group_name=group.ref,
            before_allow_traffic_hook=before.function.function_name if before else None,
            after_allow_traffic_hook=after.function.function_name if after else None,
        )
    )
    return group


def _hook_problems(hook: lambda_.IFunction, function: lambda_.IFunction, path: str) -> list[Problem]:
    if hook is function:
        given = "the function is the hook of its own release"
    elif _TESTED.setdefault(hook, path) != path:
        given = f"the hook {hook.node.path} tests {_TESTED[hook]} already"
    else:
        return []
    return [
        Problem(code="EF-RELEASE-HOOK", given=given, allowed=f"{HOOKS} tells a hook the deployment only",
                fix="make a hook of its own for each function or stage")
    ]  # fmt: skip


def _tests(
    hook: Consumer, version: lambda_.IVersion, application: codedeploy.CfnApplication, group: codedeploy.CfnDeploymentGroup
) -> None:
    """Let `hook` know and invoke the new version, and tell CodeDeploy how it went."""
    stack = cdk.Stack.of(group)
    if isinstance(hook.function, lambda_.Function):
        hook.function.add_environment(VERSION_VARIABLE, version.function_arn)
    allow(hook.role, ["lambda:InvokeFunction"], [version.function_arn])
    group_arn = stack.format_arn(
        service="codedeploy",
        resource="deploymentgroup",
        resource_name=f"{application.ref}/{group.ref}",
        arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
    )
    allow(hook.role, ["codedeploy:PutLifecycleEventHookExecutionStatus"], [group_arn])


def _role(scope: Construct, alias: lambda_.Alias, hooks: Sequence[lambda_.IFunction], alarms: Sequence[Alarm]) -> iam.Role:
    """What CodeDeploy may do: what AWSCodeDeployRoleForLambdaLimited allows, on this alias only."""
    arn = alias.lambda_.function_arn
    shifting = ["lambda:GetAlias", "lambda:GetFunction", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"]
    role = service_role(
        scope,
        "ReleaseRole",
        "codedeploy",
        [
            allowing(shifting, [arn, f"{arn}:{alias.alias_name}"]),
            allowing(["cloudwatch:DescribeAlarms"], [_arn(alarm) for alarm in alarms]),
        ],
    )
    if hooks:
        # Beside the role: a hook's own role names the deployment group, and that this role.
        role.add_to_policy(iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[hook.function_arn for hook in hooks]))
    return role


def _name(alarm: Alarm) -> str:
    return alarm.ref if isinstance(alarm, cdk.CfnResource) else alarm.alarm_name


def _arn(alarm: Alarm) -> str:
    return cdk.Token.as_string(alarm.get_att("Arn")) if isinstance(alarm, cdk.CfnResource) else alarm.alarm_arn


def _application(scope: Construct) -> codedeploy.CfnApplication:
    """The stack's one CodeDeploy application."""
    stack = cdk.Stack.of(scope)
    found = stack.node.try_find_child(APPLICATION_ID)
    if found is not None:
        return found  # type: ignore[return-value]
    return codedeploy.CfnApplication(stack, APPLICATION_ID, compute_platform="Lambda")


def _configuration(scope: Construct, release: Release) -> str:
    """The name of the stack's configuration of this shape; functions with the same release share it."""
    if not isinstance(release, Shifted):
        return AT_ONCE
    stack = cdk.Stack.of(scope)
    minutes = seconds(release.every) // 60
    kind = type(release).__name__
    id = f"{kind}{release.percent}PercentEvery{minutes}Minutes"
    found: Any = stack.node.try_find_child(id)
    shape = {f"{kind.lower()}Percentage": release.percent, f"{kind.lower()}Interval": minutes}
    made = found or codedeploy.CfnDeploymentConfig(
        stack,
        id,
        compute_platform="Lambda",
        traffic_routing_config={"type": f"TimeBased{kind}", f"timeBased{kind}": shape},
    )
    return str(made.ref)
