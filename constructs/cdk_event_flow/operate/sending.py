"""Sending copies so that it is known of each what became of it: taken, refused, or in doubt.

A request is repeated only where the service said that it did nothing (throttled), or where nobody was reached: the SDK's own
repeating would send twice what was taken without an answer.
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import (  # type: ignore[import-untyped]
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
)

from cdk_event_flow.errors import Problem, RunError
from cdk_event_flow.flow.entries import entry_of
from cdk_event_flow.flow.payload import json_or_text
from cdk_event_flow.operate.aws import ATTEMPTS, Aws, code_of, concerns_all, is_throttled
from cdk_event_flow.operate.back import Copy

FIRST_WAIT, LONGEST_WAIT = 0.1, 10.0  # seconds

# Of one batch request: entries and bytes.
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
# https://docs.aws.amazon.com/general/latest/gr/sns.html
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html
MOST_ENTRIES = {"sqs": 10, "sns": 10, "events": 10, "lambda": 1}
MOST_BYTES = {"sqs": 1_048_576, "sns": 262_144, "events": 1_048_576, "lambda": 1_048_576}


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of one copy: `taken` under the id `given`, or refused for `refusal`, or neither: in doubt."""

    copy: Copy
    taken: bool = False
    given: str = ""
    refusal: str = ""

    @property
    def doubtful(self) -> bool:
        """Whether nobody can say if it was taken."""
        return not self.taken and not self.refusal


def chunks(copies: Sequence[Copy], *, most: int | None = None) -> Iterator[list[Copy]]:
    """Copies for one place in requests that a service takes, of `most` copies; of a FIFO group one in each, to keep its order."""
    chunk: list[Copy] = []
    size = 0
    for copy in copies:
        of_copy = _bytes(copy)
        entries = min(MOST_ENTRIES[copy.service], most or MOST_ENTRIES[copy.service])
        full = chunk and (len(chunk) == entries or size + of_copy > MOST_BYTES[copy.service])
        if full or (copy.fifo and any(each.group == copy.group for each in chunk)):
            yield chunk
            chunk, size = [], 0
        chunk.append(copy)
        size += of_copy
    if chunk:
        yield chunk


def _bytes(copy: Copy) -> int:
    values = (str(each.get("StringValue", "")).encode() + (each.get("BinaryValue") or b"") for each in copy.attributes.values())
    return len(copy.body.encode()) + sum(map(len, values)) + sum(len(name) + 64 for name in copy.attributes) + 256


