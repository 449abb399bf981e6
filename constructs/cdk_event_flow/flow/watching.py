"""The alarms of a template as people read them: what each watches, when it fires, what it says, and whom it tells."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cdk_event_flow.flow.model import Alias, Version
from cdk_event_flow.flow.names import short_names
from cdk_event_flow.flow.readers.resource import as_list, as_mapping, whole
from cdk_event_flow.flow.sources import Alarm

if TYPE_CHECKING:
    from cdk_event_flow.flow.graph import Flow

_SIGNS = {
    "GreaterThanThreshold": ">",
    "GreaterThanOrEqualToThreshold": "≥",
    "LessThanThreshold": "<",
    "LessThanOrEqualToThreshold": "≤",
}
COMPOSITE = "AWS::CloudWatch::CompositeAlarm"


@dataclass(frozen=True, kw_only=True)
class Watch:
    """One alarm. `metrics` are what it is billed by, each with what it is of; `when` is the condition; `tells` and `over` whom it
    tells that it fires, and that it is over."""

    path: str
    name: str
    arn: str
    says: str
    metrics: tuple[str, ...]
    when: str
    tells: tuple[str, ...]
    over: tuple[str, ...]


def watches(flow: "Flow") -> list[Watch]:
    """The alarms, those of whole flows first, then in the template's order."""
    called = _Called(flow)
    return [_watch(alarm, called) for alarm in sorted(flow.of(Alarm), key=lambda alarm: alarm.type != COMPOSITE)]


class _Called:
    """What people call a node, by its ARN or by the name that metrics have for it."""

    def __init__(self, flow: "Flow") -> None:
        known = short_names(flow.nodes)
        self._of_arn: Mapping[str, str] = known
        self._of_name: dict[str, str] = {}
        for arn, node in flow.nodes.items():
            if not isinstance(node, Alias | Version):
                self._of_name.setdefault(node.name, known[arn])

    def arn(self, arn: str) -> str:
        """Whom an alarm tells."""
        if arn in self._of_arn:
            return self._of_arn[arn]
        parts = arn.split(":")
        service = parts[2] if len(parts) > 5 else ""
        last = arn.rpartition("/")[2] if "/" in arn else parts[-1]
        match service:
            case "ssm":
                return f"an item of OpsCenter, severity {arn.partition('opsitem:')[2].replace('#CATEGORY=', ', ')}"
            case "ssm-incidents":
                return f"an incident by the plan {last}"
            case "aiops":
                return "an investigation"
            case "autoscaling":
                return "scaling"
        return last

    def of(self, dimensions: Any) -> str:
        """What a metric is of."""
        pairs = [as_mapping(each) for each in as_list(dimensions)]
        values = [str(each.get("Value")) for each in pairs]
        found = [self._of_name[value] for value in values if value in self._of_name]
        return found[-1] if found else " ".join(values)


def _watch(alarm: Alarm, called: _Called) -> Watch:
    given = alarm.properties
    described = str(given.get("AlarmDescription") or "")
    return Watch(
        path=alarm.path,
        name=alarm.name,
        arn=alarm.arn,
        says=described.removeprefix(f"{alarm.path}: "),
        metrics=tuple(_metrics(given, called)),
        when=_when(alarm),
        tells=tuple(called.arn(str(each)) for each in as_list(given.get("AlarmActions"))),
        over=tuple(called.arn(str(each)) for each in as_list(given.get("OKActions"))),
    )


def _metrics(given: Mapping[str, Any], called: _Called) -> Iterator[str]:
    if given.get("MetricName"):
        yield f"{given['MetricName']} of {called.of(given.get('Dimensions'))}"
    for each in as_list(given.get("Metrics")):
        metric = as_mapping(as_mapping(as_mapping(each).get("MetricStat")).get("Metric"))
        if metric:
            yield f"{metric.get('MetricName')} of {called.of(metric.get('Dimensions'))}"


def _when(alarm: Alarm) -> str:
    given = alarm.properties
    if alarm.type == COMPOSITE:
        return _rule(str(given.get("AlarmRule")))
    looked_at = [as_mapping(each) for each in as_list(given.get("Metrics"))]
    expressions = [str(each["Expression"]) for each in looked_at if "Expression" in each]
    measured = str(given.get("Statistic") or given.get("ExtendedStatistic") or "") if given.get("MetricName") else ""
    what = re.sub(r"FILL\((\w+), 0\)", r"\1", expressions[-1]) if expressions else measured
    sign = _SIGNS.get(str(given.get("ComparisonOperator")), str(given.get("ComparisonOperator")))
    period = whole(given.get("Period"), 0) or max((_period(each) for each in looked_at), default=60)
    periods = whole(given.get("EvaluationPeriods"), 1)
    needed = whole(given.get("DatapointsToAlarm"), periods)
    some = f"{needed} of {periods} periods" if needed != periods else f"{periods} periods" if periods > 1 else "a period"
    return f"{what} {sign} {given.get('Threshold')} in {some} of {period} s".strip()


def _rule(rule: str) -> str:
    """The rule of an alarm of alarms; one that any of them makes fire is said so."""
    several = rule.split(" OR ")
    alarms = [found[1] for each in several if (found := re.fullmatch(r'ALARM\("?([^"()]+)"?\)', each.strip()))]
    return f"any fires of {', '.join(alarms)}" if len(alarms) == len(several) else rule


def _period(query: Mapping[str, Any]) -> int:
    return whole(as_mapping(query.get("MetricStat")).get("Period") or query.get("Period"), 0)
