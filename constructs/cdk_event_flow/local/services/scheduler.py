"""Amazon EventBridge Scheduler: the schedules of the template, and schedules that handlers make."""

from typing import Any

from cdk_event_flow.errors import ScheduleError
from cdk_event_flow.flow.arns import arn_of
from cdk_event_flow.flow.model import Schedule, Target
from cdk_event_flow.local.engine import Engine
from cdk_event_flow.local.keeper import Kind
from cdk_event_flow.local.services.service import Result, Service
from cdk_event_flow.local.wire import Caller, ServiceError

# What is kept of a schedule of the template that a client deleted.
_DELETED: dict[str, Any] = {}


class Scheduler(Service):
    """Creating, deleting, reading. Start and end dates of schedules are refused rather than ignored.

    What clients made and deleted is kept. `resume` goes on with it; a time that passed while no run was there is made up
    for where it was the schedule's only one.
    """

    name = "scheduler"

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._engine = engine
        self._keep = engine.hub.keep
        self._schedules = {schedule.name: schedule for schedule in engine.all(Schedule)}
        self.operations = {
            "CreateSchedule": self._create,
            "DeleteSchedule": self._delete,
            "GetSchedule": self._get,
            "ListSchedules": self._list,
        }

    def _create(self, parameters: dict[str, Any], _: Caller) -> Result:
        name = parameters["Name"]
        if name in self._schedules:
            raise ServiceError("ConflictException", f"Schedule {name} already exists.")
        for unsupported in ("StartDate", "EndDate"):
            if parameters.get(unsupported):
                raise ServiceError("ValidationException", f"{unsupported} is not supported by this run.")
        schedule = self._read(parameters)
        try:
            self._engine.schedules.start_schedule(schedule)
        except ScheduleError as error:
            raise ServiceError("ValidationException", f"Invalid Schedule Expression. {error}") from None
        self._schedules[name] = schedule
        self._keep.put(Kind.SCHEDULE, name, parameters)
        return {"ScheduleArn": schedule.arn}

    def resume(self) -> None:
        """Make and delete again what clients of an earlier run did."""
        for name, parameters in self._keep.rows(Kind.SCHEDULE):
            if name in self._schedules:
                self._engine.schedules.stop(self._schedules.pop(name))
            if parameters != _DELETED:
                schedule = self._schedules[name] = self._read(parameters)
                since = self._keep.stopped_at if schedule.expression.startswith("at(") else None
                self._engine.schedules.start_schedule(schedule, since=since)

    def _read(self, parameters: dict[str, Any]) -> Schedule:
        name, group = parameters["Name"], parameters.get("GroupName") or "default"
        given = parameters["Target"]
        retry = given.get("RetryPolicy") or {}
        target = Target(
            id="0",
            arn=given["Arn"],
            input=given.get("Input"),
            max_attempts=retry.get("MaximumRetryAttempts", 185),
            max_age=retry.get("MaximumEventAgeInSeconds", 86_400),
            dead_letter_arn=(given.get("DeadLetterConfig") or {}).get("Arn"),
            role_arn=given.get("RoleArn"),
            message_group_id=(given.get("SqsParameters") or {}).get("MessageGroupId"),
        )
        return Schedule(
            logical_id=name,
            arn=arn_of("scheduler", f"schedule/{group}/{name}", self._engine.region, self._engine.account),
            name=name,
            path=name,
            expression=parameters["ScheduleExpression"],
            timezone=parameters.get("ScheduleExpressionTimezone") or "UTC",
            enabled=parameters.get("State") != "DISABLED",
            target=target,
            flexible_minutes=(parameters.get("FlexibleTimeWindow") or {}).get("MaximumWindowInMinutes") or 0,
        )

    def _found(self, parameters: dict[str, Any]) -> Schedule:
        schedule = self._schedules.get(parameters["Name"])
        if schedule is None:
            raise ServiceError("ResourceNotFoundException", f"Schedule {parameters['Name']} does not exist.")
        return schedule

    def _delete(self, parameters: dict[str, Any], _: Caller) -> Result:
        schedule = self._found(parameters)
        self._engine.schedules.stop(schedule)
        del self._schedules[schedule.name]
        if any(schedule.name == of_template.name for of_template in self._engine.all(Schedule)):
            self._keep.put(Kind.SCHEDULE, schedule.name, _DELETED)
        else:
            self._keep.drop(Kind.SCHEDULE, schedule.name)
        return {}

    def _get(self, parameters: dict[str, Any], _: Caller) -> Result:
        schedule = self._found(parameters)
        return {
            "Name": schedule.name,
            "Arn": schedule.arn,
            "ScheduleExpression": schedule.expression,
            "ScheduleExpressionTimezone": schedule.timezone,
            "State": "ENABLED" if schedule.enabled else "DISABLED",
            "Target": {"Arn": schedule.target.arn, "RoleArn": schedule.target.role_arn or ""},
        }

    def _list(self, parameters: dict[str, Any], _: Caller) -> Result:
        prefix = parameters.get("NamePrefix") or ""
        return {
            "Schedules": [
                {"Name": s.name, "Arn": s.arn, "State": "ENABLED" if s.enabled else "DISABLED"}
                for s in self._schedules.values()
                if s.name.startswith(prefix)
            ]
        }
