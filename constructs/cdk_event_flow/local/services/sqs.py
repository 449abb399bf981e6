"""Amazon SQS, answered by the run's own queues."""

import re
from collections.abc import Mapping
from typing import Any

from cdk_event_flow.local.engine import Engine
from cdk_event_flow.local.messages import Message, Place, md5_of_attributes, md5_of_body, size_in_bytes
from cdk_event_flow.local.moves import move_messages
from cdk_event_flow.local.post import Parcel
from cdk_event_flow.local.queues import LocalQueue
from cdk_event_flow.local.services.service import Result, Service, batch, paged
from cdk_event_flow.local.trace import State
from cdk_event_flow.local.wire import Caller, ServiceError

_PREFIX = "AWS.SimpleQueueService."
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
_LONGEST_VISIBILITY = 43_200
_LONGEST_DELAY = 900
_LONGEST_WAIT = 20
_BATCH_BYTES = 1_048_576
# https://www.w3.org/TR/REC-xml/#charsets
_NOT_ALLOWED = re.compile("[^\\t\\n\\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ATTRIBUTES = frozenset(
    {
        "All", "Policy", "VisibilityTimeout", "MaximumMessageSize", "MessageRetentionPeriod", "ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesNotVisible", "CreatedTimestamp", "LastModifiedTimestamp", "QueueArn",
        "ApproximateNumberOfMessagesDelayed", "DelaySeconds", "ReceiveMessageWaitTimeSeconds", "RedrivePolicy", "FifoQueue",
        "ContentBasedDeduplication", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "DeduplicationScope",
        "FifoThroughputLimit", "RedriveAllowPolicy", "SqsManagedSseEnabled",
    }
)  # fmt: skip


