"""Amazon SQS as workers ask it: the run knows which of them asks, and what it holds."""

from typing import Any

from cdk_event_flow.local.clock import Bell
from cdk_event_flow.local.engine import Engine
from cdk_event_flow.local.messages import Message
from cdk_event_flow.local.queues import LocalQueue
from cdk_event_flow.local.services.service import Result
from cdk_event_flow.local.services.sqs import Sqs
from cdk_event_flow.local.wire import Caller
from cdk_event_flow.local.workers.fleet import LocalFleet
from cdk_event_flow.local.workers.fleets import Fleets
from cdk_event_flow.local.workers.process import WorkerProcess


class SqsForWorkers(Sqs):
    """Everybody else is answered as by `Sqs`."""

    def __init__(self, engine: Engine, base_url: str, fleets: Fleets) -> None:
        super().__init__(engine, base_url)
        self._fleets = fleets
        self._clock = engine.hub.clock

    async def handle(self, operation: str, parameters: dict[str, Any], caller: Caller) -> Result:
        """See Service."""
        fleet, worker = self._fleets.asking(caller.access_key)
        if fleet is None or worker is None:
            return await super().handle(operation, parameters, caller)
        with worker.answered():
            return await self._for_worker(fleet, worker, operation, parameters, caller)

    async def _for_worker(
        self, fleet: LocalFleet, worker: WorkerProcess, operation: str, parameters: dict[str, Any], caller: Caller
    ) -> Result:
        if operation in ("ReceiveMessage", "DeleteMessageBatch"):
            await worker.has_worked()
            if not worker.alive:  # killed before its question came
                return {}
            if operation == "ReceiveMessage":
                kind, why = worker.error
                fleet.give_up(worker, None, kind or "BatchItemFailure", why or "the handler returned this record as failed")
            else:
                receipts = [str(entry.get("ReceiptHandle", "")) for entry in parameters.get("Entries") or ()]
                fleet.deleting(worker, [receipt.partition("#")[0] for receipt in receipts])
        return await super().handle(operation, parameters, caller)

    async def _take(self, queue: LocalQueue, maximum: int, wait: float, visibility: int | None, caller: Caller) -> list[Message]:
        fleet, worker = self._fleets.asking(caller.access_key)
        if fleet is None or worker is None:
            # A worker that has ended may have a question on the way still.
            return [] if self._fleets.ended(caller.access_key) else await super()._take(queue, maximum, wait, visibility, caller)
        until = self._clock.now() + wait
        received: list[Message] = []
        while worker.alive and not worker.stopping and not (received := queue.receive(maximum, visibility=visibility)):
            left = until - self._clock.now()
            if left <= 0:
                break
            bell = Bell(self._clock)
            queue.available.append(bell.ring)
            try:
                await worker.until_rung(bell, left)
            finally:
                queue.available.remove(bell.ring)
        if received:
            fleet.received(worker, received)
        return received
