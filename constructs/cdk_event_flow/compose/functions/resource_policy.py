"""Who may invoke a function: one statement a service, whatever the number of its rules or topics.

One a resource would overflow the 20,480 bytes that the policy of an alias has, after some sixty.
"""

import re
from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import interfaces

from cdk_event_flow.compose.edge import account_problems
from cdk_event_flow.compose.functions.consumer import Consumer
from cdk_event_flow.errors import Problem

Environment = cdk.Stack | interfaces.ResourceEnvironment

POLICY = "Lambda (https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html)"


def allow_service(to: Consumer, service: str, *, place: Environment, resource: str = "*", source: str | None = None) -> None:
    """Let `service` (`sns`) invoke for all its resources of an account and region whose ARN ends as `resource`.

    `place` is a stack, or the `env` of a resource that may be imported; `source` is the service of that ARN, where it is another.
    """
    home = cdk.Stack.of(to.scope)
    elsewhere = [
        given
        for given, own in ((place.account, home.account), (place.region, home.region))
        if given != own and not cdk.Token.is_unresolved(given)
    ]
    _state(
        to,
        _title(f"InvokedBy {service} {' '.join(elsewhere)}"),
        principal=f"{service}.amazonaws.com",
        source_account=place.account,
        source_arn=f"arn:{cdk.Aws.PARTITION}:{source or service}:{place.region}:{place.account}:{resource}",
    )


def allow_from(
    to: Consumer, *, accounts: Sequence[str], organization: str | None, services: Sequence[str], principals: Sequence[str]
) -> None:
    """See `Invocable.allow_from`. What is said twice is written once."""
    for account in accounts:
        _state(to, f"InvokedFrom{account}", principal=account)
    if organization:
        _state(to, f"InvokedFrom{_title(organization)}", principal="*", principal_org_id=organization)
    for service in services:
        _state(to, f"InvokedFrom{_title(service)}", principal=f"{service}.amazonaws.com",
               source_account=cdk.Stack.of(to.scope).account)  # fmt: skip
    for principal in principals:
        _state(to, f"InvokedFrom{_title(principal.partition('::')[2])}", principal=principal)


def allow_from_problems(
    accounts: Sequence[str], organization: str | None, services: Sequence[str], principals: Sequence[str]
) -> list[Problem]:
    """Nobody, or somebody who cannot exist."""
    wrong = [each for each in principals if not re.fullmatch(r"arn:[a-z-]+:(iam|sts)::\d{12}:.+", each)]
    found = account_problems(accounts, organization, services) if accounts or organization or services or not principals else []
    return [
        *found,
        *(
            Problem(
                code="EF-ALLOW", given=f"{each!r} is allowed", allowed=f"{POLICY} names a role or user by its ARN", fix="correct it"
            )
            for each in wrong
        ),
    ]


def _state(to: Consumer, id: str, **who: str) -> None:
    if to.scope.node.try_find_child(id) is None:
        lambda_.CfnPermission(to.scope, id, action="lambda:InvokeFunction", function_name=to.arn, **who)  # type: ignore[arg-type]


def _title(text: str) -> str:
    """A construct id of it."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", text))
