"""Our house's own kinds of the library's constructs."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from aws_cdk import aws_sns as sns
from cdk_event_flow import DeadLetters, PythonFunction, Queue
from constructs import Construct

FUNCTIONS = Path(__file__).parent.parent / "functions"


class HouseFunction(PythonFunction):
    """A function as this house has them: small, and somebody hears of its errors."""

    def __init__(self, scope: Construct, id: str, *, folder: str, alerts: sns.ITopic, **options: Any) -> None:
        super().__init__(
            scope, id, code=FUNCTIONS / folder, memory=256, python="3.13", **{"timeout": timedelta(seconds=10), **options}
        )
        self.errors_alarm.alarm_actions = [alerts.topic_arn]


class PatientQueue(Queue):
    """A queue that tries ten times."""

    def __init__(self, scope: Construct, id: str, *, fifo: bool = False) -> None:
        super().__init__(scope, id, fifo=fifo, dead_letters=DeadLetters(max_receives=10), visibility=timedelta(minutes=2))
