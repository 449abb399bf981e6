"""Which statements stand on a resource, on a role, on a key: the policies of a flow, found by what they are for."""

from collections.abc import Iterable
from typing import Any

from cdk_event_flow.flow.model import Key, KeyAlias, Node, ResourcePolicy, Role, RolePolicy, Unknown
from cdk_event_flow.flow.permissions.language import Statement, statements
from cdk_event_flow.flow.permissions.managed import MANAGED

AWS_MANAGED_POLICY = ":iam::aws:policy/"


class AwsManagedKey(str):
    """The alias of a key of AWS (`alias/aws/sqs`), whose policy nobody can change."""


class Policies:
    """All policies among `nodes`."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._on: dict[str, list[Statement]] = {}
        self._attached: dict[str, list[Statement]] = {}
        self._managed: dict[str, list[Statement]] = {}
        self._roles: dict[str, Role] = {}
        self._keys: dict[str, Key] = {}
        self._aliases: dict[str, str | Unknown] = {}
        for node in nodes:
            match node:
                case ResourcePolicy():
                    _attach(self._on, node.resources, statements(node.document))
                case Role():
                    self._roles[node.arn] = node
                case RolePolicy():
                    self._managed[node.arn] = statements(node.document)
                    _attach(self._attached, node.roles, statements(node.document))
                case Key():
                    self._keys[node.arn] = self._keys[node.name] = node
                case KeyAlias():
                    self._aliases[node.name] = node.key

    def on(self, arn: str) -> list[Statement]:
        """The statements of the policies on a resource, and those of policies on what is unknown, as unknown."""
        return [*self._on.get(arn, ()), *self._on.get("", ())]

    def role(self, arn: str) -> Role | None:
        """The role of this ARN, if it is in the flow."""
        return self._roles.get(arn)

    def of_role(self, arn: str) -> list[Statement]:
        """What a role may do: by its own policies, by those that name it, by its managed ones. Empty for unknown roles."""
        role = self._roles.get(arn)
        if role is None:
            return []
        own = [statement for document in role.documents for statement in statements(document)]
        named = [*self._attached.get(role.name, ()), *self._attached.get("", ())]
        return [*own, *named, *(statement for each in role.managed for statement in self._of_managed(each))]

    def key(self, named: str | Unknown) -> Key | AwsManagedKey | Unknown:
        """The key of this id, ARN or alias."""
        if isinstance(named, Unknown):
            return named
        name = named.partition(":alias/")[2]
        alias = f"alias/{name}" if name else named
        if alias.startswith("alias/aws/"):
            return AwsManagedKey(alias)
        behind = self._aliases.get(alias, named)
        found = behind if isinstance(behind, Unknown) else self._keys.get(behind)
        return found or Unknown(f"the key {named} is outside the template")

    def _of_managed(self, arn: str | Unknown) -> list[Statement]:
        if isinstance(arn, str) and arn in self._managed:
            return self._managed[arn]
        name = arn.rpartition(AWS_MANAGED_POLICY)[2] if isinstance(arn, str) else ""
        actions = MANAGED.get(name)
        body: Any = {"Effect": "Allow", "Action": list(actions), "Resource": "*"} if actions else None
        if body is None:
            body = arn if isinstance(arn, Unknown) else Unknown(f"the managed policy {name} is outside the template")
        return [Statement(body=body, label=f"the managed policy {name}")]


def _attach(to: dict[str, list[Statement]], names: Iterable[str | Unknown], found: list[Statement]) -> None:
    """File statements by name; those for an unknown name under none, and unknown with it."""
    for name in names:
        if isinstance(name, Unknown):
            to.setdefault("", []).extend(_doubted(each, name) for each in found)
        else:
            to.setdefault(name, []).extend(found)


def _doubted(statement: Statement, why: Unknown) -> Statement:
    body = {**statement.body, "Condition": why} if isinstance(statement.body, dict) else why
    return Statement(body=body, label=statement.label)
