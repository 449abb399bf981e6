"""The execution role of a function: its rights are collected in Python and stand in the role itself."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

from cdk_event_flow.compose.acknowledge import Acknowledged, acknowledge
from cdk_event_flow.compose.edge import refuse, within
from cdk_event_flow.compose.finish import at_synth
from cdk_event_flow.compose.known import path_of, remember
from cdk_event_flow.compose.statements import Statement, allowing, document, join, size_of
from cdk_event_flow.errors import Problem
from constructs import Construct

POLICY_NAME = "Rights"
# The policy of a function by which Lambda itself tells destinations: what it names, the function does not reach.
DESTINATIONS_ID = "Destinations"
IAM_QUOTAS = "IAM (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html)"
MANAGED_POLICIES = 10  # of a role, by default
MANAGED_CHARACTERS = 6_144  # without white space
FRAME = 40  # of a document, around its statements


class OwnRole(iam.Role):
    """The CDK's own role. What our constructs allow it is written inside of the role, when the app is composed, or into managed
    policies of its own, where guardrails want that; what is allowed besides, with any grant of the CDK, becomes the CDK's policy
    beside it."""

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
        self.beside: list[iam.Policy] = []  # policies that name this role, wherever they stand
        self._asked: list[iam.PolicyStatement] | None = None
        self._resource: iam.CfnRole | None = None
        self._managed: list[iam.ManagedPolicy] | None = None  # None: the rights stand inside
        self._held = len(managed)
        super().__init__(scope, id, assumed_by=principal(service), managed_policies=list(managed) or None)
        remember(self, scope, id)
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

    def add_managed_policy(self, policy: iam.IManagedPolicy) -> None:
        """As the CDK's role does."""
        self._held += 1
        super().add_managed_policy(policy)

    def attach_inline_policy(self, policy: iam.Policy) -> None:
        """As the CDK's role does, which a policy tells that it names it."""
        self.beside.append(policy)
        super().attach_inline_policy(policy)

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

    def manage(self) -> None:
        """Let the rights stand in managed policies, which the role names, as those that stand beside it shall by now.

        Raises ConstructError: EF-GUARD-RIGHTS, EF-GUARD-POLICIES.
        """
        if self._managed is None:
            self._managed = []
            if self._resource is not None:
                self._resource.policies = None
                self._write(self._resource)
            needed = self._held + len(self.beside) + (len(fitting(self.rights, path_of(self))) if self._resource is None else 0)
            refuse(path_of(self), within("EF-GUARD-POLICIES", "number of managed policies", needed, 0, MANAGED_POLICIES,
                                         unit="policies of a role", source=IAM_QUOTAS,
                                         fix="split what the function does, or accept IAMNoInlinePolicy"))  # fmt: skip

    def _write(self, resource: iam.CfnRole) -> None:
        self._resource = resource
        if self._managed is not None:
            self._write_managed(self._managed)
        elif self.rights:
            policies: list[Any] = [{"policyName": POLICY_NAME, "policyDocument": document(self.rights)}]
            resource.policies = policies

    def _write_managed(self, made: list[iam.ManagedPolicy]) -> None:
        for number, statements in enumerate(fitting(self.rights, path_of(self))):
            if number < len(made):
                resource: Any = made[number].node.default_child
                resource.policy_document = document(statements)
                continue
            id = f"{POLICY_NAME}{number + 1 if number else ''}"
            written = iam.PolicyDocument.from_json(document(statements))
            made.append(iam.ManagedPolicy(self, id, document=written, description=f"Rights of {path_of(self)}"))
            self.add_managed_policy(made[-1])


def fitting(statements: Sequence[Statement], at: str) -> list[list[Statement]]:
    """The statements over as many managed policies as they need. Raises ConstructError (EF-GUARD-RIGHTS) for one that fits none."""
    parts: list[list[Statement]] = []
    room = 0
    for each in statements:
        size = size_of(each)
        if size > MANAGED_CHARACTERS - FRAME:
            refuse(at, [
                Problem(code="EF-GUARD-RIGHTS", given=f"a statement of its rights has about {size:,} characters",
                        allowed=f"{IAM_QUOTAS} has managed policies of {MANAGED_CHARACTERS:,}",
                        fix="name fewer resources, or split what the function does")
            ])  # fmt: skip
        if size > room:
            parts.append([])
            room = MANAGED_CHARACTERS - FRAME
        parts[-1].append(each)
        room -= size
    return parts


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


def managed_role(scope: Construct, id: str, service: str, statements: Sequence[Statement]) -> iam.Role:
    """A role of a service of AWS whose rights stand in managed policies, as guardrails want it of what they make themselves."""
    role = OwnRole(scope, id, service=service)
    for each in statements:
        role.allow(each)
    role.manage()
    return role


def managed_policy(scope: Construct, id: str, description: str, statements: list[Statement]) -> iam.ManagedPolicy:
    """A policy for roles to share; one of its statements is about actions that have no resource."""
    policy = iam.ManagedPolicy(scope, id, description=description, document=iam.PolicyDocument.from_json(document(statements)))
    acknowledge(policy, Acknowledged.ACTION_WITHOUT_RESOURCE)
    return policy


@lru_cache
def principal(service: str) -> iam.ServicePrincipal:
    """A service of AWS, made once: it does not change."""
    return iam.ServicePrincipal(f"{service}.amazonaws.com")
