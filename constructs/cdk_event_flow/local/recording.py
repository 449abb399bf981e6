"""What a run measures over its time, as CloudWatch would have it: for graphs, and for alarms that nobody is told of."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from cdk_event_flow.flow.sources import Alarm
from cdk_event_flow.local.alarm_rule import read
from cdk_event_flow.local.alarm_states import ALARM
from cdk_event_flow.local.alarms import COMPARE, Measured, by_name, measured, why_not
from cdk_event_flow.local.clock import Timer
from cdk_event_flow.local.composite_alarms import TYPE
from cdk_event_flow.local.metric_math import value_of
from cdk_event_flow.local.run import LocalRun
from cdk_event_flow.local.samples import MEASURED, STATISTICS, Sample, Samples

PERIOD = 60.0  # seconds
QUEUES = "AWS/SQS"
Metric = tuple[str, str, tuple[tuple[str, str], ...]]
"""Namespace, metric and dimensions."""


class Recording:
    """The samples of `metrics` from now on. Queues are looked at once a minute of the run's clock; all else is in its trace."""

    def __init__(self, run: LocalRun, metrics: Iterable[Metric]) -> None:
        self._run = run
        trace = run.engine.hub.trace
        self._samples = Samples(run.engine, lambda: (delivery for root in trace.roots for delivery in root.walk()))
        wanted = [each for each in dict.fromkeys(metrics) if each[1] in MEASURED.get(each[0], ())]
        self._gauges: dict[Metric, list[Sample]] = {each: [] for each in wanted if each[0] == QUEUES}
        self._others = [each for each in wanted if each[0] != QUEUES]
        self._timer: Timer | None = None
        self._look()

    def stop(self) -> Mapping[Metric, Sequence[Sample]]:
        """The samples up to now."""
        if self._timer:
            self._timer.cancel()
        return {**self._gauges, **{each: sorted(self._of(each)) for each in self._others}}

    def _look(self) -> None:
        for each, samples in self._gauges.items():
            samples.extend(self._of(each))
        self._timer = self._run.clock.call_later(PERIOD, self._look)

    def _of(self, metric: Metric) -> Iterator[Sample]:
        namespace, name, dimensions = metric
        yield from self._samples.of(namespace, name, dict(dimensions))


def metrics_of(alarm: Alarm) -> Iterator[Metric]:
    """What an alarm is about; nothing where it is not followed here, or made of others."""
    if alarm.type != TYPE and why_not(alarm) is None:
        for each in measured(alarm.properties)[0].values():
            yield _key(each)


def fired(alarm: Alarm, recorded: Mapping[Metric, Sequence[Sample]]) -> bool | None:
    """Whether the alarm's condition held in any of its periods that were recorded; None where it is not followed here.

    Each period is looked at by itself: of an alarm that wants several it says whether one of them breached.
    """
    if alarm.type == TYPE or why_not(alarm) is not None:
        return None
    metrics, expression = measured(alarm.properties)
    period = next(iter(metrics.values())).period
    bins: dict[str, dict[float, list[float]]] = {}
    for name, each in metrics.items():
        for at, value in recorded.get(_key(each), ()):
            bins.setdefault(name, {}).setdefault(at // period, []).append(value)
    breaches, threshold = COMPARE[alarm.properties["ComparisonOperator"]], float(alarm.properties.get("Threshold") or 0)
    for moment in {at for each in bins.values() for at in each}:
        values = {name: _statistic(each, bins.get(name, {}).get(moment)) for name, each in metrics.items()}
        found = value_of(expression, values)
        if found is not None and breaches(found, threshold):
            return True
    return False


def states(alarms: Sequence[Alarm], recorded: Mapping[Metric, Sequence[Sample]]) -> dict[str, str]:
    """The worst state of each alarm in what was recorded, by its ARN, alarms of alarms too; of one that is not followed, none."""
    judged = {alarm.arn: fired(alarm, recorded) for alarm in alarms}
    found = {arn: ALARM if worst else "OK" for arn, worst in judged.items() if worst is not None}
    named = found | {alarm.name: found[alarm.arn] for alarm in alarms if alarm.arn in found}
    known = by_name(alarms)
    for alarm in alarms:
        if alarm.type == TYPE and why_not(alarm, known) is None:
            found[alarm.arn] = ALARM if read(str(alarm.properties.get("AlarmRule"))).holds(named) else "OK"
    return found


def _statistic(metric: Measured, values: list[float] | None) -> float | None:
    return STATISTICS[metric.statistic](values) if values else None


def _key(metric: Measured) -> Metric:
    return metric.namespace, metric.name, tuple(metric.dimensions.items())
