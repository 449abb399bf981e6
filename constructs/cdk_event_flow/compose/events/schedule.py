"""A schedule of EventBridge Scheduler: cron, a period, or one moment, in a time zone, to a function, queue, topic or bus."""

import json
from datetime import datetime, timedelta
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_scheduler as scheduler

from cdk_event_flow.compose.edge import place, refuse, seconds, within
from cdk_event_flow.compose.events.route import Trying
from cdk_event_flow.compose.events.when import SCHEDULES, Cron, Every, Once, When, in_utc
from cdk_event_flow.compose.functions.consumer import consumer_of, tenant_problems
from cdk_event_flow.compose.functions.role import service_role
from cdk_event_flow.compose.known import remember
from cdk_event_flow.compose.messaging.encryption import USING, stack_key
from cdk_event_flow.compose.messaging.queue import undelivered
from cdk_event_flow.compose.messaging.receivers_keys import key_of
from cdk_event_flow.compose.observe.parts import add_part, feeds
from cdk_event_flow.compose.statements import allowing
from cdk_event_flow.errors import Problem
from constructs import Construct


class Schedule(Construct):
    """Invokes `to` when the clock says so: `cron` (six fields, without the word), `every` (whole minutes) or once, `at` a moment.

    `to` is a function, a queue, a topic, or a bus (which then needs `event`: source and detail-type), ours or the CDK's.
    `timezone` is an IANA name (default UTC). `window` lets AWS choose the moment within it (1 minute to 24 hours; default:
    at the time itself), so many schedules do not fire at once. `starting` and `ending` bound the schedule (in
    its time zone, unless they have one of their own).
    `input` is the payload, any JSON (default: `{"schedule": <name>, "time": <the scheduled time>}`).
    What cannot be delivered goes to the stack's `Undelivered` queue.

    `schedule` and `role` are the CDK's own constructs.

    Raises ConstructError: EF-SCHEDULE, EF-SCHEDULE-RATE, EF-SCHEDULE-WINDOW, EF-SCHEDULE-FIFO, EF-RULE-RETRIES, EF-RULE-AGE.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        to: Any,
        cron: str | None = None,
        every: timedelta | None = None,
        at: datetime | None = None,
        timezone: str = "UTC",
        window: timedelta | None = None,
        starting: datetime | None = None,
        ending: datetime | None = None,
        input: Any = None,
        event: tuple[str, str] | None = None,
        trying: Trying = Trying(),
    ) -> None:
        when, problems = _when(cron, every, at)
        to_bus = hasattr(getattr(to, "receiver", to), "event_bus_arn")
        refuse(
            place(scope, id),
            [
                *problems,
                *(when.problems(timezone) if when else ()),
                *_window_problems(window),
                *_event_problems(event, to_bus=to_bus),
                *_fifo_problems(to),
                *tenant_problems(to, "a schedule"),
                *trying.problems(),
            ],
        )
        super().__init__(scope, id)
        remember(self, scope, id)
        assert when is not None  # or it was refused
        unsent, (arn, action) = undelivered(self), _aim(to)
        self.role = service_role(
            self,
            "Role",
            "scheduler",
            [
                allowing([action], [arn]),
                allowing(["sqs:SendMessage"], [unsent.queue_arn]),
                allowing(USING, [stack_key(self).key_arn]),
                *([allowing(USING, [key.key_arn])] if (key := key_of(to)) is not None and key is not stack_key(self) else ()),
            ],
            {"StringEquals": {"aws:SourceAccount": cdk.Stack.of(self).account}},
        )
        add_part(self, kind="schedule", scope=self, called=id, near=self.role)
        feeds(self, to)
        payload = {"schedule": id, "time": "<aws.scheduler.scheduled-time>"} if input is None else input
        source = {"eventBridgeParameters": {"source": event[0], "detailType": event[1]}} if event else {}
        self.schedule = scheduler.CfnSchedule(
            self,
            "Schedule",
            schedule_expression=when.expression,
            schedule_expression_timezone=timezone,
            flexible_time_window={"mode": "FLEXIBLE", "maximumWindowInMinutes": seconds(window) // 60} if window else {"mode": "OFF"},
            start_date=in_utc(starting, timezone) if starting else None,
            end_date=in_utc(ending, timezone) if ending else None,
            target={
                "arn": arn,
                "roleArn": self.role.role_arn,
                "input": json.dumps(payload),
                "deadLetterConfig": {"arn": unsent.queue_arn},
                "retryPolicy": {"maximumEventAgeInSeconds": seconds(trying.max_age), "maximumRetryAttempts": trying.retries},
                **source,
            },
        )


def _aim(to: Any) -> tuple[str, str]:
    """The ARN of the target, and what the role must be allowed to do to it."""
    receiver = getattr(to, "receiver", to)
    if isinstance(receiver, lambda_.FunctionBase) or hasattr(receiver, "consumer"):
        return consumer_of(receiver).arn, "lambda:InvokeFunction"
    for attribute, action in (
        ("queue_arn", "sqs:SendMessage"),
        ("topic_arn", "sns:Publish"),
        ("event_bus_arn", "events:PutEvents"),
        ("state_machine_arn", "states:StartExecution"),
    ):
        if hasattr(receiver, attribute):
            return getattr(receiver, attribute), action
    raise TypeError(f"a schedule sends to a function, queue, topic, bus or state machine, not to {type(to).__name__}")


def _when(cron: str | None, every: timedelta | None, at: datetime | None) -> tuple[When | None, list[Problem]]:
    given: list[When] = [
        *([Cron(cron)] if cron is not None else []),
        *([Every(every)] if every is not None else []),
        *([Once(at)] if at is not None else []),
    ]
    if len(given) == 1:
        return given[0], []
    return None, [
        Problem(code="EF-SCHEDULE", given=f"cron={cron!r}, every={every!r} and at={at!r}", allowed="exactly one says when",
                fix="give cron, every or at")
    ]  # fmt: skip


def _window_problems(window: timedelta | None) -> list[Problem]:
    if window is None:
        return []
    return within("EF-SCHEDULE-WINDOW", "window", seconds(window), 60, 86_400, unit="seconds", source=SCHEDULES,
                  fix="choose whole minutes in that range")  # fmt: skip


def _event_problems(event: tuple[str, str] | None, *, to_bus: bool) -> list[Problem]:
    if (event is not None) == to_bus:
        return []
    return [
        Problem(code="EF-SCHEDULE", given="a bus without event" if to_bus else "event without a bus",
                allowed="an event on a bus has a source and a detail-type, and nothing else has",
                fix='give event=("my.source", "MyDetailType") where `to` is a bus')
    ]  # fmt: skip


def _fifo_problems(to: Any) -> list[Problem]:
    receiver = getattr(to, "receiver", to)
    if not (hasattr(receiver, "fifo") and receiver.fifo):
        return []
    return [
        Problem(code="EF-SCHEDULE-FIFO", given="the target is FIFO", allowed="a message from a schedule has no order to keep",
                fix="give a standard queue or topic, or a route from a bus with a group")
    ]  # fmt: skip
