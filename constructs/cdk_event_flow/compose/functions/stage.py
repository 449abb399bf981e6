"""Stages of one function: DEV, STAGE, PROD, each an alias at a version of its own."""

from collections.abc import Mapping
from typing import Any, Literal

from aws_cdk import aws_lambda as lambda_

from cdk_event_flow.compose.edge import place, refuse, within
from cdk_event_flow.compose.functions.function import Function
from cdk_event_flow.compose.functions.invocable import Invocable
from cdk_event_flow.compose.functions.options import alias_problems
from cdk_event_flow.compose.functions.provisioned import Provisioned, provisioned_of, reserved_problems
from cdk_event_flow.compose.functions.release import AllAtOnce, Release
from cdk_event_flow.errors import Problem

ALIASES = "Lambda (https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html)"
WEIGHTED = "Lambda (https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html)"

Numbered = int | Literal["newest"]


class Stage(Invocable):
    """An alias of a function besides the one that follows its newest version; the scope is the function, the id its name.

        billing = PythonFunction(self, "Billing", code="lambda_src/billing", alias="DEV", keep_versions=True)
        Stage(billing, "STAGE", version=7)
        Stage(billing, "PROD", version=5, release=Canary(percent=10))

    `version` is the number of a version that Lambda has published, or "newest"; promotion is a change of that number. The
    first deployment publishes version 1. `weights` sends a part of the traffic elsewhere: one other version, and its
    percentage (1 to 99). A stage has its own errors alarm, `release`, `provisioned` concurrency, destinations and permissions;
    retries, dead letters and everything else are the function's. It is given to routes, queues and schedules as a function is.

    Lambda wants both versions of a weighted alias to have the same role and dead letters. A version that was published before
    `keep_versions` was given goes with the next deployment.

    `alias` is the CDK's own construct.

    Raises ConstructError: EF-FUNCTION-ALIAS, EF-STAGE-VERSION, EF-STAGE-WEIGHTS, EF-RELEASE-…, EF-PROVISIONED….
    """

    def __init__(
        self,
        scope: Function,
        id: str,
        *,
        version: Numbered = "newest",
        weights: Mapping[Numbered, int] | None = None,
        release: Release = AllAtOnce(),
        provisioned: Provisioned | int | None = None,
    ) -> None:
        weights, ready = weights or {}, provisioned_of(provisioned)
        most = scope.most_provisioned + (ready.most if ready else 0)
        refuse(
            place(scope, id),
            [
                *alias_problems(id),
                *_version_problems([version, *weights], kept=scope.keeps_versions),
                *_weight_problems(version, weights, release),
                *release.problems(),
                *(ready.problems() if ready else ()),
                *(reserved_problems(most, scope.reserved) if ready else ()),
                *(scope.capabilities.unprovisioned() if ready else ()),
            ],
        )
        super().__init__(scope, id)
        self.function_name = scope.function_name
        self.function, self.role, self.asynchronous = scope.function, scope.role, scope.asynchronous
        self.reserved, self.capabilities = scope.reserved, scope.capabilities
        scope.most_provisioned = most
        self._serve(
            "Alias",
            id,
            self._version(version, scope),
            timeout=scope.timeout,
            release=release,
            provisioned=ready,
            weights=[
                lambda_.VersionWeight(version=self._version(other, scope), weight=percent / 100) for other, percent in weights.items()
            ],
        )
        # A number may be that of the version which this deployment publishes.
        alias: Any = self.alias.node.default_child
        alias.add_resource_dependency(scope.version.node.default_child)

    def _version(self, number: Numbered, function: Function) -> lambda_.IVersion:
        if number == "newest":
            return function.version
        return lambda_.Version.from_version_attributes(self, f"Version{number}", lambda_=function.function, version=str(number))


def _version_problems(versions: list[Numbered], *, kept: bool) -> list[Problem]:
    problems = []
    for version in versions:
        if version == "newest":
            continue
        if not isinstance(version, int) or version < 1:
            problems.append(
                Problem(code="EF-STAGE-VERSION", given=f"version is {version!r}",
                        allowed=f"{ALIASES} has numbers of published versions; $LATEST changes in use, and can have neither "
                        "weights nor provisioned concurrency", fix='give a number, or "newest"')
            )  # fmt: skip
        elif not kept:
            problems.append(
                Problem(code="EF-STAGE-VERSION", given=f"version is {version}, and the function does not keep its versions",
                        allowed="a deployment deletes the version before its own", fix="give the function keep_versions=True")
            )  # fmt: skip
    return problems


def _weight_problems(version: Numbered, weights: Mapping[Numbered, int], release: Release) -> list[Problem]:
    problems = within("EF-STAGE-WEIGHTS", "number of weights", len(weights), 0, 1, unit="versions", source=WEIGHTED,
                      fix="give one other version")  # fmt: skip
    for other, percent in weights.items():
        problems += within("EF-STAGE-WEIGHTS", f"weight of version {other}", percent, 1, 99, unit="%", source=WEIGHTED,
                           fix="give the other version a part of the traffic")  # fmt: skip
    if version in weights:
        problems.append(
            Problem(code="EF-STAGE-WEIGHTS", given=f"version and weights are both {version}",
                    allowed=f"{WEIGHTED} wants another version", fix="give another version, or no weights")
        )  # fmt: skip
    if weights and release.by_codedeploy:
        problems.append(
            Problem(code="EF-STAGE-WEIGHTS", given=f"weights with release={type(release).__name__}",
                    allowed="CodeDeploy sets the weights of the alias by itself while it releases",
                    fix="leave out weights, or use AllAtOnce() without alarms and hooks")
        )  # fmt: skip
    return problems
