"""An alarm that has a state, and whom it tells when that changes: topics, functions, the default bus, alarms made of it."""

from collections.abc import Callable, Iterable
from typing import Any

from cdk_event_flow.flow.arns import bus_arn
from cdk_event_flow.flow.payload import as_text, put_event
from cdk_event_flow.flow.payloads.services import alarm_message
from cdk_event_flow.flow.sources import Alarm
from cdk_event_flow.local.engine import Engine
from cdk_event_flow.local.ids import iso_milliseconds, iso_seconds
from cdk_event_flow.local.post import Parcel, RefusedError
from cdk_event_flow.local.trace import Delivery, State

ALARM = "ALARM"


class WithState:
    """One alarm. It begins without data, as on AWS; `heard` are called when its state has changed."""

    def __init__(self, alarm: Alarm, engine: Engine) -> None:
        self.alarm = alarm
        self.state = "INSUFFICIENT_DATA"
        self.heard: list[Callable[[], None]] = []
        self._engine = engine
        self._clock = engine.hub.clock

    def become(self, state: str, reason: str) -> None:
        """Have this state from now on."""
        if state == self.state:
            return
        before, self.state = self.state, state
        self._act(before, reason)
        for each in list(self.heard):
            each()

    def _act(self, before: str, reason: str) -> None:
        self._tell(before, reason)

    def _tell(self, before: str, reason: str) -> None:
        """Actions of the new state, and an event on the default bus."""
        engine, alarm, trace = self._engine, self.alarm, self._engine.hub.trace
        now = self._clock.now()
        message = alarm_message(alarm.name, alarm.arn, self.state) | {
            "AlarmDescription": alarm.properties.get("AlarmDescription"),
            "OldStateValue": before,
            "NewStateReason": reason,
            "StateChangeTime": iso_milliseconds(now),
        }
        name = engine.hub.post.name(alarm.arn)
        root = trace.begin("alarm", alarm.arn, name, f"{before} → {self.state}: {reason}", origin="alarm")
        for arn in actions(alarm, self.state):
            self._hand(root, arn, as_text(message))
        event = {
            "source": "aws.cloudwatch",
            "detail-type": "CloudWatch Alarm State Change",
            "resources": [alarm.arn],
            "detail": {
                "alarmName": alarm.name,
                "state": {"value": self.state, "reason": reason, "timestamp": iso_milliseconds(now)},
                "previousState": {"value": before},
            },
        }
        ids = engine.hub.ids
        put = put_event(event, account=engine.account, region=engine.region, id=ids.uuid(), time=iso_seconds(now))
        default = engine.bus("default")
        if default is not None and default.rules:
            self._hand(root, bus_arn("default", engine.region, engine.account), as_text(put))
        if root.children:
            trace.forward(root)
        else:
            trace.end(root, State.PROCESSED, "nobody is told of this state")

    def _hand(self, root: Delivery, arn: str, body: str) -> None:
        hub = self._engine.hub
        kind, name = hub.post.kind_and_name(arn)
        child = hub.trace.child(root, kind, arn, name, body, via=hub.post.name(self.alarm.arn))
        try:
            hub.post.deliver(arn, Parcel(body=body), child)
        except RefusedError as refusal:
            hub.trace.end(child, State.DROPPED, f"{refusal.code}: {refusal.message}")


def actions(alarm: Alarm, state: str = ALARM) -> Iterable[str]:
    """What is told of a state: topics and functions; what else an alarm can do is done to machines, or in Systems Manager."""
    key = {ALARM: "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}[state]
    given: Any = alarm.properties.get(key) or ()
    enabled = str(alarm.properties.get("ActionsEnabled", True)).lower() != "false"
    return [str(arn) for arn in given if enabled and str(arn).split(":")[2:3] in (["sns"], ["lambda"])]