class Sqs(Service):
    """`base_url` (http://127.0.0.1:port) is where the queue URLs given out point to."""

    name = "sqs"

    def __init__(self, engine: Engine, base_url: str) -> None:
        super().__init__()
        self._engine = engine
        self._base_url = base_url
        self._moves: list[dict[str, Any]] = []
        self.operations = {
            "GetQueueUrl": self._get_queue_url,
            "ListQueues": self._list_queues,
            "GetQueueAttributes": self._get_attributes,
            "SendMessage": self._send,
            "SendMessageBatch": self._send_batch,
            "ReceiveMessage": self._receive,
            "DeleteMessage": self._delete,
            "DeleteMessageBatch": self._delete_batch,
            "ChangeMessageVisibility": self._change_visibility,
            "ChangeMessageVisibilityBatch": self._change_visibility_batch,
            "PurgeQueue": self._purge,
            "ListDeadLetterSourceQueues": self._sources,
            "StartMessageMoveTask": self._start_move,
            "ListMessageMoveTasks": self._list_moves,
            "CancelMessageMoveTask": self._cancel_move,
        }

    def _queue(self, parameters: dict[str, Any]) -> LocalQueue:
        queue = self._engine.queue(str(parameters.get("QueueUrl", "")))
        if queue is None:
            raise _no_queue()
        return queue

    def _url(self, queue: LocalQueue) -> str:
        return f"{self._base_url}/{self._engine.account}/{queue.name}"

    def _get_queue_url(self, parameters: dict[str, Any], _: Caller) -> Result:
        for queue in self._engine.queues:
            if queue.name == parameters["QueueName"]:
                return {"QueueUrl": self._url(queue)}
        raise _no_queue()

    def _list_queues(self, parameters: dict[str, Any], _: Caller) -> Result:
        prefix = parameters.get("QueueNamePrefix") or ""
        urls = [self._url(queue) for queue in self._engine.queues if queue.name.startswith(prefix)]
        return paged("QueueUrls", urls, parameters, most=1_000, size="MaxResults", token="NextToken")

    def _get_attributes(self, parameters: dict[str, Any], _: Caller) -> Result:
        attributes = queue_attributes(self._queue(parameters))
        wanted = parameters.get("AttributeNames") or []
        for name in wanted:
            if name not in _ATTRIBUTES:
                raise ServiceError("InvalidAttributeName", f"Unknown Attribute {name}.")
        shown = attributes if "All" in wanted else {k: v for k, v in attributes.items() if k in wanted}
        return {"Attributes": shown}

    def _send(self, parameters: dict[str, Any], caller: Caller) -> Result:
        return self._accept(self._queue(parameters), parameters, caller)

    def _send_batch(self, parameters: dict[str, Any], caller: Caller) -> Result:
        queue = self._queue(parameters)
        entries = parameters["Entries"]
        size = sum(size_in_bytes(entry["MessageBody"], entry.get("MessageAttributes") or {}) for entry in entries)
        if size > _BATCH_BYTES:
            message = f"Batch requests cannot be longer than {_BATCH_BYTES} bytes. You have sent {size} bytes."
            raise ServiceError(f"{_PREFIX}BatchRequestTooLong", message)
        return batch(entries, lambda e: self._accept(queue, e, caller), prefix=_PREFIX)

    def _accept(self, queue: LocalQueue, entry: dict[str, Any], caller: Caller) -> Result:
        if _NOT_ALLOWED.search(entry["MessageBody"]):
            words = "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | "
            raise ServiceError("InvalidMessageContents", words + "#xE000 to #xFFFD | #x10000 to #x10FFFF")
        _within(entry, "DelaySeconds", _LONGEST_DELAY)
        attributes = entry.get("MessageAttributes") or {}
        system = entry.get("MessageSystemAttributes") or {}
        parcel = Parcel(
            body=entry["MessageBody"],
            attributes=attributes,
            group_id=entry.get("MessageGroupId"),
            deduplication_id=entry.get("MessageDeduplicationId"),
            trace_header=system.get("AWSTraceHeader", {}).get("StringValue", caller.trace_header),
        )
        queue.check(parcel)
        delivery = self._engine.hub.trace.begin(
            queue.kind,
            queue.node.arn,
            queue.name,
            parcel.body,
            origin="SendMessage",
            cause=caller.trace_header,
            request=caller.request_id,
        )
        message = queue.send(parcel, delivery, delay=entry.get("DelaySeconds"))
        sent: dict[str, Any] = {"MessageId": message.id, "MD5OfMessageBody": md5_of_body(parcel.body)}
        if attributes:
            sent["MD5OfMessageAttributes"] = md5_of_attributes(attributes)
        if queue.node.fifo:
            sent["SequenceNumber"] = message.sequence_number
        return sent

    async def _receive(self, parameters: dict[str, Any], caller: Caller) -> Result:
        queue = self._queue(parameters)
        maximum = parameters.get("MaxNumberOfMessages") or 1
        if not 1 <= maximum <= 10:
            message = f"Value {maximum} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10"
            raise ServiceError("InvalidParameterValue", message)
        _within(parameters, "WaitTimeSeconds", _LONGEST_WAIT)
        _within(parameters, "VisibilityTimeout", _LONGEST_VISIBILITY)
        wait = float(parameters.get("WaitTimeSeconds") or 0)
        received = await self._take(queue, maximum, wait, parameters.get("VisibilityTimeout"), caller)
        system = [*(parameters.get("AttributeNames") or []), *(parameters.get("MessageSystemAttributeNames") or [])]
        names = parameters.get("MessageAttributeNames") or []
        shown = [self._shown(queue, message, system, names) for message in received]
        return {"Messages": shown} if shown else {}

    async def _take(
        self,
        queue: LocalQueue,
        maximum: int,
        wait: float,
        visibility: int | None,
        caller: Caller,  # noqa: ARG002
    ) -> list[Message]:
        """What a caller is given, who may wait for it."""
        return await queue.receive_within(maximum, wait, visibility=visibility)

    def _shown(self, queue: LocalQueue, message: Message, system: list[str], names: list[str]) -> Result:
        shown: dict[str, Any] = {
            "MessageId": message.id,
            "ReceiptHandle": message.receipt,
            "MD5OfBody": md5_of_body(message.body),
            "Body": message.body,
        }
        every = message.system_attributes(queue.node.fifo, self._engine.account)
        attributes = every if "All" in system else {k: v for k, v in every.items() if k in system}
        if attributes:
            shown["Attributes"] = attributes
        chosen = {k: v for k, v in message.attributes.items() if _is_chosen(k, names)}
        if chosen:
            shown["MessageAttributes"] = chosen
            shown["MD5OfMessageAttributes"] = md5_of_attributes(chosen)
        return shown

    def _delete(self, parameters: dict[str, Any], _: Caller) -> Result:
        return self._delete_one(self._queue(parameters), parameters)

    def _delete_batch(self, parameters: dict[str, Any], _: Caller) -> Result:
        queue = self._queue(parameters)
        return batch(parameters["Entries"], lambda e: self._delete_one(queue, e), prefix=_PREFIX)

    def _delete_one(self, queue: LocalQueue, entry: dict[str, Any]) -> Result:
        if found := queue.find(_receipt(entry)):
            queue.remove(found, State.PROCESSED, "deleted by a client")
        return {}

    def _change_visibility(self, parameters: dict[str, Any], _: Caller) -> Result:
        return self._change_one(self._queue(parameters), parameters)

    def _change_visibility_batch(self, parameters: dict[str, Any], _: Caller) -> Result:
        queue = self._queue(parameters)
        return batch(parameters["Entries"], lambda e: self._change_one(queue, e), prefix=_PREFIX)

    def _change_one(self, queue: LocalQueue, entry: dict[str, Any]) -> Result:
        _within(entry, "VisibilityTimeout", _LONGEST_VISIBILITY)
        seconds = entry.get("VisibilityTimeout") or 0
        found = queue.find(_receipt(entry))
        if found is None or found.place is not Place.IN_FLIGHT:
            message = "Message does not exist or is not available for visibility timeout change."
            raise ServiceError(f"{_PREFIX}MessageNotInflight", message)
        queue.change_visibility(found, seconds)
        return {}

    def _purge(self, parameters: dict[str, Any], _: Caller) -> Result:
        self._queue(parameters).purge()
        return {}

    def _sources(self, parameters: dict[str, Any], _: Caller) -> Result:
        arn = self._queue(parameters).node.arn
        return {"queueUrls": [self._url(q) for q in self._engine.queues if q.node.dead_letter_arn == arn]}

    def _start_move(self, parameters: dict[str, Any], _: Caller) -> Result:
        queue = self._engine.queue(parameters["SourceArn"])
        if queue is None:
            raise ServiceError("ResourceNotFoundException", "The resource that you specified doesn't exist.")
        if not any(each.node.dead_letter_arn == queue.node.arn for each in self._engine.queues):
            raise ServiceError("InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.")
        hub = self._engine.hub
        moved = move_messages(queue, parameters.get("DestinationArn"), post=hub.post, trace=hub.trace)
        handle = hub.ids.uuid()
        task = {
            "TaskHandle": handle,
            "Status": "COMPLETED",
            "SourceArn": queue.node.arn,
            "ApproximateNumberOfMessagesMoved": moved,
            "ApproximateNumberOfMessagesToMove": moved,
            "StartedTimestamp": int(hub.clock.now() * 1000),
        }
        if parameters.get("DestinationArn"):
            task["DestinationArn"] = parameters["DestinationArn"]
        self._moves.insert(0, task)
        return {"TaskHandle": handle}

    def _cancel_move(self, parameters: dict[str, Any], _: Caller) -> Result:
        """A task moves all at once here, so that there is never one to cancel."""
        if any(task["TaskHandle"] == parameters["TaskHandle"] for task in self._moves):
            raise ServiceError(f"{_PREFIX}UnsupportedOperation", "Only active tasks can be cancelled.")
        raise ServiceError("ResourceNotFoundException", "Task does not exist.")

    def _list_moves(self, parameters: dict[str, Any], _: Caller) -> Result:
        mine = [task for task in self._moves if task["SourceArn"] == parameters["SourceArn"]]
        return {"Results": mine[: parameters.get("MaxResults") or 1]}


