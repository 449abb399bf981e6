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
    # Of a band, which stands in the place of a threshold.
    "GreaterThanUpperThreshold": ">",
    "LessThanLowerThreshold": "<",
    "LessThanLowerOrGreaterThanUpperThreshold": "outside",
}
COMPOSITE = "AWS::CloudWatch::CompositeAlarm"
USUAL_PERIOD = 60  # seconds, of one that the template does not tell


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
        service = re.match(r"arn:[\w-]+:([\w-]+):", arn)
        if not service:
            return arn
        last = re.split("[:/]", arn)[-1]
        match service[1]:
            case "ssm":
                return f"an item of OpsCenter, severity {last.replace('#CATEGORY=', ', ')}"
            case "ssm-incidents":
                return f"an incident by the plan {last}"
            case "aiops":
                return "an investigation"
            case "autoscaling":
                return "scaling"
        return last

    def metric(self, given: Mapping[str, Any]) -> str:
        """A metric, and what it is of."""
        values = [str(as_mapping(each).get("Value")) for each in as_list(given.get("Dimensions"))]
        found = [self._of_name[value] for value in values if value in self._of_name]
        of = found[-1] if found else " ".join(values)
        return f"{given['MetricName']} of {of}" if of else str(given["MetricName"])


def _watch(alarm: Alarm, called: _Called) -> Watch:
    given = alarm.properties
    described = str(given.get("AlarmDescription") or "")
    acts = _is_on(given, "ActionsEnabled")
    return Watch(
        path=alarm.path,
        name=alarm.name,
        arn=alarm.arn,
        says=described.removeprefix(f"{alarm.path}: "),
        metrics=tuple(_metrics(given, called)),
        when=_when(alarm),
        tells=tuple(called.arn(str(each)) for each in as_list(given.get("AlarmActions")) if acts),
        over=tuple(called.arn(str(each)) for each in as_list(given.get("OKActions")) if acts),
    )


def _is_on(given: Mapping[str, Any], name: str) -> bool:
    """A boolean that is true where nothing is said."""
    return str(given.get(name)).lower() != "false"


def _metrics(given: Mapping[str, Any], called: _Called) -> Iterator[str]:
    several = [as_mapping(_stat(each).get("Metric")) for each in _queries(given)]
    return (called.metric(each) for each in (given, *several) if each.get("MetricName"))


def _queries(given: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Metrics and expressions of them, of an alarm that is about more than one metric."""
    return [as_mapping(each) for each in as_list(given.get("Metrics"))]


def _stat(query: Mapping[str, Any]) -> Mapping[str, Any]:
    return as_mapping(query.get("MetricStat"))


def _when(alarm: Alarm) -> str:
    given, queries = alarm.properties, _queries(alarm.properties)
    if alarm.type == COMPOSITE:
        return _rule(str(given.get("AlarmRule")))
    limits = [each for each in queries if "ThresholdMetricId" in given and each.get("Id") == given["ThresholdMetricId"]]
    looked_at = [each for each in queries if each not in limits and _is_on(each, "ReturnData")]
    asked = next((each for each in looked_at if "Expression" in each), looked_at[0] if looked_at else {})
    measured = asked.get("Expression") or _stat(asked).get("Stat") or given.get("Statistic") or given.get("ExtendedStatistic") or ""
    what = re.sub(r"FILL\((\w+), 0\)", r"\1", str(measured))
    sign = _SIGNS.get(str(given.get("ComparisonOperator")), str(given.get("ComparisonOperator")))
    limit = limits[0].get("Expression") if limits else given.get("Threshold")
    period = max(whole(each, 0) for each in (given.get("Period"), *(_period(each) for each in queries))) or USUAL_PERIOD
    periods = whole(given.get("EvaluationPeriods"), 1)
    needed = whole(given.get("DatapointsToAlarm"), periods)
    some = f"{needed} of {periods} periods" if needed != periods else f"{periods} periods" if periods > 1 else "a period"
    return f"{what} {sign} {limit} in {some} of {period} s".strip()


def _period(query: Mapping[str, Any]) -> Any:
    return _stat(query).get("Period") or query.get("Period")


def _rule(rule: str) -> str:
    """The rule of an alarm of alarms; one that any of them makes fire is said so."""
    several = rule.split(" OR ")
    alarms = [found[1] for each in several if (found := re.fullmatch(r'ALARM\("?([^"()]+)"?\)', each.strip()))]
    return f"any fires of {', '.join(alarms)}" if len(alarms) == len(several) else rule
