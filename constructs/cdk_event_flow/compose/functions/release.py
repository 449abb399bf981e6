"""How a new version takes over an alias: at once or shifted, tested by hooks, rolled back on alarms."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_

from cdk_event_flow.compose.edge import seconds, within
from cdk_event_flow.compose.functions.consumer import Consumes
from cdk_event_flow.errors import Problem

TRAFFIC_SHIFTING = "CodeDeploy (https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations-create.html)"
ALARMS = (
    "CodeDeploy (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/"
    "aws-properties-codedeploy-deploymentgroup-alarmconfiguration.html)"
)
MAX_ALARMS = 10
OWN_ALARMS = 2  # the errors of the alias, and the throttles of its function

Alarm = cloudwatch.IAlarm | cdk.CfnResource  # a resource of CloudWatch's, as the constructs here make them
Hook = Consumes | lambda_.IFunction


@dataclass(frozen=True, kw_only=True)
class Release:
    """What every kind of release may be given.

    `alarms`, at most 8, roll it back when they fire, as does the function's own, of errors and throttles. A release does not
    begin while one of them fires. `before` is a function that CodeDeploy runs before any traffic shifts, `after` one that it
    runs when all has: each must say `Succeeded` or `Failed` by PutLifecycleEventHookExecutionStatus within an hour, and
    what fails is rolled back. Both may do that and may invoke the new version, whose ARN is in `RELEASED_VERSION`;
    CodeDeploy knows them by name, so their own newest code runs.
    """

    alarms: Sequence[Alarm] = ()
    before: Hook | None = None
    after: Hook | None = None

    @property
    def by_codedeploy(self) -> bool:
        """Whether CodeDeploy moves the alias, and not CloudFormation."""
        return bool(self.alarms or self.before or self.after)

    def problems(self) -> list[Problem]:
        """What CodeDeploy would refuse."""
        return within("EF-RELEASE-ALARMS", "number of alarms, with the function's own two,", OWN_ALARMS + len(self.alarms), 0,
                      MAX_ALARMS, unit="alarms", source=ALARMS, fix="give a composite alarm of some of them")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class AllAtOnce(Release):
    """The alias moves to the new version in one step (the default): by CloudFormation, or by CodeDeploy where there are
    alarms or hooks."""


@dataclass(frozen=True, kw_only=True)
class Shifted(Release):
    """What Canary and Linear share: `percent` (1 to 99) of the traffic, and the interval `every`, in whole minutes."""

    percent: int = 10
    every: timedelta = timedelta(minutes=5)

    @property
    def by_codedeploy(self) -> bool:
        """Always."""
        return True

    def problems(self) -> list[Problem]:
        """What CodeDeploy would refuse."""
        whole = within("EF-RELEASE-EVERY", "seconds left of every, in minutes,", seconds(self.every) % 60, 0, 0, unit="seconds",
                       source=TRAFFIC_SHIFTING, fix="choose an interval of whole minutes")  # fmt: skip
        return [
            *super().problems(),
            *within("EF-RELEASE-PERCENT", "percent", self.percent, 1, 99, unit="%", source=TRAFFIC_SHIFTING,
                    fix="choose how much of the traffic moves first"),
            *within("EF-RELEASE-EVERY", "every", seconds(self.every), 60, 172_800, unit="seconds", source=TRAFFIC_SHIFTING,
                    fix="choose an interval of whole minutes"),
            *whole,
        ]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Canary(Shifted):
    """`percent` (1 to 99) of the traffic first, the rest `every` (1 minute to 2 days) later, if no alarm fires."""


@dataclass(frozen=True, kw_only=True)
class Linear(Shifted):
    """`percent` (1 to 99) more of the traffic `every` (1 minute to 2 days), as long as no alarm fires."""

    every: timedelta = timedelta(minutes=1)
