"""Schedules on the run's clock: rules with a schedule expression, and EventBridge Scheduler's.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime

from cdk_event_flow.flow.cron import next_times
from cdk_event_flow.flow.model import Rule, Schedule
from cdk_event_flow.flow.payload import as_text
from cdk_event_flow.flow.payloads.services import schedule_event, schedule_input, scheduled_event
from cdk_event_flow.local.buses import Targets, string_attributes
from cdk_event_flow.local.hub import Hub
from cdk_event_flow.local.ids import iso_seconds
from cdk_event_flow.local.post import Parcel
from cdk_event_flow.local.retries import GaveUp, Retries, eventbridge_delays
from cdk_event_flow.local.trace import Delivery, State


class Schedules:
    """Fires every enabled schedule at its times, from the start of the run on.

    A flexible window fires at its beginning: AWS picks any moment in it.
    """

    def __init__(self, *, hub: Hub, retries: Retries, targets: Targets) -> None:
        self._clock = hub.clock
        self._ids = hub.ids
        self._trace = hub.trace
        self._post = hub.post
        self._retries = retries
        self._targets = targets
        self._active: set[str] = set()

    def start_rule(self, rule: Rule) -> None:
        """Fire a rule's schedule (UTC), if it has one and is enabled. Raises ScheduleError (EF-SCHEDULE)."""
        if rule.enabled and rule.schedule:
            self._plan(rule.schedule, "UTC", lambda _: self.fire_rule(rule))

    def start_schedule(self, schedule: Schedule) -> None:
        """Fire a schedule of EventBridge Scheduler, if enabled. Raises ScheduleError (EF-SCHEDULE)."""
        if schedule.enabled:
            self._active.add(schedule.arn)
            self._plan(schedule.expression, schedule.timezone, lambda at: self._fire_if_active(schedule, at))

    def stop(self, schedule: Schedule) -> None:
        """The schedule fires no more."""
        self._active.discard(schedule.arn)

    def _fire_if_active(self, schedule: Schedule, at: float) -> None:
        if schedule.arn in self._active:
            self.fire_schedule(schedule, at)

    def _plan(self, expression: str, timezone: str, fire: Callable[[float], object], after: float | None = None) -> None:
        begin = datetime.fromtimestamp(self._clock.now() if after is None else after, UTC)
        following = next_times(expression, begin, timezone=timezone)
        if not following:
            return
        moment = following[0].timestamp()

        def due() -> None:
            fire(moment)
            self._plan(expression, timezone, fire, moment)

        self._clock.call_at(moment, due)

    def fire_rule(self, rule: Rule) -> Delivery:
        """One firing of a scheduled rule, now."""
        event = scheduled_event(rule.arn, source="aws.events", id=self._ids.uuid(), time=iso_seconds(self._clock.now()))
        root = self._trace.begin("rule", rule.arn, self._post.name(rule.arn), json.dumps(event), origin="schedule")
        for target in rule.targets:
            self._targets.deliver(rule, target, event, root, "")
        if rule.targets:
            self._trace.forward(root)
        else:
            self._trace.end(root, State.DROPPED, "the rule has no targets")
        return root

    def fire_schedule(self, schedule: Schedule, at: float) -> Delivery:
        """One firing of a schedule whose time was `at` (epoch seconds)."""
        target = schedule.target
        execution = self._ids.uuid()
        scheduled = iso_seconds(at)
        kind, name = self._post.kind_and_name(target.arn)
        makes = schedule_event if kind == "bus" else schedule_input
        body = as_text(makes(schedule, id=execution, time=scheduled))
        root = self._trace.begin("schedule", schedule.arn, self._post.name(schedule.arn), body, origin="schedule")
        child = self._trace.child(root, kind, target.arn, name, body, via=self._post.name(schedule.arn))
        self._trace.forward(root)
        parcel = Parcel(body=body, group_id=target.message_group_id)

        def gave_up(why: GaveUp) -> None:
            parcel.attributes = string_attributes(
                {
                    "SCHEDULE_ARN": schedule.arn,
                    "TARGET_ARN": target.arn,
                    "ERROR_CODE": why.refusal.code,
                    "ERROR_MESSAGE": why.refusal.message,
                    "EXECUTION_ID": execution,
                    "SCHEDULED_TIME": scheduled,
                    "RETRY_ATTEMPTS": str(why.retries),
                }
            )
            self._retries.dead_letter(child, target.dead_letter_arn, parcel, why)

        delays = eventbridge_delays(target.max_attempts)
        self._retries.deliver(target.arn, parcel, child, delays=delays, max_age=target.max_age, gave_up=gave_up)
        return root
