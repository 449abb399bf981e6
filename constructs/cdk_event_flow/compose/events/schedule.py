"""A schedule of EventBridge Scheduler that invokes a function."""

from datetime import timedelta

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_scheduler as scheduler

from cdk_event_flow.compose.edge import place, refuse, seconds, within
from cdk_event_flow.compose.functions.consumer import Consumes, consumer_of
from cdk_event_flow.compose.messaging.encryption import allow_key, stack_key
from cdk_event_flow.compose.messaging.queue import undelivered
from cdk_event_flow.errors import Problem
from constructs import Construct

SCHEDULES = "EventBridge Scheduler (https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html)"
CRON_FIELDS = 6


class Schedule(Construct):
    """Invokes `to` when the clock says so: `cron` (six fields, without the word) or `every` (one minute or more).

    `timezone` is an IANA name (default UTC). What cannot be delivered within a day goes to the stack's `Undelivered` queue.
    The function receives `{"schedule": <name>, "time": <the scheduled time>}`. `schedule` and `role` are the CDK's own.

    Raises ConstructError: EF-SCHEDULE, EF-SCHEDULE-RATE.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        to: Consumes | lambda_.FunctionBase,
        cron: str | None = None,
        every: timedelta | None = None,
        timezone: str = "UTC",
    ) -> None:
        refuse(place(scope, id), _problems(cron, every))
        super().__init__(scope, id)
        unsent, function_arn = undelivered(self), consumer_of(to).arn
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "scheduler.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": cdk.Stack.of(self).account}},
            ),
        )
        self.role.add_to_policy(iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[function_arn]))
        self.role.add_to_policy(iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[unsent.queue_arn]))
        allow_key(self.role, stack_key(self))
        self.schedule = scheduler.CfnSchedule(
            self,
            "Schedule",
            schedule_expression=f"cron({cron})" if cron else _rate(seconds(every or timedelta(minutes=1))),
            schedule_expression_timezone=timezone,
            flexible_time_window={"mode": "OFF"},
            target={
                "arn": function_arn,
                "roleArn": self.role.role_arn,
                "input": f'{{"schedule": "{id}", "time": "<aws.scheduler.scheduled-time>"}}',
                "deadLetterConfig": {"arn": unsent.queue_arn},
                "retryPolicy": {"maximumEventAgeInSeconds": 86_400, "maximumRetryAttempts": 185},
            },
        )
        self.schedule.node.add_dependency(self.role.node.find_child("DefaultPolicy"))


def _rate(total: int) -> str:
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if total % size == 0:
            count = total // size
            return f"rate({count} {unit}{'s' if count != 1 else ''})"
    return f"rate({total // 60} minutes)"


def _problems(cron: str | None, every: timedelta | None) -> list[Problem]:
    if (cron is None) == (every is None):
        return [
            Problem(code="EF-SCHEDULE", given=f"cron={cron!r} and every={every!r}", allowed="exactly one says when",
                    fix="give cron or every")
        ]  # fmt: skip
    if cron is not None and len(cron.split()) != CRON_FIELDS:
        return [
            Problem(code="EF-SCHEDULE", given=f"cron={cron!r} has {len(cron.split())} fields",
                    allowed=f"{SCHEDULES} wants six: minutes hours day-of-month month day-of-week year",
                    fix='write for example "0 2 * * ? *" for every night at two')
        ]  # fmt: skip
    if every is None:
        return []
    return within("EF-SCHEDULE-RATE", "every", seconds(every), 60, 31_536_000, unit="seconds", source=SCHEDULES,
                  fix="choose whole minutes, hours or days")  # fmt: skip
