"""cdk-event-flow: compose event-driven stacks, prove where every event goes, run them here, operate them.

The names below are loaded when they are used: importing the package takes no aws_cdk.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cdk_event_flow.compose.checks import EventFlowChecks
    from cdk_event_flow.compose.events.archive import Archive
    from cdk_event_flow.compose.events.bus import EventBus
    from cdk_event_flow.compose.events.bus_logs import BusLogs
    from cdk_event_flow.compose.events.inputs import FixedInput, InputPath, InputTransformer
    from cdk_event_flow.compose.events.pipes.ends import Enrichment, PipeTarget
    from cdk_event_flow.compose.events.pipes.pipe import Pipe, PipeLogs
    from cdk_event_flow.compose.events.route import Route, Trying
    from cdk_event_flow.compose.events.schedule import Schedule
    from cdk_event_flow.compose.events.targets.target import FargateTask, Target
    from cdk_event_flow.compose.events.when import Cron, Every
    from cdk_event_flow.compose.functions.asynchronous import Asynchronous
    from cdk_event_flow.compose.functions.capabilities import Durable
    from cdk_event_flow.compose.functions.container import ContainerFunction
    from cdk_event_flow.compose.functions.function import Function
    from cdk_event_flow.compose.functions.idempotency import idempotency_table
    from cdk_event_flow.compose.functions.layer import Layer, PythonLayer
    from cdk_event_flow.compose.functions.opentelemetry import OpenTelemetry
    from cdk_event_flow.compose.functions.options import Logs
    from cdk_event_flow.compose.functions.provisioned import Provisioned
    from cdk_event_flow.compose.functions.python import PythonFunction
    from cdk_event_flow.compose.functions.release import AllAtOnce, Canary, Linear
    from cdk_event_flow.compose.functions.stage import Stage
    from cdk_event_flow.compose.guard.guardrails import Guardrails
    from cdk_event_flow.compose.messaging.consumed import decouple
    from cdk_event_flow.compose.messaging.fifo import Fifo
    from cdk_event_flow.compose.messaging.queue import DeadLetters, Queue, dead_letter_queue
    from cdk_event_flow.compose.messaging.subscriptions import Email, HttpRetries, PlatformEndpoint, Sms
    from cdk_event_flow.compose.messaging.topic import Topic
    from cdk_event_flow.compose.network.private_network import PrivateNetwork
    from cdk_event_flow.compose.observe.destinations import alarms_to
    from cdk_event_flow.compose.observe.flow_alarm import FlowAlarm
    from cdk_event_flow.compose.sources.authorizers import Iam, Jwt, Open
    from cdk_event_flow.compose.sources.brokers import BrokerQueue
    from cdk_event_flow.compose.sources.bucket import Bucket
    from cdk_event_flow.compose.sources.documents import DocumentChanges
    from cdk_event_flow.compose.sources.function_url import FunctionUrl
    from cdk_event_flow.compose.sources.http_api import Cors, HttpApi, Throttle
    from cdk_event_flow.compose.sources.kafka import KafkaSecret, ManagedKafka, SelfManagedKafka
    from cdk_event_flow.compose.sources.mappings import consume
    from cdk_event_flow.compose.sources.options import Concurrency, Pollers, Retry, Shards
    from cdk_event_flow.compose.sources.stream import Stream
    from cdk_event_flow.compose.sources.table import Table
    from cdk_event_flow.compose.workers.fleet import WorkerFleet
    from cdk_event_flow.compose.workers.options import Scaling

__all__ = [
    "AllAtOnce",
    "Archive",
    "Asynchronous",
    "BrokerQueue",
    "Bucket",
    "BusLogs",
    "Canary",
    "Concurrency",
    "ContainerFunction",
    "Cors",
    "Cron",
    "DeadLetters",
    "DocumentChanges",
    "Durable",
    "Email",
    "Enrichment",
    "EventBus",
    "EventFlowChecks",
    "Every",
    "FargateTask",
    "Fifo",
    "FixedInput",
    "FlowAlarm",
    "Function",
    "FunctionUrl",
    "Guardrails",
    "HttpApi",
    "HttpRetries",
    "Iam",
    "InputPath",
    "InputTransformer",
    "Jwt",
    "KafkaSecret",
    "Layer",
    "Linear",
    "Logs",
    "ManagedKafka",
    "Open",
    "OpenTelemetry",
    "Pipe",
    "PipeLogs",
    "PipeTarget",
    "PlatformEndpoint",
    "Pollers",
    "PrivateNetwork",
    "Provisioned",
    "PythonFunction",
    "PythonLayer",
    "Queue",
    "Retry",
    "Route",
    "Scaling",
    "Schedule",
    "SelfManagedKafka",
    "Shards",
    "Sms",
    "Stage",
    "Stream",
    "Table",
    "Target",
    "Throttle",
    "Topic",
    "Trying",
    "WorkerFleet",
    "alarms_to",
    "consume",
    "dead_letter_queue",
    "decouple",
    "idempotency_table",
]

_HOMES = {
    "AllAtOnce": "compose.functions.release",
    "Archive": "compose.events.archive",
    "Asynchronous": "compose.functions.asynchronous",
    "BrokerQueue": "compose.sources.brokers",
    "Bucket": "compose.sources.bucket",
    "BusLogs": "compose.events.bus_logs",
    "Canary": "compose.functions.release",
    "Concurrency": "compose.sources.options",
    "Cors": "compose.sources.http_api",
    "Cron": "compose.events.when",
    "ContainerFunction": "compose.functions.container",
    "DeadLetters": "compose.messaging.queue",
    "DocumentChanges": "compose.sources.documents",
    "Durable": "compose.functions.capabilities",
    "Email": "compose.messaging.subscriptions",
    "Enrichment": "compose.events.pipes.ends",
    "EventBus": "compose.events.bus",
    "EventFlowChecks": "compose.checks",
    "Every": "compose.events.when",
    "FargateTask": "compose.events.targets.target",
    "FlowAlarm": "compose.observe.flow_alarm",
    "Fifo": "compose.messaging.fifo",
    "FixedInput": "compose.events.inputs",
    "Function": "compose.functions.function",
    "FunctionUrl": "compose.sources.function_url",
    "Guardrails": "compose.guard.guardrails",
    "HttpApi": "compose.sources.http_api",
    "HttpRetries": "compose.messaging.subscriptions",
    "Iam": "compose.sources.authorizers",
    "InputPath": "compose.events.inputs",
    "InputTransformer": "compose.events.inputs",
    "Jwt": "compose.sources.authorizers",
    "KafkaSecret": "compose.sources.kafka",
    "Linear": "compose.functions.release",
    "Layer": "compose.functions.layer",
    "Logs": "compose.functions.options",
    "ManagedKafka": "compose.sources.kafka",
    "Open": "compose.sources.authorizers",
    "OpenTelemetry": "compose.functions.opentelemetry",
    "Pipe": "compose.events.pipes.pipe",
    "PipeLogs": "compose.events.pipes.pipe",
    "PipeTarget": "compose.events.pipes.ends",
    "PlatformEndpoint": "compose.messaging.subscriptions",
    "Pollers": "compose.sources.options",
    "PrivateNetwork": "compose.network.private_network",
    "Provisioned": "compose.functions.provisioned",
    "PythonFunction": "compose.functions.python",
    "PythonLayer": "compose.functions.layer",
    "Queue": "compose.messaging.queue",
    "Retry": "compose.sources.options",
    "Route": "compose.events.route",
    "Scaling": "compose.workers.options",
    "Schedule": "compose.events.schedule",
    "SelfManagedKafka": "compose.sources.kafka",
    "Shards": "compose.sources.options",
    "Sms": "compose.messaging.subscriptions",
    "Stage": "compose.functions.stage",
    "Stream": "compose.sources.stream",
    "Table": "compose.sources.table",
    "Target": "compose.events.targets.target",
    "Throttle": "compose.sources.http_api",
    "Topic": "compose.messaging.topic",
    "Trying": "compose.events.route",
    "WorkerFleet": "compose.workers.fleet",
    "alarms_to": "compose.observe.destinations",
    "consume": "compose.sources.mappings",
    "dead_letter_queue": "compose.messaging.queue",
    "decouple": "compose.messaging.consumed",
    "idempotency_table": "compose.functions.idempotency",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
