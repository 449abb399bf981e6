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
from cdk_event_flow.local.buses import Targets
from cdk_event_flow.local.hub import Hub
from cdk_event_flow.local.ids import iso_seconds
from cdk_event_flow.local.patience import LastResort, Patience, Sender, string_attributes
from cdk_event_flow.local.post import Parcel
from cdk_event_flow.local.retries import Retries
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
        self._active: dict[str, Rule | Schedule] = {}

    def start_rule(self, rule: Rule) -> None:
        """Fire a rule's schedule (UTC), if it has one and is enabled. Raises ScheduleError (EF-SCHEDULE)."""
        if rule.enabled and rule.schedule:
            self._active[rule.arn] = rule
            self._plan(rule, rule.schedule, "UTC", lambda _: self.fire_rule(rule), self._clock.now())

    def start_schedule(self, schedule: Schedule, *, since: float | None = None) -> None:
        """Fire a schedule of EventBridge Scheduler, if enabled, at its times after `since` (default: now).

        Raises ScheduleError (EF-SCHEDULE).
        """
        if schedule.enabled:
            self._active[schedule.arn] = schedule
            after = self._clock.now() if since is None else since
            self._plan(schedule, schedule.expression, schedule.timezone, lambda at: self.fire_schedule(schedule, at), after)

    def stop(self, schedule: Schedule) -> None:
        """The schedule fires no more."""
        self._active.pop(schedule.arn, None)

    def _plan(self, of: Rule | Schedule, expression: str, timezone: str, fire: Callable[[float], object], after: float) -> None:
        moment_before, by_scheduler = datetime.fromtimestamp(after, UTC), isinstance(of, Schedule)
        following = next_times(expression, moment_before, timezone=timezone, scheduler=by_scheduler)
        if not following:
            return
        moment = following[0].timestamp()

        def due() -> None:
            # Not a schedule that was deleted, even when there is another of its name by now.
            if self._active.get(of.arn) is of:
                fire(moment)
                self._plan(of, expression, timezone, fire, moment)

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
        told = string_attributes(
            {
                "SCHEDULE_ARN": schedule.arn,
                "TARGET_ARN": target.arn,
                "EXECUTION_ID": execution,
                "SCHEDULED_TIME": scheduled,
            }
        )
        self._retries.deliver(
            target.arn,
            Parcel(body=body, group_id=target.message_group_id),
            child,
            patience=Patience(sender=Sender.SCHEDULER, retries=target.max_attempts, max_age=target.max_age),
            last_resort=LastResort(
                sender=Sender.SCHEDULER,
                arn=target.dead_letter_arn,
                parcel=Parcel(body=body, group_id=target.message_group_id, attributes=told),
            ),
        )
        return root
