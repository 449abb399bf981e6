"""Alarms of alarms: they fire when a rule about the states of others holds, and can be kept quiet by another one.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-combining.html
"""

from collections.abc import Mapping
from typing import Any

from cdk_event_flow.flow.sources import Alarm
from cdk_event_flow.local.alarm_rule import read
from cdk_event_flow.local.alarm_states import ALARM, WithState
from cdk_event_flow.local.engine import Engine

MOMENT = 0.001  # seconds: those that change at the same time have changed, one after the other
TYPE = "AWS::CloudWatch::CompositeAlarm"


def made_of(alarm: Alarm) -> list[str]:
    """The names and ARNs of the alarms in its rule, and of the one that keeps it quiet. Raises ValueError for no rule."""
    quiet = alarm.properties.get("ActionsSuppressor")
    return [*sorted(read(str(alarm.properties.get("AlarmRule"))).alarms), *([str(quiet)] if quiet else [])]


class Composite(WithState):
    """One alarm of `children`, which are there by their names and by their ARNs."""

    def __init__(self, alarm: Alarm, engine: Engine, children: Mapping[str, WithState]) -> None:
        super().__init__(alarm, engine)
        given = alarm.properties
        self._rule = read(str(given.get("AlarmRule")))
        self._children = {name: children[name] for name in self._rule.alarms}
        self._quiet = children.get(str(given.get("ActionsSuppressor")))
        self._wait = _number(given, "ActionsSuppressorWaitPeriod")
        self._extension = _number(given, "ActionsSuppressorExtensionPeriod")
        self._untold: tuple[str, str] | None = None  # the state before, and the reason of an action that waits
        for each in {id(child): child for child in self._children.values()}.values():
            each.heard.append(self._plan)
        if self._quiet is not None:
            self._quiet.heard.append(self._heard_quiet)
        self._planned = False
        self._plan()

    def _plan(self) -> None:
        if not self._planned:
            self._planned = True
            self._clock.call_later(MOMENT, self._look)

    def _look(self) -> None:
        self._planned = False
        states = {name: child.state for name, child in self._children.items()}
        firing = [child.alarm.name for child in self._children.values() if child.state == ALARM]
        holds = self._rule.holds(states)
        self.become(ALARM if holds else "OK", f"{', '.join(firing) or 'no alarm of its rule'} in ALARM")

    def _act(self, before: str, reason: str) -> None:
        if self._quiet is None:
            self._tell(before, reason)
            return
        self._untold = (before, reason)
        if self._quiet.state != ALARM:
            self._clock.call_later(self._wait, self._tell_unless_quiet)

    def _heard_quiet(self) -> None:
        """What keeps it quiet began, or ended: then it waits a little longer."""
        if self._quiet is not None and self._quiet.state != ALARM and self._untold is not None:
            self._clock.call_later(self._extension, self._tell_unless_quiet)

    def _tell_unless_quiet(self) -> None:
        if self._untold is not None and self._quiet is not None and self._quiet.state != ALARM:
            (before, reason), self._untold = self._untold, None
            self._tell(before, reason)


def _number(given: Mapping[str, Any], name: str) -> float:
    return float(given.get(name) or 0)
