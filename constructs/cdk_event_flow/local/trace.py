"""What became of everything that was accepted.

Each event or message is a tree of deliveries. A delivery is open until it is handed on (`forward`: its children carry
on) or ends in exactly one `State`; ending it twice is a defect and raises. So nothing can be lost without being seen.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from cdk_event_flow.local.ids import trace_field
from cdk_event_flow.local.invocation import Fault
from cdk_event_flow.local.keeper import Forgetful, Keeper, Kind


class State(StrEnum):
    """How a delivery ended; `PENDING` while it has not."""

    PROCESSED = "processed"
    DEAD_LETTERED = "dead-lettered"
    DESTINATION = "destination"
    DROPPED = "dropped"
    UNMATCHED = "unmatched"
    PENDING = "pending"


@dataclass(kw_only=True, slots=True)
class Attempt:
    """One try to process a delivery. Times in epoch seconds (`at`) and milliseconds.

    `receives` is the message's receive count at that time (0 where there is no queue) and `batch` the number of
    records invoked together. `failed` holds also when the handler returned this one message as failed. `injected` names
    the faults that were put in on purpose.
    """

    at: float
    function: str
    trace_id: str = ""
    request_id: str = ""
    environment: str = ""
    cold: bool = False
    init_ms: float = 0.0
    duration_ms: float = 0.0
    fault: Fault | None = None
    failed: bool = False
    error_type: str = ""
    error_message: str = ""
    receives: int = 0
    batch: int = 1
    ended: bool = False
    injected: tuple[str, ...] = ()

    @property
    def error(self) -> str:
        """`ValidationError: total is negative`, or empty."""
        return ": ".join(part for part in (self.error_type, self.error_message) if part)


def no_explanation() -> tuple[str, ...]:
    """Nothing to explain."""
    return ()


@dataclass(kw_only=True, slots=True, eq=False)
class Delivery:
    """One hop of one event: `payload` arrived at `node` (an ARN) `via` a rule, subscription, schedule or nothing.

    `origin` says by what it began, `request` is the id of the request that it came with, if any. `state` is None while
    open and when handed on. `where` is the queue or destination that it ended in.
    `why` explains an unmatched delivery, nearest miss first, when asked.
    """

    id: int
    at: float
    kind: str
    node: str
    name: str
    payload: str
    via: str = ""
    origin: str = ""
    request: str = ""
    parent: "Delivery | None" = None
    cause: Attempt | None = None
    children: list["Delivery"] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    open: bool = True
    resting: bool = False
    redriven: bool = False
    state: State | None = None
    reason: str = ""
    where: str = ""
    receives: int = 0
    ended_at: float = 0.0
    why: Callable[[], tuple[str, ...]] = no_explanation

    def walk(self) -> Iterator["Delivery"]:
        """This delivery and all that came of it, depth first."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def last_error(self) -> str:
        """The error of the last failed attempt, or empty."""
        return next((a.error for a in reversed(self.attempts) if a.fault or a.failed), "")


def root_of(delivery: Delivery) -> Delivery:
    """The event or message that it came of."""
    while delivery.parent is not None:
        delivery = delivery.parent
    return delivery


# An event with several ends counts as the first of these that one of its deliveries ended in.
_WORST_FIRST = (
    State.PENDING,
    State.DEAD_LETTERED,
    State.DESTINATION,
    State.PROCESSED,
    State.DROPPED,
    State.UNMATCHED,
)


def outcome(root: Delivery) -> State:
    """The one state an event counts as: dead-lettered when any delivery was, processed when the others were.

    A delivery that a filter dropped, or that AWS would drop, decides only when nothing was processed, unless it was
    lost after attempts: then the event counts as dropped.
    """
    found: set[State] = set()
    for delivery in root.walk():
        if delivery.open:
            return State.PENDING
        if delivery.state is State.DROPPED and delivery.attempts:
            return State.DROPPED
        if delivery.state is not None and not delivery.redriven:
            found.add(delivery.state)
    return next(state for state in _WORST_FIRST if state in found)


class Came(StrEnum):
    """How an event came into the run."""

    SENT = "sent"
    BY_HANDLERS = "published by handlers"
    BY_SCHEDULES = "by schedules"
    BY_ALARMS = "by alarms"


def came(root: Delivery) -> Came:
    """How an event came into the run."""
    if root.cause is not None:
        return Came.BY_HANDLERS
    return {"schedule": Came.BY_SCHEDULES, "alarm": Came.BY_ALARMS}.get(root.origin, Came.SENT)


@dataclass(kw_only=True, slots=True)
class Tally:
    """Events counted by how they came and by what they ended as, and the ends of their deliveries."""

    came: Counter[Came] = field(default_factory=Counter)
    outcomes: Counter[State] = field(default_factory=Counter)
    deliveries: int = 0

    def add(self, root: Delivery) -> None:
        """Count one more event."""
        self.came[came(root)] += 1
        self.outcomes[outcome(root)] += 1
        self.deliveries += sum(1 for delivery in root.walk() if delivery.open or delivery.state is not None)


