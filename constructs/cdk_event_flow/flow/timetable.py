"""When what happens: every schedule and scheduled rule of a template, with its next times."""

from dataclasses import dataclass, replace
from datetime import datetime

from cdk_event_flow.errors import ScheduleError
from cdk_event_flow.flow.cron import next_times
from cdk_event_flow.flow.graph import Flow
from cdk_event_flow.flow.model import Rule, Schedule, Target
from cdk_event_flow.flow.names import short_names


@dataclass(frozen=True, slots=True)
class Timed:
    """A schedule, or a rule with one: `path` its construct path, `when` its expression, `to` the paths (or ARNs) it invokes.

    `times` are the next ones, in `timezone`, none for one that is over or off; `within` minutes after each it may fire
    (a flexible window). `refused` says why AWS would not take the expression.
    """

    path: str
    when: str
    timezone: str
    to: tuple[str, ...]
    times: tuple[datetime, ...]
    enabled: bool
    within: int = 0
    refused: str = ""


def timetable(flow: Flow, after: datetime, count: int = 5) -> list[Timed]:
    """Every schedule of the flow, in the template's order, with its next `count` times strictly after `after` (aware).

    The first and last day that a schedule may have are not looked at.
    """
    names = short_names(flow.nodes)

    def name(target: Target) -> str:
        receiver = flow.receiver(target.arn)
        return names.get(receiver.arn, receiver.path) if receiver else target.arn

    found = []
    for node in flow.nodes.values():
        if isinstance(node, Schedule):
            row = Timed(node.path, node.expression, node.timezone, (name(node.target),), (), node.enabled, node.flexible_minutes)
        elif isinstance(node, Rule) and node.schedule:
            row = Timed(node.path, node.schedule, "UTC", tuple(map(name, node.targets)), (), node.enabled)
        else:
            continue
        found.append(_timed(row, after, count, scheduler=isinstance(node, Schedule)) if row.enabled else row)
    return found


def _timed(row: Timed, after: datetime, count: int, *, scheduler: bool) -> Timed:
    try:
        times = next_times(row.when, after, count, timezone=row.timezone, scheduler=scheduler)
    except ScheduleError as error:
        return replace(row, refused=str(error.problems[0]))
    return replace(row, times=tuple(times))
