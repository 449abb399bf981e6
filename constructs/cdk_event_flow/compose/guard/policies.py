"""Managed policies in place of inline ones, of every role in reach: ours, the CDK's, and what the CDK's grants have added."""

from collections.abc import Iterable
from typing import Any

from aws_cdk import aws_iam as iam

from cdk_event_flow.compose.functions.role import OwnRole
from cdk_event_flow.compose.known import stack_of
from constructs import IConstruct


def manage(nodes: Iterable[IConstruct]) -> None:
    """Let the rights stand in managed policies. What they allow, and what waits for them, stays as it is."""
    for node in nodes:
        if isinstance(node, OwnRole):
            node.manage()
        elif isinstance(node, iam.CfnRole):
            _out_of(node)
        elif isinstance(node, iam.CfnPolicy):
            _replace(node)


def _out_of(role: iam.CfnRole) -> None:
    """Take the policies out of a role that names them itself. The role still waits for what they name."""
    inline: Any = role.policies
    if not inline:
        return
    scope: Any = role.node.scope
    for each in inline:
        name, document = each.policy_name, each.policy_document
        made = iam.CfnManagedPolicy(scope, f"{name}Managed", policy_document=document)
        if isinstance(scope, iam.Role):
            scope.add_managed_policy(iam.ManagedPolicy.from_managed_policy_arn(scope, f"{name}ManagedArn", made.ref))
        else:
            role.managed_policy_arns = [*(role.managed_policy_arns or []), made.ref]
    role.policies = None


def _replace(policy: iam.CfnPolicy) -> None:
    """A managed policy in place of one that stands beside its roles, under another logical id: of a resource that is there,
    CloudFormation does not change the type."""
    scope: Any = policy.node.scope
    stack, id = stack_of(policy), policy.node.id
    roles, users, groups = policy.roles, policy.users, policy.groups
    said = stack.resolve(policy.policy_document)
    if not (said and said.get("Statement") and any(map(stack.resolve, (roles, users, groups)))):
        return  # nor does the CDK write a policy that says nothing, or belongs to nobody
    before = stack.resolve(policy.logical_id)
    document = policy.policy_document
    scope.node.try_remove_child(id)
    made = iam.CfnManagedPolicy(scope, id, policy_document=document, roles=roles, users=users, groups=groups)
    made.override_logical_id(f"{before}Managed")
    # What waits for the policy still names it; out of the tree, it is written nowhere.
    policy.override_logical_id(f"{before}Managed")
