"""CloudWatch alarms on what the run itself measures: queues, functions, rules and topics.

An alarm is looked at when one of its periods ends, as long as something happens that it could see; a fast clock that
nobody waits for does not look. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
"""

import operator
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from cdk_event_flow.flow.sources import Alarm
from cdk_event_flow.local.alarm_states import WithState, actions
from cdk_event_flow.local.composite_alarms import TYPE, Composite, made_of
from cdk_event_flow.local.engine import Engine
from cdk_event_flow.local.metric_math import metrics_of, value_of
from cdk_event_flow.local.samples import MEASURED, STATISTICS, Samples
from cdk_event_flow.local.trace import Delivery

COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


def by_name(alarms: Iterable[Alarm]) -> dict[str, Alarm]:
    """Alarms by their names and by their ARNs."""
    return {name: alarm for alarm in alarms for name in (alarm.name, alarm.arn)}


def why_not(alarm: Alarm, known: Mapping[str, Alarm] = MappingProxyType({})) -> str | None:
    """Why an alarm is not looked at here, where these are `known`; None where it is."""
    given = alarm.properties
    if alarm.type == TYPE:
        return _why_not_made(alarm, known)
    try:
        metrics, _ = measured(given)
    except (KeyError, TypeError, ValueError):
        return "it is on an expression that is not followed here"
    for metric in metrics.values():
        if metric.name not in MEASURED.get(metric.namespace, ()):
            return f"nothing here measures {metric.namespace} {metric.name}"
        if metric.statistic not in STATISTICS:
            return f"its statistic is {metric.statistic}"
    if given.get("ComparisonOperator") not in COMPARE:
        return f"it compares by {given.get('ComparisonOperator')}"
    return None


def _why_not_made(alarm: Alarm, known: Mapping[str, Alarm], above: frozenset[str] = frozenset()) -> str | None:
    try:
        names = made_of(alarm)
    except ValueError:
        return "its rule cannot be read"
    for name in names:
        if name not in known:
            return f"it is made of {name}, which is not here"
        child = known[name]
        if child.arn in above or child.arn == alarm.arn:
            return "it is made of itself"
        reason = _why_not_made(child, known, above | {alarm.arn}) if child.type == TYPE else why_not(child)
        if reason:
            return f"it is made of {name}: {reason}"
    return None


@dataclass(frozen=True)
class Measured:
    """A metric that an alarm is about; `period` in seconds."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    statistic: str
    period: float


def measured(given: Mapping[str, Any]) -> tuple[dict[str, Measured], str]:
    """What an alarm measures, by ids, and the expression of them that it looks at.

    Raises KeyError, TypeError or ValueError for what is not followed here: expressions of expressions, periods that differ.
    """
    if not given.get("Metrics"):
        statistic = given.get("Statistic") or given.get("ExtendedStatistic")
        return {"m": _metric(given, statistic, given.get("Period"))}, "m"
    parts = [each for each in given["Metrics"] if "MetricStat" in each]
    metrics = {
        each["Id"]: _metric(each["MetricStat"]["Metric"], each["MetricStat"]["Stat"], each["MetricStat"]["Period"]) for each in parts
    }
    looked_at = [each for each in given["Metrics"] if str(each.get("ReturnData", True)).lower() != "false"]
    (one,) = looked_at
    expression = one["Expression"] if "Expression" in one else one["Id"]
    if not metrics.keys() >= set(metrics_of(expression)) or len({each.period for each in metrics.values()}) != 1:
        raise ValueError(expression)
    return metrics, expression


def _metric(given: Mapping[str, Any], statistic: Any, period: Any) -> Measured:
    dimensions = {str(each.get("Name")): str(each.get("Value")) for each in given.get("Dimensions") or ()}
    return Measured(str(given.get("Namespace")), str(given["MetricName"]), dimensions, str(statistic), float(period or 60))


class Alarms:
    """The alarms of a flow that have somebody to tell: their actions, a rule of the default bus, or alarms made of them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        default = engine.bus("default")
        listened = default is not None and bool(default.rules)
        alarms = engine.all(Alarm)
        known = by_name(alarms)
        told = [alarm for alarm in alarms if (listened or actions(alarm)) and why_not(alarm, known) is None]
        self.watched: list[Watched] = []
        self.composite: list[Composite] = []
        self._made: dict[str, WithState] = {}
        for alarm in told:
            self._make(alarm, known)
        if self.watched:
            engine.hub.trace.watchers.append(self._saw)

    def _make(self, alarm: Alarm, known: Mapping[str, Alarm]) -> WithState:
        """The alarm, and before it those that it is made of."""
        if alarm.arn in self._made:
            return self._made[alarm.arn]
        made: WithState
        if alarm.type == TYPE:
            children = {name: self._make(known[name], known) for name in made_of(alarm)}
            made = Composite(alarm, self._engine, children)
            self.composite.append(made)
        else:
            made = Watched(alarm, self._engine)
            self.watched.append(made)
        self._made[alarm.arn] = made
        return made

    def _saw(self, _: str, delivery: Delivery) -> None:
        for each in self.watched:
            each.saw(delivery)


