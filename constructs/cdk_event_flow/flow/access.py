"""Who may do what to what: every statement of a template's policies, in words, with what is wide about it.

What stands in policies is told as it stands there. Whether a hop is permitted, all policies together, `permissions` decides.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cdk_event_flow.flow.model import Function, Key, ResourcePolicy, Role, Unknown
from cdk_event_flow.flow.permissions.hops import hops
from cdk_event_flow.flow.permissions.language import Statement, statements
from cdk_event_flow.flow.permissions.services import named
from cdk_event_flow.flow.ways import source_of

if TYPE_CHECKING:
    from cdk_event_flow.flow.graph import Flow

EVERYBODY = "everybody"
# Actions that know no resource, of those that functions and workers need.
# https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
WITHOUT_RESOURCE = frozenset(
    {
        "cloudwatch:PutMetricData",
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
        "ec2:UnassignPrivateIpAddresses",
        "ecr:GetAuthorizationToken",
        "xray:GetSamplingRules",
        "xray:GetSamplingStatisticSummaries",
        "xray:GetSamplingTargets",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    }
)
_OPERATORS = {
    "stringequals": "is", "arnequals": "is", "stringequalsignorecase": "is", "bool": "is", "numericequals": "is",
    "stringlike": "is like", "arnlike": "is like",
    "stringnotequals": "is not", "arnnotequals": "is not", "stringnotlike": "is not like", "arnnotlike": "is not like",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Access:
    """One statement. `who` are names of functions and other users of a role, services, accounts, or `everybody`.

    `effect` is `Allow` or `Deny`; `actions` and `on` begin with `all but ` where the statement says so. `conditions` must
    all hold. `by` names policy and statement. `wide` says what a narrower name could replace; empty where nothing is.
    """

    who: tuple[str, ...]
    effect: str
    actions: tuple[str, ...]
    on: tuple[str, ...]
    conditions: tuple[str, ...]
    by: str
    wide: tuple[str, ...]


def access(flow: "Flow") -> list[Access]:
    """Every statement: of roles, of policies on resources, of keys, and of who may assume a role. In the template's order.

    Statements that AWS gives by itself (a topic or key without a policy) are among them only where `flow` reads them as such.
    """
    users = _users(flow)
    return [found for node in flow.nodes.values() for found in _of(flow, node, users)]


def _of(flow: "Flow", node: Any, users: Mapping[str, tuple[str, ...]]) -> Iterator[Access]:
    match node:
        case Role():
            called = f"the role {named(flow, node.arn)}"
            for each in statements(node.trust):
                yield _access(flow, each, by=f"the trust policy of {called}", resources=(called,))
            for each in flow.policies.of_role(node.arn):
                yield _access(flow, each, by=called, who=users.get(node.arn, (called,)))
        case ResourcePolicy():
            on = tuple(str(each) if isinstance(each, Unknown) else _called(flow, each) for each in node.resources)
            for each in statements(node.document):
                yield _access(flow, each, by=f"the policy of {', '.join(on)}", resources=on)
        case Key():
            called = f"the key {named(flow, node.arn)}"
            for each in statements(node.policy):
                yield _access(flow, each, by=f"the policy of {called}", resources=(called,))


def _access(
    flow: "Flow", statement: Statement, *, by: str, who: tuple[str, ...] | None = None, resources: tuple[str, ...] | None = None
) -> Access:
    """A statement of a role is told with `who` uses it, one of a resource with the `resources` it stands on."""
    if not isinstance(statement.body, Mapping):
        why = str(statement.body) if isinstance(statement.body, Unknown) else "no statement"
        return Access(who=who or (why,), effect="Allow", actions=(why,), on=resources or (why,), conditions=(),
                      by=f"{by}, {statement.label}", wide=())  # fmt: skip
    body = statement.body
    principals = tuple(_principals(body)) if who is None else who
    actions = _element(body, "Action", str)
    everything = _says(body, "Resource") in (None, "*", ["*"])
    on = resources if resources and everything else _element(body, "Resource", lambda arn: _called(flow, arn))
    conditions = tuple(_conditions(flow, body.get("Condition")))
    return Access(
        who=principals,
        effect=str(body.get("Effect", "Allow")),
        actions=actions,
        on=on,
        conditions=conditions,
        by=f"{by}, {statement.label}",
        wide=tuple(_wide(body, principals, conditions, of_role=who is not None)),
    )


def _wide(body: Mapping[str, Any], who: tuple[str, ...], conditions: tuple[str, ...], *, of_role: bool) -> Iterator[str]:
    """What of an allowing statement a name could replace."""
    if body.get("Effect") == "Deny":
        return
    if EVERYBODY in who and not conditions:
        yield "everybody is let in"
    for element in ("NotPrincipal", "NotAction", "NotResource"):
        if element in body:
            yield f"{element} allows all that is not named"
    actions = _texts(body.get("Action"))
    if of_role:
        yield from (f"{action} is more than one action" for action in actions if "*" in action)
        if "*" in _texts(body.get("Resource")) and not set(actions) <= WITHOUT_RESOURCE:
            yield "any resource"


def _users(flow: "Flow") -> dict[str, tuple[str, ...]]:
    """Who uses each role, by the role's ARN: functions, and what delivers or reads by a role of its own."""
    found: dict[str, dict[str, None]] = {}
    for function in flow.of(Function):
        found.setdefault(function.role_arn, {})[named(flow, function.arn)] = None
    for hop in hops(flow):
        if hop.role_arn:
            found.setdefault(hop.role_arn, {})[named(flow, hop.by.arn)] = None
    return {arn: tuple(names) for arn, names in found.items()}


