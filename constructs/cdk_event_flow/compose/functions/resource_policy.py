"""Who may invoke a function: one statement a service, whatever the number of its rules, topics or buckets."""

import hashlib
import json
import re

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_

from cdk_event_flow.compose.functions.consumer import Consumer
from cdk_event_flow.errors import Problem

POLICY = "Lambda (https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html)"
# Services whose ARNs tell neither region nor account; SourceAccount alone limits them.
_WITHOUT_ACCOUNT = ("s3",)
_FORMS = {
    "service": (r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?", "a service principal, as s3.amazonaws.com"),
    "account": (r"\d{12}", "twelve digits"),
    "organization": (r"o-[a-z0-9]{10,32}", "o- and 10 to 32 small letters and digits"),
    "principal": (r"arn:[^:]+:(iam|sts)::\d{12}:.+", "the ARN of a role or user"),
    "source": (r"arn:.+", "an ARN, perhaps with *"),
}


def allow_service(to: Consumer, service: str, *, resource: str = "*") -> lambda_.CfnPermission:
    """Let `service` (`sns`) invoke for all its resources of this account, or those whose ARN ends so (`rule/*`).

    One statement a resource would overflow the 20,480 bytes of the policy after some sixty.
    """
    stack = cdk.Stack.of(to.scope)
    where = "::" if service in _WITHOUT_ACCOUNT else f":{stack.region}:{stack.account}"
    return _statement(
        to,
        f"InvokedBy{service.capitalize()}",
        principal=f"{service}.amazonaws.com",
        source_account=stack.account,
        source_arn=f"arn:{cdk.Aws.PARTITION}:{service}{where}:{resource}",
    )


def allow(
    to: Consumer,
    *,
    service: str | None,
    source: str | None,
    account: str | None,
    organization: str | None,
    principal: str | None,
) -> lambda_.CfnPermission:
    """See `Invocable.allow_invoke`. A statement that stands already is not written twice."""
    if service:
        only = {"source_arn": source, "source_account": account or (None if source else cdk.Stack.of(to.scope).account)}
        return _statement(to, _id(to, service.partition(".")[0], only), principal=service, **only)
    if organization:
        return _statement(to, _id(to, "organization", organization), principal="*", principal_org_id=organization)
    return _statement(to, _id(to, "principal", account or principal), principal=account or principal)


def problems_of(**given: str | None) -> list[Problem]:
    """What no statement can say."""
    named = {name: value for name, value in given.items() if value is not None}
    who = named.keys() & {"service", "organization", "principal"}
    if len(who) > 1 or not named or ("source" in named and "service" not in named) or (who - {"service"} and "account" in named):
        return [
            Problem(code="EF-FUNCTION-INVOKER", given=f"{' and '.join(named) or 'nobody'} may invoke it",
                    allowed="a statement is for one service (with a source or an account), one account, one organization or one "
                    "principal", fix="call allow_invoke once for each")
        ]  # fmt: skip
    return [
        Problem(code="EF-FUNCTION-INVOKER", given=f"{name} is {value!r}", allowed=f"{POLICY} wants {_FORMS[name][1]}",
                fix="correct it")
        for name, value in named.items()
        if not cdk.Token.is_unresolved(value) and not re.fullmatch(_FORMS[name][0], value)
    ]  # fmt: skip


def _statement(to: Consumer, id: str, **who: str | None) -> lambda_.CfnPermission:
    found = to.scope.node.try_find_child(id)
    if found is not None:
        return found  # type: ignore[return-value]
    return lambda_.CfnPermission(to.scope, id, action="lambda:InvokeFunction", function_name=to.arn, **who)  # type: ignore[arg-type]


def _id(to: Consumer, kind: str, said: object) -> str:
    """Made of what the statement says, so that the same is said once, and says the same in the next synth."""
    resolved = json.dumps(cdk.Stack.of(to.scope).resolve(said), sort_keys=True)
    return f"InvokedBy{kind.capitalize()}{hashlib.sha256(resolved.encode()).hexdigest()[:8]}"
