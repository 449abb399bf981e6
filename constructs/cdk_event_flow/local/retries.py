"""Delivering again when a receiver refuses for now, until the sender's patience ends."""

from collections.abc import Awaitable
from dataclasses import dataclass
from functools import partial

from cdk_event_flow.local.ends import lay_down
from cdk_event_flow.local.hub import Hub
from cdk_event_flow.local.keeper import Kind
from cdk_event_flow.local.patience import GaveUp, LastResort, Patience
from cdk_event_flow.local.post import Parcel, RefusedError
from cdk_event_flow.local.trace import Attempt, Delivery, State


@dataclass(kw_only=True, slots=True)
class Errand:
    """A delivery on its way to `arn`: `retries` made so far, the next at `due`, none after `deadline` (epoch seconds)."""

    arn: str
    parcel: Parcel
    delivery: Delivery
    patience: Patience
    last_resort: LastResort
    deadline: float
    retries: int = 0
    due: float = 0.0


class Retries:
    """Hands parcels over through the post, and tries again as a service does."""

    def __init__(self, *, hub: Hub) -> None:
        self._hub = hub
        self._clock = hub.clock
        self._trace = hub.trace
        self._post = hub.post
        self._keep = hub.keep

    def deliver(self, arn: str, parcel: Parcel, delivery: Delivery, *, patience: Patience, last_resort: LastResort) -> None:
        """Hand `delivery` to `arn`; after refusals try again as `patience` says, then lay it down at the last resort."""
        deadline = self._clock.now() + patience.max_age
        self._try(
            Errand(
                arn=arn,
                parcel=parcel,
                delivery=delivery,
                patience=patience,
                last_resort=last_resort,
                deadline=deadline,
            )
        )

    def resume(self, errand: Errand) -> None:
        """Go on with an errand that waits for its next try."""
        self._keep.put(Kind.RETRY, errand.delivery.id, errand)
        self._clock.call_at(errand.due, partial(self._try_again, errand))

    def _try_again(self, errand: Errand) -> None:
        self._keep.drop(Kind.RETRY, errand.delivery.id)
        self._try(errand)

    def _try(self, errand: Errand) -> None:
        try:
            taking = self._post.deliver(errand.arn, errand.parcel, errand.delivery)
        except RefusedError as refusal:
            self._refused(errand, refusal)
        else:
            if taking is not None:
                self._keep.put(Kind.RETRY, errand.delivery.id, errand)
                self._clock.spawn(self._await(errand, taking))

    async def _await(self, errand: Errand, taking: Awaitable[None]) -> None:
        try:
            await taking
            self._keep.drop(Kind.RETRY, errand.delivery.id)
        except RefusedError as refusal:
            self._keep.drop(Kind.RETRY, errand.delivery.id)
            self._refused(errand, refusal)

    def _refused(self, errand: Errand, refusal: RefusedError) -> None:
        self._note(errand, refusal)
        wait = errand.patience.wait(errand.retries) if refusal.retry else None
        due = self._clock.now() + (wait or 0.0)
        if wait is not None and due <= errand.deadline:
            errand.retries += 1
            errand.due = due
            self.resume(errand)
            return
        condition = "MaximumRetryAttempts" if wait is None else "MaximumEventAgeInSeconds"
        self._give_up(errand, GaveUp(refusal=refusal, retries=errand.retries, condition=condition))

    def _note(self, errand: Errand, refusal: RefusedError) -> None:
        self._trace.attempt(
            errand.delivery,
            Attempt(
                at=self._clock.now(),
                function=errand.arn,
                failed=True,
                error_type=refusal.code,
                error_message=refusal.message,
                ended=True,
            ),
        )

    def _give_up(self, errand: Errand, gave_up: GaveUp) -> None:
        reason = f"{gave_up.refusal.code}: {gave_up.refusal.message}"
        arn = errand.last_resort.arn
        if arn is None:
            self._trace.end(errand.delivery, State.DROPPED, f"{reason} (no dead-letter queue)")
            return
        self._trace.end(errand.delivery, State.DEAD_LETTERED, reason, where=arn)
        lay_down(self._hub, arn, errand.last_resort.letter(gave_up), errand.delivery, via="dead letter")
