"""The execution role of a function: its rights are collected in Python and stand in the role itself."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

from cdk_event_flow.compose.acknowledge import Acknowledged, acknowledge
from cdk_event_flow.compose.finish import at_synth
from cdk_event_flow.compose.statements import Statement, allowing, document, join
from constructs import Construct

POLICY_NAME = "Rights"


class OwnRole(iam.Role):
    """The CDK's own role. What our constructs allow it is written inside of the role, when the app is composed; what is
    allowed besides, with any grant of the CDK, becomes the CDK's policy beside it."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        service: str,
        managed: Sequence[iam.IManagedPolicy] = (),
        key: kms.IKey | None = None,
    ) -> None:
        self.rights: list[Statement] = []
        self.key = key  # may be used already, by a managed policy
        self.has_policy = False
        self._asked: list[iam.PolicyStatement] | None = None
        self._resource: iam.CfnRole | None = None
        super().__init__(scope, id, assumed_by=principal(service), managed_policies=list(managed) or None)
        at_synth(scope, self, iam.CfnRole, self._write)

    def allow(self, statement: Statement) -> None:
        """Allow it, once."""
        join(self.rights, statement)
        if self._resource is not None:
            self._write(self._resource)

    def add_to_principal_policy(self, statement: iam.PolicyStatement) -> iam.AddToPrincipalPolicyResult:
        """As the CDK's role does."""
        if self._asked is not None:
            self._asked.append(statement)
            return iam.AddToPrincipalPolicyResult(statement_added=True)
        self.has_policy = True
        return super().add_to_principal_policy(statement)

    @contextmanager
    def known(self, *actions: str) -> Iterator[None]:
        """Of what the CDK's function asks for within, the last statements, one for each of `actions`, are allowed already."""
        asked: list[iam.PolicyStatement] = []
        self._asked = asked
        try:
            yield
        finally:
            self._asked = None
        more = asked[: len(asked) - len(actions)]
        if more or len(asked) < len(actions):
            # Not what a plain function asks for: look, rather than leave out a right.
            more = [*more, *(each for each in asked[len(more) :] if not set(each.actions) & set(actions))]
        for statement in more:
            self.add_to_principal_policy(statement)

    def _write(self, resource: iam.CfnRole) -> None:
        self._resource = resource
        if self.rights:
            policies: list[Any] = [{"policyName": POLICY_NAME, "policyDocument": document(self.rights)}]
            resource.policies = policies


def allow(role: iam.IRole, actions: Sequence[str], resources: Sequence[str], conditions: dict[str, Any] | None = None) -> Any:
    """Allow `role` these actions; return what must stand before it can use them, None where that is the role itself."""
    if isinstance(role, OwnRole):
        role.allow(allowing(actions, resources, conditions))
        return None
    added = role.add_to_principal_policy(iam.PolicyStatement(actions=list(actions), resources=list(resources), conditions=conditions))
    return added.policy_dependable


def service_role(
    scope: Construct, id: str, service: str, statements: Sequence[Statement], conditions: dict[str, Any] | None = None
) -> iam.Role:
    """A role of a service of AWS with its rights inside, as far as they are known when it is made."""
    joined: list[Statement] = []
    for statement in statements:
        join(joined, statement)
    return iam.Role(
        scope,
        id,
        assumed_by=iam.ServicePrincipal(f"{service}.amazonaws.com", conditions=conditions) if conditions else principal(service),
        inline_policies={POLICY_NAME: iam.PolicyDocument.from_json(document(joined))},
    )


def managed_policy(scope: Construct, id: str, description: str, statements: list[Statement]) -> iam.ManagedPolicy:
    """A policy for roles to share; one of its statements is about actions that have no resource."""
    policy = iam.ManagedPolicy(scope, id, description=description, document=iam.PolicyDocument.from_json(document(statements)))
    acknowledge(policy, Acknowledged.ACTION_WITHOUT_RESOURCE)
    return policy


@lru_cache
def principal(service: str) -> iam.ServicePrincipal:
    """A service of AWS, made once: it does not change."""
    return iam.ServicePrincipal(f"{service}.amazonaws.com")
