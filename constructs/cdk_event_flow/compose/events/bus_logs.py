"""What a bus tells of each event: received, matched by which rule, delivered or not, and why."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_logs as logs

from cdk_event_flow.compose.events.targets.by_policy import log_group_arn, vended_log_group
from cdk_event_flow.compose.functions.options import Logs
from cdk_event_flow.errors import Problem
from constructs import Construct

BUS_LOGS = "EventBridge (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-logs.html)"
LEVELS = ("ERROR", "INFO", "TRACE")


@dataclass(frozen=True, kw_only=True)
class BusLogs:
    """What a bus logs, into a group of its own that the stack's key encrypts.

    `level`: `ERROR` what could not be delivered (the default), `INFO` also what was received, matched and delivered, `TRACE`
    also each attempt. `detail` writes the events themselves too (default False: they may be nobody's business). `retention` is
    a number of days that CloudWatch Logs knows (default 30). Every level above ERROR is paid for by the event.
    """

    level: Literal["ERROR", "INFO", "TRACE"] = "ERROR"
    detail: bool = False
    retention: timedelta = timedelta(days=30)

    def problems(self) -> list[Problem]:
        """What EventBridge or CloudWatch Logs would refuse."""
        problems = []
        if self.level not in LEVELS:
            problems.append(Problem(code="EF-BUS-LOGS", given=f"level is {self.level!r}",
                                    allowed=f"{BUS_LOGS} knows {', '.join(LEVELS)}",
                                    fix="choose one of them, or logs=None"))  # fmt: skip
        return problems + Logs(retention=self.retention).problems()

    def config(self) -> events.LogConfig:
        """The bus's property."""
        return events.LogConfig(
            level=events.Level[self.level], include_detail=events.IncludeDetail.FULL if self.detail else events.IncludeDetail.NONE
        )


def deliver(scope: Construct, bus: events.IEventBus, wanted: BusLogs) -> logs.LogGroup:
    """Deliver what the bus logs: a bus by itself only says what it would log, and nothing arrives.

    Each level is a source of its own; CloudWatch Logs makes one delivery at a time, so each waits for the one before.
    """
    name = cdk.Names.unique_resource_name(scope, max_length=45, separator="-")
    group = vended_log_group(scope, f"events/{name}", wanted.retention)
    to = logs.CfnDeliveryDestination(scope, "LogsTo", name=f"{name}-logs", destination_resource_arn=log_group_arn(group))
    before: Construct | None = None
    for level in LEVELS[: LEVELS.index(wanted.level) + 1]:
        source = logs.CfnDeliverySource(
            scope, f"LogsOf{level.title()}", name=f"{name}-{level.lower()}", log_type=f"{level}_LOGS", resource_arn=bus.event_bus_arn
        )
        delivery = logs.CfnDelivery(
            scope, f"Logs{level.title()}", delivery_source_name=source.ref, delivery_destination_arn=to.attr_arn
        )
        if before is not None:
            delivery.node.add_dependency(before)
        before = delivery
    return group