def _principals(body: Mapping[str, Any]) -> Iterator[str]:
    but = "all but " if "NotPrincipal" in body else ""
    principal = body.get("NotPrincipal", body.get("Principal"))
    for values in principal.values() if isinstance(principal, Mapping) else [principal]:
        for each in _texts(values):
            yield but + (EVERYBODY if each == "*" else _account(each))


def _account(principal: str) -> str:
    account = principal.rpartition(":iam::")[2].removesuffix(":root")
    return f"the account {account}" if account.isdigit() else principal


def _element(body: Mapping[str, Any], element: str, called: Any) -> tuple[str, ...]:
    but = "all but " if f"Not{element}" in body else ""
    return tuple(but + called(each) for each in _texts(_says(body, element)))


def _says(body: Mapping[str, Any], element: str) -> Any:
    return body.get(f"Not{element}", body.get(element))


def _called(flow: "Flow", arn: str) -> str:
    """A node's name; with what follows it, where the ARN names a part of it (`Uploads/*`)."""
    for whole in (arn, source_of(arn), arn.partition("/")[0], arn.rpartition(":")[0]):
        if whole in flow.names:
            return flow.names[whole] + arn[len(whole) :]
    return arn


def _conditions(flow: "Flow", block: Any) -> Iterator[str]:
    if isinstance(block, Unknown):
        yield str(block)
    for operator, keys in block.items() if isinstance(block, Mapping) else ():
        if not isinstance(keys, Mapping):
            yield f"{operator} {keys}"
            continue
        for key, wanted in keys.items():
            values = " or ".join(_called(flow, each) for each in _texts(wanted))
            name = operator.lower().removesuffix("ifexists").rpartition(":")[2]
            perhaps = " or is not there" if operator.lower().endswith("ifexists") else ""
            if name == "null":
                yield f"{key} is {'not ' if values == 'true' else ''}there"
            else:
                yield f"{key} {_OPERATORS.get(name, operator)} {values}{perhaps}"


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list | tuple) else [] if value is None else [value]
    return [str(each).lower() if isinstance(each, bool) else str(each) for each in values]
