"""One alarm of a whole flow, for those who want to know what does not happen, and not which part of it failed."""

from collections.abc import Sequence
from typing import Any

import aws_cdk as cdk
import jsii
from aws_cdk import aws_cloudwatch as cloudwatch

from cdk_event_flow.compose.edge import place, refuse
from cdk_event_flow.compose.known import path_of, remember, stack_of
from cdk_event_flow.compose.observe.making import alarm_name
from cdk_event_flow.compose.observe.parts import Alarmed, add_alarm, alarms_of, part_of, when_all_is_known
from cdk_event_flow.errors import ConstructError, Problem
from constructs import Construct, IValidation

COMPOSITE = "CloudWatch (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html)"
MAX_ALARMS = 100
MAX_RULE = 10_240  # characters
LONGEST_DESCRIPTION = 1_024
WAIT = EXTENSION = 120  # seconds: two periods, within which the alarm that keeps it quiet begins and ends

Alarm = cloudwatch.IAlarm | cdk.CfnResource


class FlowAlarm(Construct):
    """An alarm that fires when any alarm of a flow does: `says` is what that means (`"Orders are not billed."`).

    `of` names what the flow ends with, or consists of: functions, queues, topics, buses, streams, pipes, fleets, APIs of ours. What
    hands something on to them is found from what is composed (the queue that a function works through, its topic, the
    topic's bus …) and belongs to the flow too, unless `upstream` is False. What functions may publish is not followed. `of` may
    have alarms as well, ours or the CDK's.

    `unless` is an alarm while which nobody is told, as of a dependency that others watch, or of work that is announced. Who is
    told is said by `alarms_to`, of all alarms or of this one. A composite alarm costs as much as five metrics; `alarm` is the
    CDK's own construct.

    Raises ConstructError: EF-ALARM-FLOW, at synth too: a flow without alarms, or with more than CloudWatch takes.
    """

    def __init__(
        self, scope: Construct, id: str, *, says: str, of: Sequence[Any], upstream: bool = True, unless: Alarm | None = None
    ) -> None:
        at = place(scope, id)
        described = f"{at}: {says} Open the alarms it is made of: each says what to do."
        refuse(at, _problems(says, described, of))
        super().__init__(scope, id)
        remember(self, scope, id)
        self._of, self._upstream = list(of), upstream
        quiet: dict[str, Any] = {
            "actions_suppressor": _named(unless) if unless is not None else None,
            "actions_suppressor_wait_period": WAIT,
            "actions_suppressor_extension_period": EXTENSION,
        }
        self.alarm = cloudwatch.CfnCompositeAlarm(
            self,
            "Resource",
            alarm_name=alarm_name(scope, id),
            alarm_description=described,
            alarm_rule="FALSE",
            **(quiet if unless is not None else {}),
        )
        add_alarm(scope, id, self.alarm).of_flow = True
        self.node.add_validation(_Fits(self))
        when_all_is_known(self, self.alarm, self._write)

    def names(self) -> list[str]:
        """What the alarms of the flow are called (tokens), each once, as far as it is composed."""
        names: dict[str, None] = {}
        for each in self._of:
            if part_of(each) is None:
                names[_named(each)] = None
        for alarm in self._watching():
            names[alarm.resource.ref] = None
        return list(names)

    def length(self) -> int:
        """How long its rule is at least."""
        alone = len('ALARM("") OR ')
        known = [len(f"{stack_of(alarm.resource).stack_name}/{alarm.name}") for alarm in self._watching()]
        return sum(known) + alone * len(self.names())

    def _watching(self) -> list[Alarmed]:
        parts = [part for given in self._of if (part := part_of(given)) is not None]
        reached = [each for part in parts for each in (part.upstream() if self._upstream else [part])]
        return list(dict.fromkeys(alarm for part in dict.fromkeys(reached) for alarm in alarms_of(part)))

    def _write(self) -> None:
        rule = " OR ".join(f'ALARM("{name}")' for name in self.names())
        if rule:
            self.alarm.alarm_rule = rule


def _problems(says: str, described: str, of: Sequence[Any]) -> list[Problem]:
    problems = []
    if not says.strip().endswith((".", "!", "?")) or len(described) > LONGEST_DESCRIPTION:
        problems.append(
            Problem(code="EF-ALARM-FLOW", given=f"it says {says[:60]!r}",
                    allowed=f"whoever is woken reads a sentence, of {LONGEST_DESCRIPTION} characters with all else",
                    fix='say what does not happen: "Orders are not billed."')
        )  # fmt: skip
    problems += [
        Problem(code="EF-ALARM-FLOW", given=f"of has a {type(each).__name__}",
                allowed="a flow is made of functions, queues, topics, buses, streams, pipes, fleets and APIs of ours, and of alarms",
                fix="give one of these, or an alarm that you made")
        for each in of if part_of(each) is None and not _is_alarm(each)
    ]  # fmt: skip
    return problems


def _is_alarm(given: Any) -> bool:
    return hasattr(given, "alarm_name") or (isinstance(given, cdk.CfnResource) and "::CloudWatch::" in given.cfn_resource_type)


def _named(alarm: Any) -> str:
    return str(alarm.ref if isinstance(alarm, cdk.CfnResource) else alarm.alarm_name)


@jsii.implements(IValidation)
class _Fits:
    """Asked at synth, when all is composed."""

    def __init__(self, flow: FlowAlarm) -> None:
        self._flow = flow

    def validate(self) -> list[str]:
        """What CloudWatch would refuse, as the error would say it."""
        number, length = len(self._flow.names()), self._flow.length()
        if 0 < number <= MAX_ALARMS and length <= MAX_RULE:
            return []
        given = f"the flow has {number} alarms" + (f", and the rule {length:,} characters" if number else "")
        problem = Problem(code="EF-ALARM-FLOW", given=given,
                          allowed=f"{COMPOSITE} takes 1 to {MAX_ALARMS} alarms in a rule of {MAX_RULE:,} characters",
                          fix="name more in `of`" if not number else "make several, or give upstream=False")  # fmt: skip
        return [str(ConstructError(path_of(self._flow), problem))]
