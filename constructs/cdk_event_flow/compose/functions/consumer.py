"""What triggers need to know of a function, whichever construct it is: ours, or any of the CDK's."""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any, Protocol, cast

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_

from cdk_event_flow.compose.functions.capabilities import Capabilities
from cdk_event_flow.errors import ConstructError, Problem
from constructs import Construct

DEFAULT_TIMEOUT = timedelta(seconds=3)  # https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html


@dataclass(frozen=True, kw_only=True)
class Consumer:
    """A function as its triggers see it.

    `scope` is where the triggers' resources go, `invoked` what they point at (the alias, for ours), `role` the execution role,
    `timeout` None where it is not known (an imported function). `qualifier` is the alias that is invoked, `reserved` the
    function's reserved concurrency; None for none. `key` is the one that the role may read and send with already; None for
    functions made elsewhere, of which no `capabilities` are known.
    """

    scope: Construct
    invoked: lambda_.IFunction
    function: lambda_.IFunction
    role: iam.IRole
    timeout: timedelta | None
    qualifier: str | None = None
    reserved: int | None = None
    key: kms.IKey | None = None
    capabilities: Capabilities = field(default_factory=Capabilities)

    @cached_property
    def arn(self) -> str:
        """The ARN of what triggers point at."""
        return self.invoked.function_arn


class Consumes(Protocol):
    """Our functions."""

    consumer: Consumer


def consumer_of(given: Consumes | lambda_.IFunction) -> Consumer:
    """`given` as a consumer. Raises ConstructError (EF-FUNCTION-ROLE) for an imported function without its role.

    Without the role the CDK would leave out the permission to read, and the trigger would never work.
    """
    own: Consumer | None = getattr(given, "consumer", None)
    if own is not None:
        return own
    theirs = cast("lambda_.FunctionBase", given)  # what the CDK imports is one, by whatever type it is known
    if theirs.role is None:
        raise ConstructError(
            theirs.node.path,
            Problem(code="EF-FUNCTION-ROLE", given="the imported function has no role",
                    allowed="Lambda reads from a queue or stream with the function's execution role",
                    fix="import it by lambda_.Function.from_function_attributes(…, role=…)"),
        )  # fmt: skip
    function = theirs.lambda_ if isinstance(theirs, lambda_.Alias | lambda_.Version) else theirs
    made = function if isinstance(function, lambda_.Function) else None
    return Consumer(
        scope=theirs,
        invoked=theirs,
        function=function,
        role=theirs.role,
        timeout=_timeout_of(made) if made else None,
        qualifier=theirs.alias_name if isinstance(theirs, lambda_.Alias) else None,
        reserved=_reserved_of(made) if made else None,
    )


def tenant_problems(given: Any, by: str) -> list[Problem]:
    """That `by` (`a schedule`) cannot invoke `given`, a function that has to be told for which tenant; none for other targets."""
    consumer: Consumer | None = getattr(given, "consumer", None)
    return consumer.capabilities.unnamed(by) if consumer else []


def role_of(given: Consumes | lambda_.IFunction | iam.IRole) -> iam.IRole:
    """The role itself, or a function's: what is allowed something."""
    role: Any = given
    return role if hasattr(role, "role_arn") else consumer_of(role).role


def _timeout_of(function: lambda_.Function) -> timedelta:
    return timedelta(seconds=function.timeout.to_seconds()) if function.timeout else DEFAULT_TIMEOUT


def _reserved_of(function: lambda_.Function) -> int | None:
    resource: Any = function.node.default_child
    reserved = resource.reserved_concurrent_executions
    return None if reserved is None else int(reserved)
