"""What a pipe hands its records to: each kind of enrichment and target, with what it takes and what the pipe's role needs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as stepfunctions

from cdk_event_flow.compose.events.pipes.template import path_problems, template_problems
from cdk_event_flow.compose.events.targets.by_policy import log_group_arn
from cdk_event_flow.compose.events.targets.by_role import api_destination_target, task_target
from cdk_event_flow.compose.events.targets.target import FargateTask
from cdk_event_flow.compose.functions.consumer import consumer_of, tenant_problems
from cdk_event_flow.errors import Problem
from cdk_event_flow.flow.contracts import Contract
from constructs import Construct

PIPE_TARGETS = "EventBridge Pipes (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-event-target.html)"
ENRICHMENTS = "EventBridge Pipes (https://docs.aws.amazon.com/eventbridge/latest/userguide/pipes-enrichment.html)"
BATCHES = "EventBridge Pipes (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-batching-concurrency.html)"
RECEIVERS = "a function, queue, topic, bus, stream, log group, delivery stream, state machine, API destination or FargateTask"
LOG_STREAM = "pipe"


@dataclass(frozen=True, kw_only=True)
class Enrichment:
    """What is asked about every record before the target gets it: `to` is a function, an express state machine or an API
    destination, `input` what it receives in place of the record, as in `PipeTarget`. Its answer goes on in the record's place."""

    to: Any
    input: Any = None


@dataclass(frozen=True, kw_only=True)
class PipeTarget:
    """A receiver with what the pipe does to records on their way to it.

    `input` is what it receives in place of the record: a value of JSON, or a text, with parts of the record in it:
    `{"order": "<$.body.id>"}`; a string that is one part and nothing else takes the value as it is. At most 8,192 characters.
    `group` is the message group of a FIFO queue or the partition key of a stream; `event` the source and detail-type of what a
    bus gets, or the event's model. `group` and `event` may be paths (`$.body.customer`). `wait` for the answer of a function
    or an express state machine (default True for functions: what fails is tried again; False for state machines).
    """

    to: Any
    input: Any = None
    group: str | None = None
    event: tuple[str, str] | type | None = None
    wait: bool | None = None


@dataclass(frozen=True, kw_only=True)
class End:
    """An enrichment or target of one kind. `most` is the largest batch it takes, None where its owner decides; `takes` how long
    it works, where that is known. `parameters` are those of the target, `rights` what the role needs: resources by action."""

    arn: str
    rights: Mapping[tuple[str, ...], tuple[str, ...]]
    parameters: dict[str, Any] = field(default_factory=dict)
    most: int | None = None
    takes: timedelta = timedelta(0)
    key: Any = None


def receiver_of(given: Any) -> Any:
    """The CDK's own construct of ours, or what was given."""
    return getattr(given, "receiver", given)


def is_function(receiver: Any) -> bool:
    """Whether it is a function, ours or the CDK's."""
    return isinstance(receiver, lambda_.FunctionBase) or hasattr(receiver, "consumer")


def kind_of_end(given: Any) -> str:
    """`queue`, `bus` … Raises TypeError for what is none."""
    receiver = receiver_of(given)
    if is_function(receiver):
        return "function"
    if isinstance(receiver, FargateTask):
        return "task"
    # By the attribute that gives its ARN: imported resources have classes of their own.
    for kind, attribute in _ATTRIBUTES.items():
        if hasattr(receiver, attribute):
            return kind
    raise TypeError(f"a pipe sends to {RECEIVERS}, not to {type(given).__name__}")


def enrichment_of(enrichment: Enrichment) -> End:
    """The enrichment, as the pipe and its role see it."""
    receiver, kind = receiver_of(enrichment.to), kind_of_end(enrichment.to)
    if kind == "function":
        return _function(receiver, wait=True)
    if kind == "machine":
        return End(arn=receiver.state_machine_arn, rights={("states:StartSyncExecution",): (receiver.state_machine_arn,)})
    return _END["destination"](receiver, PipeTarget(to=enrichment.to), "")


def target_of(target: PipeTarget, kind_of_source: str) -> End:
    """The target, as the pipe and its role see it."""
    return _END[kind_of_end(target.to)](receiver_of(target.to), target, kind_of_source)


def enrichment_problems(enrichment: Enrichment, kind_of_source: str) -> list[Problem]:
    """What EventBridge does not ask, or not in this way."""
    kind = kind_of_end(enrichment.to)
    problems = [] if enrichment.input is None else template_problems("the enrichment's input", enrichment.input, kind_of_source)
    problems += tenant_problems(enrichment.to, "the enrichment of a pipe")
    if kind not in ("function", "machine", "destination"):
        problems.append(Problem(code="EF-PIPE-ENRICHMENT", given=f"the enrichment is a {kind}",
                                allowed=f"{ENRICHMENTS} asks functions, express state machines and API destinations",
                                fix="give one of them"))  # fmt: skip
    if kind == "machine" and not _is_express(receiver_of(enrichment.to)):
        problems.append(Problem(code="EF-PIPE-ENRICHMENT", given="the enrichment is a standard state machine",
                                allowed=f"{ENRICHMENTS} waits for the answer, and only express ones give it",
                                fix="give it state_machine_type EXPRESS"))  # fmt: skip
    return problems


