"""Execution environments that are kept ready: a fixed number, by the clock, or by how many are in use."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aws_cdk import aws_applicationautoscaling as scaling
from aws_cdk import aws_lambda as lambda_

from cdk_event_flow.compose.edge import within
from cdk_event_flow.compose.events.when import Cron
from cdk_event_flow.errors import Problem

PROVISIONED = "Lambda (https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html)"
SCALING_QUOTAS = (
    "Application Auto Scaling (https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-quotas.html)"
)
MAX_TIMES = 200


@dataclass(frozen=True, kw_only=True)
class Provisioned:
    """How many execution environments of an alias are kept ready, so that no invocation waits for a cold start.

    `minimum` is how many, 1 or more. With `maximum`, there are more as they are used: when over `utilization` percent
    (10 to 90, default 70) of them are busy. `times` changes `minimum` by the clock: by cron expression (six fields, as in
    `Schedule`) how many there are from then on, 0 for none; at most 200. `timezone` is an IANA name (default UTC).
    Each costs whether it is used or not. Together with the function's other aliases they fit into its reserved concurrency.
    """

    minimum: int
    maximum: int | None = None
    utilization: int = 70
    times: Mapping[str, int] = field(default_factory=dict)
    timezone: str = "UTC"

    @property
    def most(self) -> int:
        """How many there can be at once."""
        return self.maximum or max(self.minimum, *self.times.values(), 0)

    @property
    def scaled(self) -> bool:
        """Whether the number changes."""
        return self.maximum is not None or bool(self.times)

    def problems(self) -> list[Problem]:
        """What Lambda or Application Auto Scaling would refuse."""
        most = self.maximum if self.maximum is not None else 1_000_000
        problems = [
            *within("EF-PROVISIONED", "minimum", self.minimum, 1, most, unit="environments", source=PROVISIONED,
                    fix="give at least 1 and at most maximum, or leave provisioned out"),
            *within("EF-PROVISIONED-UTILIZATION", "utilization", self.utilization, 10, 90, unit="%", source=PROVISIONED,
                    fix="choose how many of the environments may be busy before there are more"),
            *within("EF-PROVISIONED-TIMES", "number of times", len(self.times), 0, MAX_TIMES, unit="times", source=SCALING_QUOTAS,
                    fix="give fewer times"),
        ]  # fmt: skip
        for cron, number in self.times.items():
            problems += Cron(cron).problems(self.timezone)
            problems += within("EF-PROVISIONED", f"the number at {cron!r}", number, 0, most, unit="environments",
                               source=PROVISIONED, fix="give at least 0 and at most maximum")  # fmt: skip
        return problems


def provisioned_of(given: Provisioned | int | None) -> Provisioned | None:
    """A number is fixed."""
    return Provisioned(minimum=given) if isinstance(given, int) else given


def reserved_problems(most: int, reserved: int | None) -> list[Problem]:
    """That `most` environments, of all aliases of a function together, are more than may run at once."""
    if reserved is None:
        return []
    return within("EF-PROVISIONED-RESERVED", "provisioned concurrency of all aliases together", most, 0, reserved,
                  unit="environments", source=PROVISIONED, fix="reserve more for the function, or provision fewer")  # fmt: skip


def keep_ready(alias: lambda_.Alias, wanted: Provisioned) -> None:
    """Let Application Auto Scaling change the number as `wanted` says. A fixed number stands in the alias itself."""
    if not wanted.scaled:
        return
    target = scaling.CfnScalableTarget(
        alias,
        "Provisioned",
        service_namespace="lambda",
        scalable_dimension="lambda:function:ProvisionedConcurrency",
        resource_id=f"function:{alias.lambda_.function_name}:{alias.alias_name}",
        min_capacity=wanted.minimum,
        max_capacity=wanted.most,
        scheduled_actions=[_action(index, cron, number, wanted) for index, (cron, number) in enumerate(wanted.times.items())] or None,
    )
    resource: Any = alias.node.default_child
    target.add_resource_dependency(resource)
    if wanted.maximum is None:
        return
    scaling.CfnScalingPolicy(
        alias,
        "Utilization",
        policy_name="ProvisionedConcurrencyUtilization",
        policy_type="TargetTrackingScaling",
        scaling_target_id=target.ref,
        target_tracking_scaling_policy_configuration={
            "targetValue": wanted.utilization / 100,
            "predefinedMetricSpecification": {"predefinedMetricType": "LambdaProvisionedConcurrencyUtilization"},
        },
    )


def _action(index: int, cron: str, number: int, wanted: Provisioned) -> dict[str, Any]:
    # Without a policy that scales in, fewer than before are kept only where the maximum is lowered too.
    most = wanted.maximum if wanted.maximum is not None else number
    return {
        "scheduledActionName": f"Time{index + 1}",
        "schedule": Cron(cron).expression,
        "timezone": wanted.timezone,
        "scalableTargetAction": {"minCapacity": number, "maxCapacity": most},
    }
