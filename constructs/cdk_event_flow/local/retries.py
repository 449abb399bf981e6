"""Delivering again when a receiver refuses for now, until the sender's patience ends."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, islice, repeat

from cdk_event_flow.local.ends import lay_down
from cdk_event_flow.local.hub import Hub
from cdk_event_flow.local.post import Parcel, RefusedError
from cdk_event_flow.local.trace import Attempt, Delivery, State


@dataclass(frozen=True, kw_only=True, slots=True)
class GaveUp:
    """Why a delivery was given up: the last refusal, the retries made, and AWS's name of the condition."""

    refusal: RefusedError
    retries: int
    condition: str


class Retries:
    """Hands parcels over through the post, and tries again as a service does."""

    def __init__(self, *, hub: Hub) -> None:
        self._hub = hub
        self._clock = hub.clock
        self._trace = hub.trace
        self._post = hub.post

    def deliver(
        self,
        arn: str,
        parcel: Parcel,
        delivery: Delivery,
        *,
        delays: Iterator[float],
        max_age: float,
        gave_up: Callable[[GaveUp], None],
    ) -> None:
        """Hand `delivery` to `arn`; after refusals wait `delays` (s) in turn, at most `max_age` s in all.

        `gave_up` is called when the refusal is final, the delays are used up, or the age is reached.
        """
        deadline = self._clock.now() + max_age
        retries = 0

        def attempt() -> None:
            nonlocal retries
            try:
                self._post.deliver(arn, parcel, delivery)
            except RefusedError as refusal:
                self._note(delivery, arn, refusal)
                delay = next(delays, None) if refusal.retry else None
                if delay is not None and self._clock.now() + delay <= deadline:
                    retries += 1
                    self._clock.call_later(delay, attempt)
                    return
                condition = "MaximumRetryAttempts" if delay is None else "MaximumEventAgeInSeconds"
                gave_up(GaveUp(refusal=refusal, retries=retries, condition=condition))

        attempt()

    def _note(self, delivery: Delivery, arn: str, refusal: RefusedError) -> None:
        self._trace.attempt(
            delivery,
            Attempt(
                at=self._clock.now(),
                function=arn,
                failed=True,
                error_type=refusal.code,
                error_message=refusal.message,
                ended=True,
            ),
        )

    def dead_letter(self, delivery: Delivery, arn: str | None, parcel: Parcel, gave_up: GaveUp) -> None:
        """End a delivery that was given up: in the dead-letter queue `arn`, or dropped."""
        reason = f"{gave_up.refusal.code}: {gave_up.refusal.message}"
        if arn is None:
            self._trace.end(delivery, State.DROPPED, f"{reason} (no dead-letter queue)")
            return
        self._trace.end(delivery, State.DEAD_LETTERED, reason, where=arn)
        lay_down(self._hub, arn, parcel, delivery, via="dead letter")


def eventbridge_delays(retries: int) -> Iterator[float]:
    """Exponential waits of at most eight minutes, so that the 185 retries of the default fill its 24 hours."""
    return islice((float(min(2**n, 480)) for n in range(retries)), retries)


def sns_delays() -> Iterator[float]:
    """SNS to SQS and Lambda: 3 immediate retries, 2 after 1 s, 10 backing off to 20 s, 100,000 every 20 s.

    https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
    """
    return chain(repeat(0.0, 3), repeat(1.0, 2), (1.0 + 1.9 * n for n in range(1, 11)), repeat(20.0, 100_000))
