"""Sending an event to a bus, topic, queue or function, and what a local run made of it."""

import json
import time
import urllib.request
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cdk_event_flow.errors import EventError, Problem
from cdk_event_flow.flow.entries import entry_of
from cdk_event_flow.flow.model import Bus, Function, Node, Queue, Topic
from cdk_event_flow.operate.stack import Stack

POLL_SECONDS = 0.1


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """That something was taken, under the `id` that the service gave it; `request` is the id of the request."""

    id: str
    request: str


def send(stack: Stack, node: Node, event: Mapping[str, Any], *, attributes: Mapping[str, str], group: str) -> Receipt:
    """Send `event`; `attributes` (texts) and `group` (of a FIFO topic or queue) are for topics and queues.

    A function is invoked asynchronously, as events invoke it. Raises EventError (EF-SEND-REFUSED, EF-EVENT-FORM).
    """
    body = json.dumps(event, ensure_ascii=False)
    more: dict[str, Any] = {"MessageAttributes": {k: {"DataType": "String", "StringValue": v} for k, v in attributes.items()}}
    if isinstance(node, Topic | Queue) and node.fifo:
        more |= {"MessageGroupId": group, "MessageDeduplicationId": str(uuid.uuid4())}
    match node:
        case Bus():
            answer = stack.aws.sender("events").put_events(Entries=[{**entry_of(event), "EventBusName": node.arn}])
            (entry,) = answer["Entries"]
            if "ErrorCode" in entry:
                raise EventError(node.path, _refused(entry))
            given = entry["EventId"]
        case Topic():
            answer = stack.aws.sender("sns").publish(TopicArn=node.arn, Message=body, **more)
            given = answer["MessageId"]
        case Queue():
            answer = stack.aws.sender("sqs").send_message(QueueUrl=node.url, MessageBody=body, **more)
            given = answer["MessageId"]
        case Function():
            answer = stack.aws.sender("lambda").invoke(FunctionName=node.arn, InvocationType="Event", Payload=body.encode())
            given = answer["ResponseMetadata"]["RequestId"]
        case _:
            raise AssertionError(f"{node.path} takes nothing")
    return Receipt(id=given, request=answer["ResponseMetadata"]["RequestId"])


def trace_of(stack: Stack, receipt: Receipt, *, patience: float, stopped: Callable[[], bool]) -> str:
    """What a local run made of it, as text; after `patience` seconds, or when `stopped`, as far as it is then."""
    until = time.monotonic() + patience
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while True:
        with opener.open(f"{stack.aws.endpoint}/_event-flow/requests/{receipt.request}", timeout=10) as answer:
            told = json.load(answer)
        if told["settled"] or stopped() or time.monotonic() >= until:
            return str(told["text"])
        time.sleep(POLL_SECONDS)


def _refused(entry: Mapping[str, str]) -> Problem:
    return Problem(code="EF-SEND-REFUSED", given=f"the event was refused: {entry.get('ErrorMessage')}",
                   allowed=f"EventBridge answers {entry['ErrorCode']}", fix="correct the event")  # fmt: skip