def target_problems(target: PipeTarget, kind_of_source: str, *, enriched: bool, scope: Construct) -> list[Problem]:
    """What EventBridge would refuse of the target, or what it would never deliver."""
    kind, receiver = kind_of_end(target.to), receiver_of(target.to)
    seen = None if enriched else kind_of_source
    problems = [] if target.input is None else template_problems("input", target.input, seen)
    problems += tenant_problems(target.to, "a pipe")
    for what, given in (("group", target.group), *((("event", each) for each in _event(target)) if target.event else ())):
        if given and given.startswith("$"):
            problems += path_problems(f"{what} is {given}", given, kind_of_source)
    if kind in ("queue", "topic") and receiver.fifo and (kind == "topic" or not target.group):
        fix = "give PipeTarget(to=queue, group=…)" if kind == "queue" else "give a standard topic, or a FIFO queue with a group"
        problems.append(Problem(code="EF-PIPE-FIFO", given=f"the target is a FIFO {kind}{' without a group' * (kind == 'queue')}",
                                allowed=f"{PIPE_TARGETS} sends to FIFO queues with a message group, and to no FIFO topic",
                                fix=fix))  # fmt: skip
    if (kind == "bus") != (target.event is not None):
        problems.append(Problem(code="EF-PIPE-EVENT", given="a bus without event" if kind == "bus" else "event without a bus",
                                allowed="an event on a bus has a source and a detail-type, and nothing else has",
                                fix='give event=("my.source", "MyDetailType") where `to` is a bus'))  # fmt: skip
    if target.group and kind not in ("queue", "stream"):
        problems.append(Problem(code="EF-PIPE-GROUP", given=f"group for a {kind}",
                                allowed="FIFO queues have message groups and streams partition keys",
                                fix="leave it out"))  # fmt: skip
    if kind == "bus":
        problems += _elsewhere(receiver, scope)
    if kind == "destination" and target.input is None and not enriched:
        problems.append(Problem(code="EF-PIPE-INPUT", given="an API destination without input",
                                allowed=f"{PIPE_TARGETS} wants what it sends to have the shape that the API takes",
                                fix='give PipeTarget(to=…, input={"order": "<$.body.id>"})'))  # fmt: skip
    if target.wait and kind not in ("function", "machine"):
        problems.append(Problem(code="EF-PIPE-WAIT", given=f"wait for a {kind}",
                                allowed=f"{PIPE_TARGETS} waits for functions and express state machines",
                                fix="leave it out"))  # fmt: skip
    if target.wait and kind == "machine" and not _is_express(receiver):
        problems.append(Problem(code="EF-PIPE-WAIT", given="wait for a standard state machine",
                                allowed=f"{PIPE_TARGETS} waits for functions and express state machines",
                                fix="leave out wait, or make it express"))  # fmt: skip
    return problems


def batch_problems(batch: int, what: str, kind: str, most: int | None) -> list[Problem]:
    """A batch that is larger than what the end takes at once."""
    if most is None or batch <= most:
        return []
    return [Problem(code="EF-PIPE-BATCH", given=f"batch is {batch:,} and the {what} is a {kind}",
                    allowed=f"{BATCHES} gives it at most {most:,} at once", fix=f"choose a batch of at most {most:,}")]  # fmt: skip


def _is_express(machine: Any) -> bool:
    """An imported one may be."""
    return getattr(machine, "state_machine_type", None) in (None, stepfunctions.StateMachineType.EXPRESS)


def _elsewhere(bus: Any, scope: Construct) -> list[Problem]:
    stack = cdk.Stack.of(scope)
    own = ((bus.env.account, stack.account), (bus.env.region, stack.region))
    other = [theirs for theirs, ours in own if theirs != ours and not cdk.Token.is_unresolved(theirs)
             and not cdk.Token.is_unresolved(ours)]  # fmt: skip
    if not other:
        return []
    return [Problem(code="EF-PIPE-BUS", given=f"the bus is in {' and '.join(other)}",
                    allowed=f"{PIPE_TARGETS} puts events on buses of its own account and region",
                    fix="give a bus of this stack, and a route from there")]  # fmt: skip


def _event(target: PipeTarget) -> tuple[str, str]:
    if isinstance(target.event, type):
        contract = Contract.from_model(target.event)
        return contract.source, contract.detail_type
    assert target.event is not None
    return target.event