class Watched(WithState):
    """One alarm on what is measured."""

    def __init__(self, alarm: Alarm, engine: Engine) -> None:
        super().__init__(alarm, engine)
        given = alarm.properties
        self._metrics, self._expression = measured(given)
        self._period = next(iter(self._metrics.values())).period
        self._periods = int(given.get("EvaluationPeriods") or 1)
        self._needed = int(given.get("DatapointsToAlarm") or self._periods)
        self._threshold = float(given.get("Threshold") or 0)
        self._breaches = COMPARE[given["ComparisonOperator"]]
        self._missing = str(given.get("TreatMissingData") or "missing")
        self._recent: deque[tuple[float, Delivery]] = deque()
        self._points: deque[float | None] = deque(maxlen=self._periods)
        self._data: deque[bool] = deque(maxlen=self._periods)
        self._planned = False

    def saw(self, delivery: Delivery) -> None:
        """Something happened."""
        self._recent.append((self._clock.now(), delivery))
        self._plan()

    def _plan(self) -> None:
        if not self._planned:
            self._planned = True
            self._clock.call_at((self._clock.now() // self._period + 1) * self._period, self._look)

    def _look(self) -> None:
        self._planned = False
        now = self._clock.now()
        while self._recent and self._recent[0][0] < now - self._period * (self._periods + 1):
            self._recent.popleft()
        seen = list({id(delivery): delivery for _, delivery in self._recent}.values())
        found = Samples(self._engine, lambda: iter(seen))
        values: dict[str, float | None] = {}
        for name, metric in self._metrics.items():
            samples = found.of(metric.namespace, metric.name, metric.dimensions)
            within = [value for at, value in samples if now - self._period <= at <= now]
            values[name] = STATISTICS[metric.statistic](within) if within else None
        self._points.append(value_of(self._expression, values))
        # An expression may have a value where there is no data, and for ever.
        self._data.append(any(value is not None for value in values.values()))
        self._judge()
        if any(self._data) or self.state == "ALARM":
            self._plan()

    def _judge(self) -> None:
        points = [*([None] * (self._periods - len(self._points))), *self._points]
        breaching = [self._missing == "breaching" if p is None else self._breaches(p, self._threshold) for p in points]
        known = any(point is not None for point in points)
        if not known and self._missing == "missing":
            state = "INSUFFICIENT_DATA"
        elif not known and self._missing == "ignore":
            state = self.state
        else:
            state = "ALARM" if sum(breaching) >= self._needed else "OK"
        self.become(state, f"Threshold Crossed: the last {self._periods} datapoints are {[p for p in self._points if p is not None]}")
