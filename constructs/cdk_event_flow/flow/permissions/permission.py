"""The answer to whether something is permitted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from cdk_event_flow.flow.model import JSON
from cdk_event_flow.flow.permissions.language import Decision

# What is asked: the receiver's policy, a role, a key (by its policy, or a role's right to it), a key that AWS manages.
By = Literal["resource policy", "role", "key", "key of AWS", "nobody"]

_WORST_FIRST = ("denied", "unknown", "allowed")


@dataclass(frozen=True, kw_only=True, slots=True)
class Permission:
    """Whether it is allowed, what decides that (`nobody` where nothing is asked), and why, as a sentence.

    `statement` is the one that allows, denies or is unknown; there is none where no statement does.
    """

    verdict: Literal["allowed", "denied", "unknown"]
    by: By
    reason: str
    statement: JSON | None = None

    def __str__(self) -> str:
        return f"{self.verdict}: {self.reason}"


def worst(found: Sequence[Permission]) -> Permission:
    """The first that is denied, else the first that is unknown, else the first."""
    return min(found, key=lambda permission: _WORST_FIRST.index(permission.verdict))


def said(decision: Decision, by: By, whose: str, act: str) -> Permission:
    """A decision in words: `whose` policies were asked for `act` (`sns.amazonaws.com sqs:SendMessage`)."""
    statement = decision.statement
    if statement is None:
        return Permission(verdict=decision.verdict, by=by, reason=f"no statement of {whose} lets {act}")
    denies = isinstance(statement.body, Mapping) and statement.body.get("Effect") == "Deny"
    perhaps, why = ("perhaps ", f": {decision.why}") if decision.verdict == "unknown" else ("", "")
    return Permission(
        verdict=decision.verdict,
        by=by,
        reason=f"{statement.label} of {whose} {perhaps}{'forbids' if denies else 'lets'} {act}{why}",
        statement=statement.body,
    )