def queue_attributes(queue: LocalQueue) -> dict[str, str]:
    """What GetQueueAttributes says of a queue."""
    node = queue.node
    attributes = {
        "QueueArn": node.arn,
        "ApproximateNumberOfMessages": str(queue.count(Place.VISIBLE)),
        "ApproximateNumberOfMessagesNotVisible": str(queue.count(Place.IN_FLIGHT)),
        "ApproximateNumberOfMessagesDelayed": str(queue.count(Place.DELAYED)),
        "VisibilityTimeout": str(node.visibility),
        "MessageRetentionPeriod": str(node.retention),
        "DelaySeconds": str(node.delay),
        "ReceiveMessageWaitTimeSeconds": "0",
    }
    if node.dead_letter_arn:
        attributes["RedrivePolicy"] = f'{{"deadLetterTargetArn":"{node.dead_letter_arn}","maxReceiveCount":{node.max_receives}}}'
    if node.fifo:
        attributes["FifoQueue"] = "true"
        attributes["ContentBasedDeduplication"] = str(node.content_deduplication).lower()
    return attributes


def _within(given: Mapping[str, Any], name: str, most: int) -> None:
    """Raise ServiceError where a parameter in seconds is not between 0 and `most`."""
    value = given.get(name)
    if value is not None and not 0 <= value <= most:
        message = f"Value {value} for parameter {name} is invalid. Reason: Must be between 0 and {most}"
        raise ServiceError("InvalidParameterValue", message)


def _receipt(entry: Mapping[str, Any]) -> str:
    """The receipt handle of a request. Raises ServiceError for a text that is none."""
    receipt = str(entry["ReceiptHandle"])
    if "#" not in receipt:
        raise ServiceError("ReceiptHandleIsInvalid", f'The input receipt handle "{receipt}" is not a valid receipt handle.')
    return receipt


def _is_chosen(name: str, wanted: list[str]) -> bool:
    return any(one in ("All", ".*", name) or (one.endswith(".*") and name.startswith(one[:-2])) for one in wanted)


def _no_queue() -> ServiceError:
    return ServiceError(f"{_PREFIX}NonExistentQueue", "The specified queue does not exist.")
