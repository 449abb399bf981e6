"""cdk-event-flow: compose event-driven stacks, prove where every event goes, run them here, operate them.

The names below are loaded when they are used: importing the package takes no aws_cdk.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cdk_event_flow.compose.checks import EventFlowChecks
    from cdk_event_flow.compose.events.bus import EventBus
    from cdk_event_flow.compose.events.inputs import FixedInput, InputPath, InputTransformer
    from cdk_event_flow.compose.events.route import Route, Trying
    from cdk_event_flow.compose.events.schedule import Schedule
    from cdk_event_flow.compose.events.targets.target import FargateTask, Target
    from cdk_event_flow.compose.events.when import Cron, Every
    from cdk_event_flow.compose.functions.asynchronous import Asynchronous
    from cdk_event_flow.compose.functions.function import Function
    from cdk_event_flow.compose.functions.idempotency import idempotency_table
    from cdk_event_flow.compose.functions.options import Logs
    from cdk_event_flow.compose.functions.provisioned import Provisioned
    from cdk_event_flow.compose.functions.python import PythonFunction
    from cdk_event_flow.compose.functions.release import AllAtOnce, Canary, Linear
    from cdk_event_flow.compose.functions.stage import Stage
    from cdk_event_flow.compose.messaging.consumed import decouple
    from cdk_event_flow.compose.messaging.fifo import Fifo
    from cdk_event_flow.compose.messaging.queue import DeadLetters, Queue
    from cdk_event_flow.compose.messaging.subscriptions import Email, HttpRetries, PlatformEndpoint, Sms
    from cdk_event_flow.compose.messaging.topic import Topic
    from cdk_event_flow.compose.network.private_network import PrivateNetwork

__all__ = [
    "AllAtOnce",
    "Asynchronous",
    "Canary",
    "Cron",
    "DeadLetters",
    "Email",
    "EventBus",
    "EventFlowChecks",
    "Every",
    "FargateTask",
    "Fifo",
    "FixedInput",
    "Function",
    "HttpRetries",
    "InputPath",
    "InputTransformer",
    "Linear",
    "Logs",
    "PlatformEndpoint",
    "PrivateNetwork",
    "Provisioned",
    "PythonFunction",
    "Queue",
    "Route",
    "Schedule",
    "Sms",
    "Stage",
    "Target",
    "Topic",
    "Trying",
    "decouple",
    "idempotency_table",
]

_HOMES = {
    "AllAtOnce": "compose.functions.release",
    "Asynchronous": "compose.functions.asynchronous",
    "Canary": "compose.functions.release",
    "Cron": "compose.events.when",
    "DeadLetters": "compose.messaging.queue",
    "Email": "compose.messaging.subscriptions",
    "EventBus": "compose.events.bus",
    "EventFlowChecks": "compose.checks",
    "Every": "compose.events.when",
    "FargateTask": "compose.events.targets.target",
    "Fifo": "compose.messaging.fifo",
    "FixedInput": "compose.events.inputs",
    "Function": "compose.functions.function",
    "HttpRetries": "compose.messaging.subscriptions",
    "InputPath": "compose.events.inputs",
    "InputTransformer": "compose.events.inputs",
    "Linear": "compose.functions.release",
    "Logs": "compose.functions.options",
    "PlatformEndpoint": "compose.messaging.subscriptions",
    "PrivateNetwork": "compose.network.private_network",
    "Provisioned": "compose.functions.provisioned",
    "PythonFunction": "compose.functions.python",
    "Queue": "compose.messaging.queue",
    "Route": "compose.events.route",
    "Schedule": "compose.events.schedule",
    "Sms": "compose.messaging.subscriptions",
    "Stage": "compose.functions.stage",
    "Target": "compose.events.targets.target",
    "Topic": "compose.messaging.topic",
    "Trying": "compose.events.route",
    "decouple": "compose.messaging.consumed",
    "idempotency_table": "compose.functions.idempotency",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
