"""Roles and the policies that give them their rights."""

from cdk_event_flow.flow.model import Role, RolePolicy, Unknown
from cdk_event_flow.flow.readers.resource import Resource, as_document, as_list, as_mapping


def role(resource: Resource) -> Role:
    """A role with its inline policies."""
    return Role(
        **resource.identity(),
        trust=as_document(resource.properties.get("AssumeRolePolicyDocument")),
        documents=tuple(
            each if isinstance(each, Unknown) else as_document(as_mapping(each).get("PolicyDocument"))
            for each in as_list(resource.properties.get("Policies"))
        ),
        managed=resource.values("ManagedPolicyArns"),
        bounded="PermissionsBoundary" in resource.properties,
    )


def policy(resource: Resource) -> RolePolicy:
    """A policy, inline or managed, of the roles it names (`Roles`, or `RoleName`)."""
    return RolePolicy(
        **resource.identity(),
        roles=resource.values("Roles") + resource.values("RoleName"),
        document=as_document(resource.properties.get("PolicyDocument")),
    )
