"""What a role may do: by its own policies, those of the resource it is used on, and the key that encrypts it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cdk_event_flow.flow.model import Key, Queue, Role, Topic, Unknown
from cdk_event_flow.flow.permissions.conditions import Context
from cdk_event_flow.flow.permissions.language import Decision, Request, decide, statements
from cdk_event_flow.flow.permissions.permission import Permission, said, worst
from cdk_event_flow.flow.permissions.policies import AwsManagedKey
from cdk_event_flow.flow.permissions.services import account_of, named, service_of
from cdk_event_flow.flow.sources import Stream
from cdk_event_flow.flow.ways import source_of

if TYPE_CHECKING:
    from cdk_event_flow.flow.graph import Flow


@dataclass(frozen=True, kw_only=True, slots=True)
class Use:
    """A service (`lambda.amazonaws.com`) uses a role for actions on a resource, and for others on the key that encrypts it.

    `source_arns` are what the service may tell that it assumes the role for.
    """

    service: str
    role_arn: str
    actions: Sequence[str]
    arn: str
    of_the_key: Sequence[str]
    source_arns: tuple[str, ...] | Unknown


def of_role(flow: "Flow", use: Use) -> list[Permission]:
    """What the use needs: that the service may assume the role, the actions themselves, and the key."""
    role = flow.policies.role(use.role_arn)
    if role is None:
        given = f"the role {use.role_arn} is outside the template" if use.role_arn else "no role is given"
        return [Permission(verdict="unknown", by="role", reason=given)]
    found = [_assumed(flow, role, use)]
    found.append(worst([_may(flow, role, action, use.arn) for action in use.actions]))
    receiver = flow.nodes.get(use.arn)
    if isinstance(receiver, Queue | Stream | Topic) and receiver.key is not None:
        key = flow.policies.key(receiver.key)
        if isinstance(key, Unknown):
            reason = f"{named(flow, use.arn)} is encrypted, and {key.reason}"
            found.append(Permission(verdict="unknown", by="key", reason=reason))
        elif not isinstance(key, AwsManagedKey):
            # The policies of the keys of AWS let in whom the service itself lets in.
            found.append(worst([_use(flow, role, key, action, service_of(use.arn)) for action in use.of_the_key]))
    return [_within(flow, role, each) for each in found]


def _assumed(flow: "Flow", role: Role, use: Use) -> Permission:
    context: Context = {
        "aws:sourceaccount": (account_of(role.arn),),
        "aws:securetransport": ("true",),
        "aws:sourcearn": use.source_arns,
    }
    asked = Request(principal=use.service, action="sts:AssumeRole", resource=role.arn, context=context)
    whose = f"the trust policy of the role {named(flow, role.arn)}"
    return said(decide(asked, statements(role.trust)), "role", whose, f"{use.service} assume it")


def _may(flow: "Flow", role: Role, action: str, arn: str) -> Permission:
    """Within an account it is enough that the role's policies or the resource's allow it; either may deny it."""
    whole = source_of(arn)
    asked = _asked(role, action, arn)
    if account_of(arn) not in ("", account_of(role.arn)):
        return _in_another_account(flow, role, asked, arn)
    whose, on = f"the role {named(flow, role.arn)}", flow.policies.on(whole)
    decision = decide(asked, [*flow.policies.of_role(role.arn), *on])
    if decision.statement is None and whole not in flow.nodes:
        reason = f"{whose} does not allow {action}, and the policy of {arn} is outside the template"
        return Permission(verdict="unknown", by="role", reason=reason)
    if any(each is decision.statement for each in on):
        return said(decision, "role", f"the policy of {named(flow, whole)}", f"{whose} {action}")
    return said(decision, "role", whose, f"it {action} on {named(flow, whole)}")


def _in_another_account(flow: "Flow", role: Role, asked: Request, arn: str) -> Permission:
    """Both must allow it: the role's policies, and the resource's, which lets in the role or its account."""
    whose, act = f"the role {named(flow, role.arn)}", f"it {asked.action} on {named(flow, arn)}"
    own = said(decide(asked, flow.policies.of_role(role.arn)), "role", whose, act)
    if arn not in flow.nodes:
        reason = f"the policy of {arn}, in another account, is outside the template"
        return worst([own, Permission(verdict="unknown", by="role", reason=reason)])
    decision = decide(replace(asked, through_account=True), flow.policies.on(arn))
    return worst([own, said(decision, "role", f"the policy of {named(flow, arn)}", f"{whose} {asked.action}")])


def _use(flow: "Flow", role: Role, key: Key, action: str, through: str) -> Permission:
    """A key's policy lets a role in itself, or the role's account, and then the role's policies must allow it too."""
    asked = _asked(role, action, key.arn, through)
    own, on_key = decide(asked, flow.policies.of_role(role.arn)), statements(key.policy)
    whose, act = f"the role {named(flow, role.arn)}", f"it {action} with the key {named(flow, key.arn)}"
    if _refused(own):
        return said(own, "key", whose, act)
    of_key = f"the policy of the key {named(flow, key.arn)}"
    itself = decide(asked, on_key)
    if itself.verdict == "allowed" or _refused(itself):
        return said(itself, "key", of_key, f"{whose} {action}")
    account = decide(replace(asked, through_account=True), on_key)
    return worst([said(own, "key", whose, act), said(account, "key", of_key, f"{whose} {action}")])


def _refused(decision: Decision) -> bool:
    return decision.verdict == "denied" and decision.statement is not None


def _asked(role: Role, action: str, arn: str, through: str = "") -> Request:
    account = account_of(role.arn)
    return Request(
        principal=role.arn,
        action=action,
        resource=arn,
        context={
            "aws:securetransport": ("true",),
            "aws:principalisawsservice": ("false",),
            "aws:principalarn": (role.arn,),
            "aws:principalaccount": (account,),
            "aws:principaltype": ("AssumedRole",),
            "aws:sourcearn": (),
            "aws:sourceaccount": (),
            "kms:calleraccount": (account,),
            "kms:viaservice": (f"{through}.{arn.split(':')[3]}.amazonaws.com",) if through else (),
        },
    )


def _within(flow: "Flow", role: Role, permission: Permission) -> Permission:
    """What a role with a permissions boundary may do is unknown: its boundary is not read."""
    if role.bounded and permission.verdict == "allowed":
        reason = f"the role {named(flow, role.arn)} has a permissions boundary, which is not followed"
        return replace(permission, verdict="unknown", reason=reason)
    return permission
