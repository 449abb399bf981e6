"""IAM's policy language: which statements apply to a request, and what they say together.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from cdk_event_flow.flow.model import JSON, Unknown
from cdk_event_flow.flow.permissions.conditions import Context, filled, holds
from cdk_event_flow.flow.permissions.truth import Truth, every, like, opposite, some


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """Who asks (a service such as `events.amazonaws.com`, or the ARN of a role), for which action on which ARN.

    `through_account`: whether a statement for the role's account counts as one for the role.
    """

    principal: str
    action: str
    resource: str
    context: Context = field(default_factory=dict)
    through_account: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """A statement of a policy; `label` names it within (`statement "TlsOnly"`, `statement 2`)."""

    body: JSON
    label: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What statements say together, the statement that decides, and why it is unknown where it is."""

    verdict: Literal["allowed", "denied", "unknown"]
    statement: Statement | None = None
    why: str = ""


def statements(document: Any) -> list[Statement]:
    """The statements of a policy document; an unknown document is one unknown statement."""
    found = document if isinstance(document, Unknown) else document.get("Statement") if isinstance(document, Mapping) else []
    bodies = found if isinstance(found, list) else [] if found is None else [found]
    return [Statement(body=body, label=_label(body, number)) for number, body in enumerate(bodies, start=1)]


def decide(asked: Request, among: Iterable[Statement]) -> Decision:
    """Denied where a statement denies, else allowed where one allows; unknown where that hangs on what is unknown."""
    allowed: Decision | None = None
    doubted: Decision | None = None
    perhaps: Decision | None = None
    for statement in among:
        denies = isinstance(statement.body, Mapping) and statement.body.get("Effect") == "Deny"
        # What is denied to an account is denied to all its roles.
        applies = _applies(statement.body, replace(asked, through_account=True) if denies else asked)
        if applies is False:
            continue
        unknown = Decision(verdict="unknown", statement=statement, why=applies.reason) if isinstance(applies, Unknown) else None
        if denies and unknown:
            doubted = doubted or unknown
        elif denies:
            return Decision(verdict="denied", statement=statement)
        elif unknown:
            perhaps = perhaps or unknown
        else:
            allowed = allowed or Decision(verdict="allowed", statement=statement)
    if allowed:
        return doubted or allowed
    return perhaps or Decision(verdict="denied")


def _applies(body: Any, asked: Request) -> Truth:
    if isinstance(body, Unknown):
        return body
    if not isinstance(body, Mapping):
        return False
    effect = body.get("Effect")
    return every(
        [
            effect if isinstance(effect, Unknown) else effect in ("Allow", "Deny"),
            _one_of(body, "Action", lambda each: like(each.lower(), asked.action.lower()), asked),
            _one_of(body, "Resource", lambda each: like(each, asked.resource), asked),
            _principal(body, asked),
            holds(body.get("Condition"), asked.context),
        ]
    )


def _one_of(body: Mapping[str, Any], element: str, fits: Callable[[str], bool], asked: Request) -> Truth:
    """Whether `Action` or `Resource` names what is asked, or `NotAction` or `NotResource` does not."""

    def named(value: Any) -> Truth:
        return some(
            each if isinstance(each, Unknown) else fits(each) for each in (filled(text, asked.context) for text in _list(value))
        )

    if f"Not{element}" in body:
        return opposite(named(body[f"Not{element}"]))
    if element in body:
        return named(body[element])
    # Policies of roles on who may assume them name no resource.
    return element == "Resource"


def _principal(body: Mapping[str, Any], asked: Request) -> Truth:
    """Statements of a role's own policies name no principal: they are the role's."""
    if "NotPrincipal" in body:
        return opposite(_named(body["NotPrincipal"], asked))
    return _named(body["Principal"], asked) if "Principal" in body else True


def _named(principal: Any, asked: Request) -> Truth:
    if isinstance(principal, Unknown):
        return principal
    if not isinstance(principal, Mapping):
        return bool(principal == "*")
    return some(
        each if isinstance(each, Unknown) else _is(kind, str(each), asked)
        for kind, values in principal.items()
        for each in _list(values)
    )


def _is(kind: str, named: str, asked: Request) -> Truth:
    if kind == "Service":
        return named == asked.principal
    if kind == "AWS" and named == "*":
        return True
    if kind != "AWS" or not asked.principal.startswith("arn:"):
        return False
    (_, partition, _, _, account, *_), role = asked.principal.split(":"), asked.principal.rpartition("/")[2]
    if f":{account}:assumed-role/{role}/" in named:
        return Unknown("the name of the role's session is known only when it is assumed")
    if named in (account, f"arn:{partition}:iam::{account}:root"):
        return asked.through_account
    return named == asked.principal


def _label(body: Any, number: int) -> str:
    sid = body.get("Sid") if isinstance(body, Mapping) else None
    return f'statement "{sid}"' if isinstance(sid, str) and sid else f"statement {number}"


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