def _id_path(kind_of_source: str) -> str:
    """What tells a record from all others."""
    return "$.messageId" if kind_of_source == "sqs" else "$.eventID"


def _function(receiver: Any, *, wait: bool) -> End:
    consumer = consumer_of(receiver)
    return End(
        arn=consumer.arn,
        rights={("lambda:InvokeFunction",): (consumer.arn,)},
        parameters={"lambda_function_parameters": {"invocation_type": "REQUEST_RESPONSE" if wait else "FIRE_AND_FORGET"}},
        takes=(consumer.timeout or timedelta(0)) if wait else timedelta(0),
    )


def _machine(machine: Any, target: PipeTarget, _: str) -> End:
    wait = bool(target.wait)
    return End(
        arn=machine.state_machine_arn,
        rights={("states:StartSyncExecution" if wait else "states:StartExecution",): (machine.state_machine_arn,)},
        parameters={"step_function_state_machine_parameters": {"invocation_type": "REQUEST_RESPONSE" if wait else "FIRE_AND_FORGET"}},
    )


def _queue(queue: Any, target: PipeTarget, kind_of_source: str) -> End:
    ordered = {"message_group_id": target.group, "message_deduplication_id": _id_path(kind_of_source)}
    return End(
        arn=queue.queue_arn,
        rights={("sqs:SendMessage",): (queue.queue_arn,)},
        parameters={"sqs_queue_parameters": ordered if queue.fifo else {"message_group_id": target.group}} if target.group else {},
        most=10,
        key=queue.encryption_master_key,
    )


def _topic(topic: Any, target: PipeTarget, _: str) -> End:
    key = getattr(target.to, "key", None) or topic.master_key
    return End(arn=topic.topic_arn, rights={("sns:Publish",): (topic.topic_arn,)}, most=10, key=key)


def _bus(bus: Any, target: PipeTarget, _: str) -> End:
    source, detail_type = _event(target)
    return End(
        arn=bus.event_bus_arn,
        rights={("events:PutEvents",): (bus.event_bus_arn,)},
        parameters={"event_bridge_event_bus_parameters": {"source": source, "detail_type": detail_type}},
        most=10,
    )


def _stream(stream: Any, target: PipeTarget, kind_of_source: str) -> End:
    rights: dict[tuple[str, ...], tuple[str, ...]] = {("kinesis:PutRecord", "kinesis:PutRecords"): (stream.stream_arn,)}
    if stream.encryption_key is not None:
        rights["kms:GenerateDataKey",] = (stream.encryption_key.key_arn,)
    return End(
        arn=stream.stream_arn,
        rights=rights,
        parameters={"kinesis_stream_parameters": {"partition_key": target.group or _id_path(kind_of_source)}},
        most=500,
    )


def _log_group(group: Any, _: PipeTarget, __: str) -> End:
    arn = log_group_arn(group)
    return End(
        arn=arn,
        rights={("logs:CreateLogStream", "logs:PutLogEvents"): (f"{arn}:log-stream:{LOG_STREAM}",)},
        parameters={"cloud_watch_logs_parameters": {"log_stream_name": LOG_STREAM}},
        most=10_000,
    )


def _delivery_stream(stream: Any, _: PipeTarget, __: str) -> End:
    arn = stream.delivery_stream_arn
    return End(arn=arn, rights={("firehose:PutRecord", "firehose:PutRecordBatch"): (arn,)}, most=500)


def _destination(destination: Any, _: PipeTarget, __: str) -> End:
    target = api_destination_target(destination)
    return End(arn=target.arn, rights={(action,): tuple(on) for action, on in target.actions().items()}, most=1)


def _task(task: FargateTask, _: PipeTarget, __: str) -> End:
    target = task_target(task)
    given = target.properties()["ecs_parameters"]
    network = {"awsvpcConfiguration": given["networkConfiguration"]["awsVpcConfiguration"]}
    rights: dict[tuple[str, ...], tuple[str, ...]] = {(action,): tuple(on) for action, on in target.actions().items()}
    return End(arn=target.arn, rights=rights, parameters={"ecs_task_parameters": {**given, "networkConfiguration": network}}, most=1)


_ATTRIBUTES: Mapping[str, str] = {
    "topic": "topic_arn",
    "queue": "queue_arn",
    "bus": "event_bus_arn",
    "stream": "stream_arn",
    "group": "log_group_arn",
    "delivery": "delivery_stream_arn",
    "machine": "state_machine_arn",
    "destination": "api_destination_arn",
}
_END: Mapping[str, Callable[[Any, PipeTarget, str], End]] = {
    "function": lambda receiver, target, _: _function(receiver, wait=target.wait is not False),
    "machine": _machine,
    "queue": _queue,
    "topic": _topic,
    "bus": _bus,
    "stream": _stream,
    "group": _log_group,
    "delivery": _delivery_stream,
    "destination": _destination,
    "task": _task,
}
