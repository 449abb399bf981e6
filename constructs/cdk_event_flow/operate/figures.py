"""Figures of CloudWatch: many at once, each by name and dimensions."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from cdk_event_flow.operate.aws import code_of, is_denied
from cdk_event_flow.operate.stack import Stack

MOST_QUERIES = 500  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
RECENT_SECONDS = 900
MINUTE, HOUR = 60, 3_600


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric of one thing: `statistic` over the time that is asked for. `Average` is of all samples of that time."""

    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    statistic: Literal["Sum", "Maximum", "Average", "SampleCount"] = "Sum"


def latest(stack: Stack, figures: Sequence[Figure]) -> list[float | None]:
    """The latest value of each within fifteen minutes; None where CloudWatch has none, or may not be asked."""
    return [values[0] if values else None for values in _values(stack, figures, RECENT_SECONDS, MINUTE)]


def over(stack: Stack, figures: Sequence[Figure], seconds: int) -> list[float | None]:
    """Each over the last `seconds` (whole minutes count, over an hour whole hours); None where nothing was measured."""
    unit = MINUTE if seconds <= HOUR else HOUR
    seconds = max(unit, -(-seconds // unit) * unit)
    means = [number for number, each in enumerate(figures) if each.statistic == "Average"]
    asked = [replace(each, statistic="Sum") if each.statistic == "Average" else each for each in figures]
    asked += [replace(figures[number], statistic="SampleCount") for number in means]
    values = _values(stack, asked, seconds, min(seconds, HOUR))
    found = [_together(figure, each) for figure, each in zip(asked, values, strict=True)]
    for number, samples in zip(means, found[len(figures) :], strict=True):
        total = found[number]
        found[number] = total / samples if total is not None and samples else None
    return found[: len(figures)]


def _together(figure: Figure, values: Sequence[float]) -> float | None:
    if not values:
        return None
    return max(values) if figure.statistic == "Maximum" else sum(values)


def _values(stack: Stack, figures: Sequence[Figure], seconds: int, period: int) -> list[list[float]]:
    """The newest first."""
    found: list[list[float]] = []
    end = datetime.fromtimestamp(time.time(), UTC)
    window = {"StartTime": datetime.fromtimestamp(end.timestamp() - seconds, UTC), "EndTime": end, "ScanBy": "TimestampDescending"}
    for start in range(0, len(figures), MOST_QUERIES):
        queries = [_query(number, each, period) for number, each in enumerate(figures[start : start + MOST_QUERIES])]
        answers: dict[str, list[float]] = {query["Id"]: [] for query in queries}
        try:
            for page in stack.aws.client("cloudwatch").get_paginator("get_metric_data").paginate(MetricDataQueries=queries, **window):
                for each in page["MetricDataResults"]:
                    answers[each["Id"]] += each["Values"]
        except stack.aws.client("cloudwatch").exceptions.ClientError as error:
            if not is_denied(code_of(error)):
                raise
        found += answers.values()
    return found


def _query(number: int, figure: Figure, period: int) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in figure.dimensions.items()]
    metric = {"Namespace": figure.namespace, "MetricName": figure.metric, "Dimensions": dimensions}
    return {"Id": f"m{number}", "MetricStat": {"Metric": metric, "Period": period, "Stat": figure.statistic}}
