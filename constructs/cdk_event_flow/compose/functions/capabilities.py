"""What some functions can do besides, and what each of it excludes: SnapStart, durable executions, isolation of tenants."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from cdk_event_flow.compose.acknowledge import Acknowledged, acknowledge
from cdk_event_flow.compose.edge import seconds, within
from cdk_event_flow.errors import Problem
from constructs import Construct, IConstruct

SNAPSTART = "Lambda (https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html)"
DURABLE = "Lambda (https://docs.aws.amazon.com/lambda/latest/dg/durable-configuration.html)"
DURABLE_RUNTIMES = "Lambda (https://docs.aws.amazon.com/lambda/latest/dg/durable-supported-runtimes.html)"
DURABLE_MAPPINGS = "Lambda (https://docs.aws.amazon.com/lambda/latest/dg/durable-invoking-esm.html)"
TENANTS = "Lambda (https://docs.aws.amazon.com/lambda/latest/dg/tenant-isolation.html)"

SNAPSHOT_STORAGE = 512  # MB of /tmp
LONGEST_EXECUTION = 31_622_400  # seconds: a year of 366 days
LONGEST_POLLED = timedelta(minutes=15)  # an execution that a mapping waits for
IMAGE = "FROM_IMAGE"  # the CDK's word for a container image
# By language, the oldest version of its runtime.
_SNAPSTART_SINCE = {"python": "3.12", "java": "11", "dotnet": "8"}
_DURABLE_SINCE = {"python": "3.13", "nodejs": "22", "java": "17", "dotnet": "8"}


@dataclass(frozen=True, kw_only=True)
class Durable:
    """Executions that go on where they stopped, for up to a year; the handler is written with AWS's durable execution SDK.

    `timeout` is how long an execution may take in all, 1 second to 366 days; each of its invocations has the function's own
    timeout. `keep` is how long the history of an execution is kept when it has ended: 1 to 90 whole days (default 14). The
    role may write and read the checkpoints of the function's executions. An event source mapping waits for the whole
    execution, so with one it takes at most 15 minutes. Lambda cannot make an existing function durable: it is replaced.
    """

    timeout: timedelta
    keep: timedelta = timedelta(days=14)

    def problems(self) -> list[Problem]:
        """What Lambda would refuse."""
        return [
            *within("EF-FUNCTION-DURABLE", "timeout of a durable execution", seconds(self.timeout), 1, LONGEST_EXECUTION,
                    unit="seconds", source=DURABLE, fix="choose a time in that range"),
            *within("EF-FUNCTION-DURABLE", "keep", seconds(self.keep), 86_400, 90 * 86_400, unit="seconds", source=DURABLE,
                    fix="choose 1 to 90 days"),
            *within("EF-FUNCTION-DURABLE", "what keep has beyond whole days", seconds(self.keep) % 86_400, 0, 0, unit="seconds",
                    source=DURABLE, fix="choose whole days"),
        ]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """Which of them a function has."""

    snap_start: bool = False
    durable: Durable | None = None
    tenant_isolation: bool = False

    def unprovisioned(self) -> list[Problem]:
        """That it cannot have provisioned concurrency."""
        found = []
        if self.snap_start:
            found.append(Problem(code="EF-PROVISIONED-SNAPSTART", given="provisioned with snap_start",
                                 allowed=f"{SNAPSTART} does one or the other", fix="leave one of them out"))  # fmt: skip
        if self.tenant_isolation:
            found.append(_not_with_tenants("provisioned", "has no environments before their tenants are known"))
        return found

    def unnamed(self, by: str) -> list[Problem]:
        """That `by` (`a rule`) cannot invoke it, for it names no tenant."""
        return (
            [_not_with_tenants(by, "is invoked with the name of a tenant, by the API or API Gateway")]
            if self.tenant_isolation
            else []
        )

    def unpolled(self) -> list[Problem]:
        """That it cannot be polled for."""
        if self.durable is None or self.durable.timeout <= LONGEST_POLLED:
            return self.unnamed("an event source mapping")
        return [
            Problem(code="EF-MAPPING-DURABLE", given=f"an execution of the function takes up to {self.durable.timeout}",
                    allowed=f"{DURABLE_MAPPINGS} waits 15 minutes for the whole execution, then counts it as failed",
                    fix="shorten the timeout in Durable, or invoke it asynchronously: by a rule, a topic or a pipe"),
            *self.unnamed("an event source mapping"),
        ]  # fmt: skip


def capabilities_of(settings: Mapping[str, Any]) -> Capabilities:
    """Those of complete options."""
    return Capabilities(snap_start=settings["snap_start"], durable=settings["durable"], tenant_isolation=settings["tenant_isolation"])


def capability_problems(settings: Mapping[str, Any], runtime: str) -> list[Problem]:
    """What Lambda would refuse of complete options for a runtime (`python3.14`, or IMAGE)."""
    has = capabilities_of(settings)
    problems = has.unprovisioned() if settings["provisioned"] is not None else []
    if has.snap_start:
        problems += _snapshot_problems(settings, runtime)
    if has.durable:
        problems += has.durable.problems()
        if runtime != IMAGE and not _since(runtime, _DURABLE_SINCE):
            problems.append(
                Problem(code="EF-FUNCTION-DURABLE", given=f"durable for {runtime}",
                        allowed=f"{DURABLE_RUNTIMES} has it for {_said(_DURABLE_SINCE)}, and container images",
                        fix="choose another runtime, or leave durable out")
            )  # fmt: skip
    return problems


def equip(function: lambda_.Function, has: Capabilities) -> None:
    """Say it in the template. On the resource itself: the CDK warns at SnapStart that a version is needed, which there is."""
    if not (has.snap_start or has.durable or has.tenant_isolation):
        return
    resource: Any = function.node.default_child
    make = lambda_.CfnFunction
    if has.snap_start:
        resource.snap_start = make.SnapStartProperty(apply_on="PublishedVersions")
    if has.durable:
        resource.durable_config = make.DurableConfigProperty(
            execution_timeout=seconds(has.durable.timeout), retention_period_in_days=has.durable.keep.days
        )
    if has.tenant_isolation:
        resource.tenancy_config = make.TenancyConfigProperty(tenant_isolation_mode="PER_TENANT")


def allow_checkpoints(scope: Construct, function: lambda_.Function, role: iam.IRole, before: IConstruct) -> None:
    """Let a durable function keep its progress, `before` it is invoked.

    By a policy of its own: the function waits for the role's other one, and this one has the function's ARN.
    https://docs.aws.amazon.com/lambda/latest/dg/durable-security.html
    """
    executions = f"{function.function_arn}:*"
    policy = iam.Policy(
        scope,
        "Executions",
        roles=[role],
        statements=[
            iam.PolicyStatement(actions=["lambda:CheckpointDurableExecution", "lambda:GetDurableExecutionState"],
                                resources=[executions])
        ],
    )  # fmt: skip
    before.node.add_dependency(policy)
    acknowledge(policy, Acknowledged.EXECUTIONS_OF_ONE_FUNCTION, executions)


def _snapshot_problems(settings: Mapping[str, Any], runtime: str) -> list[Problem]:
    found = []
    if not _since(runtime, _SNAPSTART_SINCE):
        shown = "a container image" if runtime == IMAGE else runtime
        found.append((f"snap_start for {shown}", f"has it for {_said(_SNAPSTART_SINCE)}",
                      "leave it out, or keep environments ready with provisioned="))  # fmt: skip
    if settings["file_system"] is not None:
        found.append(("snap_start with file_system", "does one or the other", "leave one of them out"))
    if settings["storage"] > SNAPSHOT_STORAGE:
        found.append((f"snap_start with storage of {settings['storage']:,} MB", f"takes snapshots of {SNAPSHOT_STORAGE} MB of /tmp",
                      "leave storage out, or snap_start"))  # fmt: skip
    if settings["tenant_isolation"]:
        found.append(("snap_start with tenant_isolation", "does one or the other", "leave one of them out"))
    return [
        Problem(code="EF-FUNCTION-SNAPSTART", given=given, allowed=f"{SNAPSTART} {allowed}", fix=fix) for given, allowed, fix in found
    ]


def _not_with_tenants(what: str, why: str) -> Problem:
    return Problem(code="EF-FUNCTION-TENANTS", given=f"{what} with tenant_isolation", allowed=f"such a function of {TENANTS} {why}",
                   fix="leave tenant_isolation out, or put another function between, which invokes it for a tenant")  # fmt: skip


def _since(runtime: str, versions: Mapping[str, str]) -> bool:
    found = re.match(r"([a-z]+)(\d+(?:\.\d+)?)", runtime)
    return found is not None and found[1] in versions and _number(found[2]) >= _number(versions[found[1]])


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _said(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{language}{version}" for language, version in versions.items()) + " and newer"
