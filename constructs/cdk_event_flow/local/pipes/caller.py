"""What a pipe does with a batch: enrich it, and give it to the target.

Functions get all records of a batch in one array, every other target gets one after the other.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-batching-concurrency.html
"""

import json
from collections.abc import Sequence
from typing import Any

from cdk_event_flow.flow.payload import as_text
from cdk_event_flow.flow.payloads.pipes import bus_event, dynamic, transformed
from cdk_event_flow.flow.sources import Pipe
from cdk_event_flow.local.buses import LocalBus
from cdk_event_flow.local.functions import Functions
from cdk_event_flow.local.hub import Hub
from cdk_event_flow.local.ids import iso_seconds
from cdk_event_flow.local.invocation import Invocation, answered
from cdk_event_flow.local.post import Parcel, RefusedError
from cdk_event_flow.local.trace import Attempt, Delivery, State

_ID_OF = {"aws:sqs": "messageId"}  # all others name a failed record by its eventID


class PipeCaller:
    """Takes batches for one pipe. See Caller."""

    def __init__(self, pipe: Pipe, functions: Functions, *, hub: Hub, region: str, account: str) -> None:
        self._pipe = pipe
        self._functions = functions
        self._hub = hub
        self._region = region
        self._account = account
        given = pipe.properties.get("TargetParameters") or {}
        self._target: dict[str, Any] = given
        kind = (given.get("LambdaFunctionParameters") or {}).get("InvocationType")
        self._waits = pipe.target_arn in functions.arns() and kind != "FIRE_AND_FORGET"

    def name(self, arn: str) -> str:
        """See Caller."""
        return self._hub.post.name(arn)

    def comes_again(self, arn: str, deliveries: Sequence[Delivery]) -> bool:  # noqa: ARG002
        """See Caller. Faults are put into functions alone."""
        return False

    async def call(
        self,
        arn: str,  # noqa: ARG002 - there is one pipe
        payload: str,
        deliveries: Sequence[Delivery],
        *,
        trace_header: str = "",
    ) -> tuple[Invocation, list[Attempt]]:
        """See Caller."""
        pipe = self._pipe
        records: list[Any] = json.loads(payload)["Records"]
        items = records
        if pipe.enrichment_arn:
            asked = as_text([transformed(pipe, pipe.enrichment_template, record) for record in records])
            answer, attempts = await self._functions.call(pipe.enrichment_arn, asked, deliveries, trace_header=trace_header)
            if answer.fault or _gave_back(answer.payload):
                return answer, attempts
            items = _items(answer.payload)
            if not items:
                return self._answered([]), attempts
        made = [transformed(pipe, pipe.template, item) for item in items]
        if self._waits:
            return await self._functions.call(pipe.target_arn, as_text(made), deliveries, trace_header=trace_header)
        attempts = [self._attempt(delivery) for delivery in deliveries]
        failed = await self._hand_on(items, made, deliveries, trace_header)
        return self._tell(records, items, failed, attempts)

    def _attempt(self, delivery: Delivery) -> Attempt:
        attempt = Attempt(at=self._hub.clock.now(), function=self._pipe.arn, receives=delivery.receives, ended=True)
        self._hub.trace.attempt(delivery, attempt)
        return attempt

    async def _hand_on(
        self, items: list[Any], made: list[Any], deliveries: Sequence[Delivery], header: str
    ) -> dict[int, RefusedError]:
        """Give the target one item after the other; returns what was refused, by its place."""
        if self._pipe.target_arn in self._functions.arns():
            refused = await self._send(as_text(made), items[0], deliveries[0], header)
            return dict.fromkeys(range(len(items)), refused) if refused else {}
        failed: dict[int, RefusedError] = {}
        for place, (item, given) in enumerate(zip(items, made, strict=True)):
            origin = deliveries[min(place, len(deliveries) - 1)]
            if refused := await self._send(self._body(item, given), item, origin, header):
                failed[place] = refused
        return failed

    async def _send(self, body: str, item: Any, origin: Delivery, header: str) -> RefusedError | None:
        hub, arn = self._hub, self._pipe.target_arn
        kind, name = hub.post.kind_and_name(arn)
        child = hub.trace.child(origin, kind, arn, name, body, via=hub.post.name(self._pipe.arn))
        try:
            if (taking := hub.post.deliver(arn, self._parcel(body, item, header), child)) is not None:
                await taking
        except RefusedError as refusal:
            hub.trace.end(child, State.DROPPED, f"{refusal.code}: {refusal.message}; the pipe tries again")
            return refusal
        return None

    def _body(self, item: Any, given: Any) -> str:
        if not isinstance(self._hub.post.find(self._pipe.target_arn), LocalBus):
            return as_text(given)
        event = bus_event(self._pipe, given, item, account=self._account, region=self._region)
        return as_text({**event, "id": self._hub.ids.uuid(), "time": iso_seconds(self._hub.clock.now())})

    def _parcel(self, body: str, item: Any, header: str) -> Parcel:
        def told(kind: str, name: str) -> str | None:
            given = (self._target.get(kind) or {}).get(name)
            found = dynamic(given, item) if isinstance(given, str) else None
            return None if found is None else str(found)

        return Parcel(
            body=body,
            trace_header=header,
            group_id=told("SqsQueueParameters", "MessageGroupId"),
            deduplication_id=told("SqsQueueParameters", "MessageDeduplicationId"),
            key=told("KinesisStreamParameters", "PartitionKey") or "",
            web=self._target.get("HttpParameters") or {},
        )

    def _tell(
        self, records: list[Any], items: list[Any], failed: dict[int, RefusedError], attempts: list[Attempt]
    ) -> tuple[Invocation, list[Attempt]]:
        """The answer; where the enrichment made more or fewer of the records, all of them fail together."""
        alike = len(items) == len(records)
        places = sorted(failed) if alike or not failed else list(range(len(records)))
        for place in places:
            refusal = failed.get(place) or next(iter(failed.values()))
            if place < len(attempts):
                attempts[place].failed = True
                attempts[place].error_type, attempts[place].error_message = refusal.code, refusal.message
        return self._answered(
            [str(records[place].get(_ID_OF.get(records[place].get("eventSource"), "eventID"))) for place in places]
        ), attempts

    def _answered(self, failed: list[str]) -> Invocation:
        answer = {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}
        return Invocation(
            request_id=self._hub.ids.uuid(), function_arn=self._pipe.arn, version="$LATEST", payload=json.dumps(answer).encode()
        )


def _gave_back(payload: bytes) -> bool:
    """Whether the enrichment said which records failed."""
    answer = answered(payload)
    return isinstance(answer, dict) and bool(answer.get("batchItemFailures"))


def _items(payload: bytes) -> list[Any]:
    """What an enrichment made of a batch; nothing, where it gave nothing: then the target is not called."""
    answer = answered(payload)
    if answer in (None, "", {}, []):
        return []
    return answer if isinstance(answer, list) else [answer]
