"""Alarms as CloudFormation has them: on one metric, or on an expression of several; named, described, and noted."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch

from cdk_event_flow.compose.known import path_of
from cdk_event_flow.compose.observe.parts import Alarmed, Part, add_alarm, name_below
from constructs import Construct

# By its name: namespace, metric, dimensions and statistic.
Metrics = Mapping[str, tuple[str, str, Mapping[str, Any], str]]

MAX_METRICS = 10  # of an alarm: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
ALWAYS: dict[str, Any] = {
    "evaluation_periods": 1,
    "comparison_operator": "GreaterThanThreshold",
    "treat_missing_data": "notBreaching",
}


def alarm_name(scope: Construct, id: str) -> str:
    """Named after its path, so that whoever is woken reads what it is: `OrderPacking/Billing/Errors`."""
    return f"{_stack_name()}/{name_below(scope, id)}"


def described(scope: Construct, id: str, what_to_do: str) -> str:
    """Where, and what to do."""
    return f"{path_of(scope)}/{id}: {what_to_do}"


def single(
    scope: Construct,
    id: str,
    namespace: str,
    metric: str,
    dimensions: Mapping[str, Any],
    statistic: str,
    threshold: int,
    what_to_do: str,
    *,
    of: Part | None = None,
) -> cloudwatch.CfnAlarm:
    """An alarm on one metric: it fires when the metric is over `threshold` in a minute."""
    made = cloudwatch.CfnAlarm(
        scope,
        id,
        alarm_name=alarm_name(scope, id),
        alarm_description=described(scope, id, what_to_do),
        namespace=namespace,
        metric_name=metric,
        dimensions=[{"name": name, "value": value} for name, value in dimensions.items()],
        statistic=statistic,
        period=60,
        threshold=threshold,
        **ALWAYS,
    )
    add_alarm(scope, id, made, of=of)
    return made


def joined(
    scope: Construct,
    id: str,
    expression: str,
    metrics: Metrics,
    threshold: int,
    what_to_do: str,
    *,
    periods: int = 1,
) -> cloudwatch.CfnAlarm:
    """One alarm on an expression of several metrics, of which CloudWatch takes ten; it fires when the expression is over `threshold`
    in each of so many minutes."""
    return _make(scope, id, described(scope, id, what_to_do), expression, metrics, threshold, periods)[0]


def summed(scope: Construct, id: str, metrics: Metrics, what_to_do: str) -> cloudwatch.CfnAlarm:
    """One alarm that fires when any of the metrics is over 0 in a minute."""
    return joined(scope, id, _sum(metrics), metrics, 0, what_to_do)


class Shared:
    """An alarm that several parts share, while it has room for their metrics; then another begins. One that fires says whose they
    are, and what to do."""

    def __init__(self, scope: Construct, id: str, what_to_do: str) -> None:
        self._scope, self._id, self._what_to_do = scope, id, what_to_do
        self._number = 0
        self._metrics: dict[str, tuple[str, str, Mapping[str, Any], str]] = {}
        self._whose: list[str] = []
        self._made: tuple[cloudwatch.CfnAlarm, Alarmed] | None = None

    def add(self, whose: str, metrics: Metrics, *, of: Part | None) -> None:
        """Watch these metrics too: it fires when any is over 0 in a minute."""
        if self._made is None or len(self._metrics) + len(metrics) > MAX_METRICS:
            self._number += 1
            self._metrics, self._whose, self._made = {}, [], None
        number = len(self._whose) + 1
        self._metrics |= {f"{name}{number}": metric for name, metric in metrics.items()}
        self._whose.append(whose)
        said = f"{', '.join(dict.fromkeys(self._whose))}: {self._what_to_do}"
        if self._made is None:
            id = self._id if self._number == 1 else f"{self._id}{self._number}"
            self._made = _make(self._scope, id, said, _sum(self._metrics), self._metrics, 0)
        else:
            self._made[0].metrics = _listed(_sum(self._metrics), self._metrics)
            self._made[0].alarm_description = said
        noted = self._made[1]
        if of is not None and of not in noted.of:
            noted.of.append(of)


def _sum(metrics: Metrics) -> str:
    return f"SUM([{', '.join(f'FILL({name}, 0)' for name in metrics)}])"


def _listed(expression: str, metrics: Metrics) -> Any:
    """The metrics of an alarm, plain: an app has many, and the CDK's classes for their parts check the types of each. As a token
    they may have intrinsics in place of strings."""
    listed = [
        {"id": "worst", "expression": expression, "returnData": True},
        *(
            {
                "id": name,
                "metricStat": {
                    "metric": {
                        "namespace": namespace,
                        "metricName": metric,
                        "dimensions": [{"name": key, "value": value} for key, value in dimensions.items()],
                    },
                    "period": 60,
                    "stat": statistic,
                },
                "returnData": False,
            }
            for name, (namespace, metric, dimensions, statistic) in metrics.items()
        ),
    ]
    plain = all(isinstance(value, str) for _, _, dimensions, _ in metrics.values() for value in dimensions.values())
    return listed if plain else cdk.Token.as_any(listed)


def _make(
    scope: Construct, id: str, description: str, expression: str, metrics: Metrics, threshold: int, periods: int = 1
) -> tuple[cloudwatch.CfnAlarm, Alarmed]:
    made = cloudwatch.CfnAlarm(
        scope,
        id,
        alarm_name=alarm_name(scope, id),
        alarm_description=description,
        metrics=_listed(expression, metrics),
        threshold=threshold,
        **{**ALWAYS, "evaluation_periods": periods},
    )
    return made, add_alarm(scope, id, made)


@lru_cache(maxsize=1)
def _stack_name() -> str:
    """The deployed stack's name, asked for once: a stack may be deployed by another name than it was composed with."""
    return cdk.Aws.STACK_NAME