class Sender:
    """Sends to queues, topics, buses and functions. `sleep` waits, in seconds, between attempts."""

    def __init__(self, aws: Aws, url: Callable[[str], str], sleep: Callable[[float], None] = time.sleep) -> None:
        self._aws = aws
        self._url = url
        self._sleep = sleep
        self._ways = {"sqs": self._to_queue, "sns": self._to_topic, "events": self._to_bus, "lambda": self._to_function}

    def send(self, chunk: Sequence[Copy]) -> Iterator[list[Outcome]]:
        """Send one chunk, giving what became of its copies as it becomes known.

        Of those that nothing was given for when it raises, nothing was sent: RunError (EF-AWS-THROTTLED, also for what cannot
        be reached), ClientError for what every request would be refused for.
        """
        left, asked = list(chunk), set[int]()
        try:
            for attempt in range(ATTEMPTS):
                if attempt:
                    self._sleep(min(FIRST_WAIT * 2**attempt, LONGEST_WAIT) * random.uniform(0.5, 1.0))
                outcomes, left = self._attempt(left, asked)
                yield [Outcome(copy=each.copy) if each.refusal and id(each.copy) in asked else each for each in outcomes]
                if not left:
                    return
        except ClientError:
            yield [Outcome(copy=copy) for copy in left if id(copy) in asked]
            raise
        yield [Outcome(copy=copy) for copy in left if id(copy) in asked]
        raise RunError(chunk[0].arn, _throttled())

    def _attempt(self, chunk: list[Copy], asked: set[int]) -> tuple[list[Outcome], list[Copy]]:
        """What became of the copies, and those to try again; `asked` are those that an answer is missing for."""
        try:
            answers = self._ways[chunk[0].service](chunk)
        except (EndpointConnectionError, ConnectTimeoutError):
            return [], chunk
        except HTTPClientError:
            return _without_answer(chunk, asked)
        except ClientError as error:
            if is_throttled(code_of(error)):
                return [], chunk
            if error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
                return _without_answer(chunk, asked)
            if concerns_all(code_of(error)):
                raise
            return self._one_by_one(chunk, error, asked)
        again = [each for each in answers if is_throttled(each.refusal.partition(":")[0])]
        return [each for each in answers if each not in again], [each.copy for each in again]

    def _one_by_one(self, chunk: list[Copy], error: Any, asked: set[int]) -> tuple[list[Outcome], list[Copy]]:
        """A request that is refused as a whole: for one copy in it, so the others are sent without."""
        if len(chunk) == 1:
            message = error.response.get("Error", {}).get("Message", "")
            return [Outcome(copy=chunk[0], refusal=f"{code_of(error)}: {message}")], []
        tried = [self._attempt([copy], asked) for copy in chunk]
        return [each for answers, _ in tried for each in answers], [each for _, again in tried for each in again]

    def _to_queue(self, chunk: Sequence[Copy]) -> list[Outcome]:
        entries = [_entry(copy, number, "MessageBody") for number, copy in enumerate(chunk)]
        for entry, copy in zip(entries, chunk, strict=True):
            if copy.trace_header:
                header = {"DataType": "String", "StringValue": copy.trace_header}
                entry["MessageSystemAttributes"] = {"AWSTraceHeader": header}
        answer = self._aws.sender("sqs").send_message_batch(QueueUrl=self._url(chunk[0].arn), Entries=entries)
        return _of_batch(chunk, answer)

    def _to_topic(self, chunk: Sequence[Copy]) -> list[Outcome]:
        entries = [_entry(copy, number, "Message") for number, copy in enumerate(chunk)]
        answer = self._aws.sender("sns").publish_batch(TopicArn=chunk[0].arn, PublishBatchRequestEntries=entries)
        return _of_batch(chunk, answer)

    def _to_bus(self, chunk: Sequence[Copy]) -> list[Outcome]:
        events = [(copy, json_or_text(copy.body)) for copy in chunk]
        fit = [(copy, event) for copy, event in events if isinstance(event, dict) and {"source", "detail-type"} <= event.keys()]
        refused = [Outcome(copy=copy, refusal="a bus takes an event with source and detail-type") for copy, event in events
                   if all(copy is not fits for fits, _ in fit)]  # fmt: skip
        if not fit:
            return refused
        entries = [
            {**entry_of(event), "EventBusName": copy.arn, **({"TraceHeader": copy.trace_header} if copy.trace_header else {})}
            for copy, event in fit
        ]
        answer = self._aws.sender("events").put_events(Entries=entries)
        return refused + [
            Outcome(copy=copy, taken=True, given=each["EventId"])
            if "EventId" in each
            else Outcome(copy=copy, refusal=f"{each.get('ErrorCode')}: {each.get('ErrorMessage')}")
            for (copy, _), each in zip(fit, answer["Entries"], strict=True)
        ]

    def _to_function(self, chunk: Sequence[Copy]) -> list[Outcome]:
        (copy,) = chunk
        answer = self._aws.sender("lambda").invoke(FunctionName=copy.arn, InvocationType="Event", Payload=copy.body.encode())
        return [Outcome(copy=copy, taken=True, given=answer["ResponseMetadata"].get("RequestId", ""))]


def _without_answer(chunk: list[Copy], asked: set[int]) -> tuple[list[Outcome], list[Copy]]:
    """A FIFO queue takes the same deduplication id once in five minutes: there it is safe to ask again."""
    again = [copy for copy in chunk if copy.fifo]
    asked.update(id(copy) for copy in again)
    return [Outcome(copy=copy) for copy in chunk if not copy.fifo], again


def _entry(copy: Copy, number: int, body: str) -> dict[str, Any]:
    entry: dict[str, Any] = {"Id": str(number), body: copy.body}
    if copy.attributes:
        entry["MessageAttributes"] = {name: _attribute(value) for name, value in copy.attributes.items()}
    if copy.group:
        entry["MessageGroupId"] = copy.group
    if copy.deduplication:
        entry["MessageDeduplicationId"] = copy.deduplication
    return entry


def _attribute(value: Mapping[str, Any]) -> dict[str, Any]:
    """As it may be sent: what is received has empty lists beside its value."""
    return {key: value[key] for key in ("DataType", "StringValue", "BinaryValue") if key in value}


def _of_batch(chunk: Sequence[Copy], answer: Mapping[str, Any]) -> list[Outcome]:
    outcomes = [
        Outcome(copy=chunk[int(each["Id"])], refusal=f"{each['Code']}: {each.get('Message', '')}")
        for each in answer.get("Failed", ())
    ]
    for each in answer.get("Successful", ()):
        copy = chunk[int(each["Id"])]
        # A FIFO queue answers with the id of the first message where it takes this one for its duplicate, and drops it.
        swallowed = copy.fifo and each["MessageId"] == copy.letter.id
        refusal = "it counts as a duplicate of itself for five minutes after its first sending; try again then" if swallowed else ""
        outcomes.append(Outcome(copy=copy, taken=not swallowed, given=each["MessageId"], refusal=refusal))
    return outcomes


def _throttled() -> Problem:
    return Problem(
        code="EF-AWS-THROTTLED",
        given=f"it was throttled, or not reached, {ATTEMPTS} times",
        allowed="a service takes as much as its quota allows",
        fix="run the command again, slower (--rate): it goes on where it stopped",
    )