class Trace:
    """The record of one run. `watch`, and each of `watchers`, is called with each delivery that is born, tried, handed on or ended.

    `earlier` counts the events that ended before this process began; their trees are not here any more.
    """

    def __init__(
        self,
        now: Callable[[], float],
        watch: Callable[[str, Delivery], None] | None = None,
        keep: Keeper = Forgetful(),  # noqa: B008 - it has no state
    ) -> None:
        self._now = now
        self.watchers = [watch] if watch else []
        self._keep = keep
        self._count = 0
        self._unsettled = 0
        self._left: Counter[int] = Counter()  # of each root's deliveries, by its id, those that are unsettled
        self._by_trace_id: dict[str, list[Attempt]] = {}
        self.roots: list[Delivery] = []
        self.earlier = Tally()

    def restore(self, roots: list[Delivery], earlier: Tally, last_id: int) -> None:
        """Go on where an earlier process stopped: trees that are not over, and the count of those that are."""
        self.roots = roots
        self.earlier = earlier
        self._count = last_id
        self._left = Counter({root.id: sum(delivery.open for delivery in root.walk()) for root in roots})
        self._unsettled = self._left.total()

    @property
    def settled(self) -> bool:
        """Nothing is open but what rests in a queue that nothing here consumes."""
        return self._unsettled == 0

    def is_over(self, root: Delivery) -> bool:
        """Nothing that came of this event is open but what rests so."""
        return self._left[root.id] == 0

    def begin(
        self, kind: str, node: str, name: str, payload: str, *, origin: str = "", cause: str = "", request: str = ""
    ) -> Delivery:
        """A new event or message. `origin` says by what; `cause` is the X-Ray header of the request, `request` its id, if any."""
        delivery = Delivery(
            id=self._next(),
            at=self._now(),
            kind=kind,
            node=node,
            name=name,
            payload=payload,
            origin=origin,
            request=request,
            cause=self._invocation(cause) if cause else None,
        )
        self.roots.append(delivery)
        self._count_unsettled(delivery, 1)
        self.tell("born", delivery)
        return delivery

    def child(self, parent: Delivery, kind: str, node: str, name: str, payload: str, *, via: str = "") -> Delivery:
        """A further hop of `parent`."""
        delivery = Delivery(id=self._next(), at=self._now(), kind=kind, node=node, name=name, payload=payload, via=via, parent=parent)
        parent.children.append(delivery)
        self._count_unsettled(delivery, 1)
        self.tell("born", delivery)
        return delivery

    def forward(self, delivery: Delivery) -> None:
        """The delivery was handed on; its children carry on."""
        if not delivery.children:
            raise AssertionError(f"{delivery.name}: handed on to nobody")
        self._close(delivery)
        self.tell("forwarded", delivery)

    def end(self, delivery: Delivery, state: State, reason: str = "", *, where: str = "") -> None:
        """The delivery ended. Ending it twice raises AssertionError."""
        self._close(delivery)
        delivery.state = state
        delivery.reason = reason
        delivery.where = where
        self.tell("ended", delivery)

    def shown(self, delivery: Delivery, protocol: str) -> None:
        """It would leave the machine: an e-mail, a text message, a web request."""
        self.end(delivery, State.PROCESSED, f"shown, not sent ({protocol})")

    def unmatched(self, delivery: Delivery, why: Callable[[], tuple[str, ...]]) -> None:
        """No rule or subscription wants it; `why` is asked only when somebody looks."""
        delivery.why = why
        self.end(delivery, State.UNMATCHED)

    def attempt(self, delivery: Delivery, attempt: Attempt) -> None:
        """A try begins, or is told of."""
        delivery.attempts.append(attempt)
        if attempt.trace_id:
            self._by_trace_id.setdefault(trace_field(attempt.trace_id, "Root"), []).append(attempt)
        self._keep_attempt(delivery, len(delivery.attempts) - 1)
        self.tell("attempt", delivery)

    def answered(self, delivery: Delivery, attempt: Attempt) -> None:
        """What came of a try is written down in it."""
        number = next(n for n in reversed(range(len(delivery.attempts))) if delivery.attempts[n] is attempt)
        self._keep_attempt(delivery, number)
        self.tell("answered", delivery)

    def _keep_attempt(self, delivery: Delivery, number: int) -> None:
        self._keep.put(Kind.ATTEMPT, f"{delivery.id} {number}", delivery.attempts[number])

    def _invocation(self, header: str) -> Attempt | None:
        """The invocation that a request with this X-Ray header came from.

        Without X-Ray's own SDK the header is the invocation's. That SDK puts another parent in; then it is the latest
        invocation of the trace that is still running.
        """
        of_trace = self._by_trace_id.get(trace_field(header, "Root"), [])
        parent = trace_field(header, "Parent")
        running = None
        for attempt in reversed(of_trace):
            if trace_field(attempt.trace_id, "Parent") == parent:
                return attempt
            running = running or (None if attempt.ended else attempt)
        return running or (of_trace[-1] if of_trace else None)

    def redrive(self, delivery: Delivery) -> None:
        """What it ended as counts no more: its message was sent again."""
        delivery.redriven = True
        self.tell("redriven", delivery)

    def rest(self, delivery: Delivery) -> None:
        """It waits for somebody outside of the run: nothing here will move it."""
        if delivery.open and not delivery.resting:
            delivery.resting = True
            self._count_unsettled(delivery, -1)
            self.tell("resting", delivery)

    def _close(self, delivery: Delivery) -> None:
        if not delivery.open:
            raise AssertionError(f"{delivery.name}: delivery {delivery.id} ended twice")
        delivery.open = False
        delivery.ended_at = self._now()
        if not delivery.resting:
            self._count_unsettled(delivery, -1)

    def _count_unsettled(self, delivery: Delivery, change: int) -> None:
        self._unsettled += change
        self._left[root_of(delivery).id] += change

    def _next(self) -> int:
        self._count += 1
        return self._count

    def tell(self, what: str, delivery: Delivery) -> None:
        """Tell the watchers, and keep the delivery as it is now."""
        if what == "born":
            self._keep.put(Kind.PAYLOAD, delivery.id, delivery.payload)
        self._keep.put(Kind.DELIVERY, delivery.id, delivery)
        for watch in self.watchers:
            watch(what, delivery)
