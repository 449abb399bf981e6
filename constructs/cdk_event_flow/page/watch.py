"""What moves in a run, counted as it moves: for each node, each edge of the picture, each event. The run's trace is the source."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import EventSourceMapping, Node, Rule, Schedule, Subscription
from cdk_event_flow.local.trace import Delivery, State, Trace, outcome

MOST_AT_ONCE = 2_000  # events whose outcome is worked out in one go
MOST_TOLD = 60  # events that one message tells of; of more only the number is told

Edge = tuple[str, str]


@dataclass(slots=True)
class Counts:
    """Of one node: how many came, were tried, failed, and ended, by state; `open` are on their way or rest here."""

    came: int = 0
    tried: int = 0
    failed: int = 0
    open: int = 0
    ended: Counter[State] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"came": self.came, "tried": self.tried, "failed": self.failed, "open": self.open, "ended": dict(self.ended)}


class Watch:
    """Follows a trace from now on, and what is in it already. `seen` numbers the changes; each change has its number."""

    def __init__(self, trace: Trace, flow: Flow) -> None:
        self._trace = trace
        self._flow = flow
        self._hops = _Hops(flow)
        self._vertices: dict[str, str] = {}
        self.seen = 0
        self.nodes: dict[str, Counts] = {}
        self.edges: Counter[Edge] = Counter()
        self.outcomes: Counter[State] = Counter()
        self.by_state: dict[State, set[int]] = {state: set() for state in State}
        self.roots: dict[int, Delivery] = {}
        self.came_to: dict[str, set[int]] = {}  # by node, the events that came to it, were tried by it, or ended there
        self._state: dict[int, State] = {}
        self._dirty: dict[int, None] = {}
        self._node_at: dict[str, int] = {}
        self._edge_at: dict[Edge, int] = {}
        self._root_at: dict[int, int] = {}  # oldest change first
        for root in trace.roots:
            for delivery in root.walk():
                self._replay(delivery)
        trace.watchers.append(self.told)

    def close(self) -> None:
        """Follow no more."""
        self._trace.watchers.remove(self.told)

    def _replay(self, delivery: Delivery) -> None:
        """What was told of a delivery before this began to listen."""
        self.told("born", delivery)
        for attempt in delivery.attempts:
            self._tried(delivery, attempt.function)
            self._answered(attempt.function, bad=attempt.fault is not None or attempt.failed)
        if delivery.state is not None:
            self.told("ended", delivery)
        elif not delivery.open:
            self.told("forwarded", delivery)

    def told(self, what: str, delivery: Delivery) -> None:
        """A step of the trace."""
        self.seen += 1
        match what:
            case "born":
                self._born(delivery)
            case "attempt":
                self._tried(delivery, delivery.attempts[-1].function)
            case "answered":
                attempt = next((each for each in reversed(delivery.attempts) if each.ended), None)
                if attempt:
                    self._answered(attempt.function, bad=attempt.fault is not None)
            case "forwarded":
                self._at(delivery.node).open -= 1
            case "ended":
                counts = self._at(delivery.node)
                counts.open -= 1
                if delivery.state is not None:
                    counts.ended[delivery.state] += 1
                if delivery.where:
                    self._passed(delivery.node, delivery.where)
                    self._at(delivery.where).came += 1
        root = delivery
        while root.parent:
            root = root.parent
        self._dirty[root.id] = None
        self._note(root.id, delivery)
        self._root_at.pop(root.id, None)
        self._root_at[root.id] = self.seen

    def _note(self, root: int, delivery: Delivery) -> None:
        arns = [delivery.node, delivery.where, *(attempt.function for attempt in delivery.attempts[-1:])]
        for arn in filter(None, arns):
            self.came_to.setdefault(self.vertex(arn), set()).add(root)

    def _born(self, delivery: Delivery) -> None:
        counts = self._at(delivery.node)
        counts.came += 1
        counts.open += 1
        if delivery.parent is None:
            self.roots[delivery.id] = delivery
            if delivery.cause is not None:
                self._passed(delivery.cause.function, delivery.node)
        else:
            by = self._hops.by(delivery)
            if by:
                self._passed(delivery.parent.node, by)
                self._passed(by, delivery.node)
                if by in self._hops.rules:
                    self._at(by).came += 1
            # Where the picture has nothing between the two, this is its line.
            if by not in self._hops.rules:
                self._passed(delivery.parent.node, delivery.node)

    def _tried(self, delivery: Delivery, function: str) -> None:
        self._at(function).tried += 1
        if self.vertex(delivery.node) == self.vertex(function):
            return
        by = self._hops.mapping(delivery.node, self.vertex(function))
        if by:
            self._passed(delivery.node, by)
            self._passed(by, function)
        self._passed(delivery.node, function)

    def _answered(self, function: str, *, bad: bool) -> None:
        self._at(function).failed += bad

    def vertex(self, arn: str) -> str:
        """What the picture draws for this ARN: of an alias or version, its function."""
        drawn = self._vertices.get(arn)
        if drawn is None:
            function = self._flow.function(arn)
            drawn = self._vertices[arn] = function.arn if function else arn
        return drawn

    def _at(self, arn: str) -> Counts:
        arn = self.vertex(arn)
        self._node_at[arn] = self.seen
        return self.nodes.setdefault(arn, Counts())

    def _passed(self, source: str, target: str) -> None:
        edge = self.vertex(source), self.vertex(target)
        self.edges[edge] += 1
        self._edge_at[edge] = self.seen

    def settle(self) -> None:
        """Work out the outcomes of events that changed, some thousands at most."""
        for _, id in zip(range(MOST_AT_ONCE), list(self._dirty), strict=False):
            del self._dirty[id]
            state = outcome(self.roots[id])
            was = self._state.get(id)
            if state is was:
                continue
            if was is not None:
                self.outcomes[was] -= 1
                self.by_state[was].discard(id)
            self._state[id] = state
            self.outcomes[state] += 1
            self.by_state[state].add(id)

    @property
    def behind(self) -> bool:
        """Whether outcomes are still to be worked out."""
        return bool(self._dirty)

    def state(self, root: Delivery) -> State:
        """The outcome of an event, as it was last worked out."""
        return self._state.get(root.id, State.PENDING)

    def since(self, number: int) -> dict[str, Any]:
        """What changed after the change of this number, in absolute figures: told twice it is as true as told once.

        `events` holds the ids of the last events that changed; `more` says how many others did.
        """
        self.settle()
        changed = list(_newer(self._root_at, number))
        return {
            "seen": self.seen,
            "total": len(self.roots),
            "outcomes": {state: count for state, count in self.outcomes.items() if count},
            "settled": self._trace.settled,
            "nodes": {arn: self.nodes[arn].as_json() for arn, at in self._node_at.items() if at > number},
            "edges": [[source, target, self.edges[source, target]] for (source, target), at in self._edge_at.items() if at > number],
            "events": changed[:MOST_TOLD],
            "more": max(0, len(changed) - MOST_TOLD),
        }


def _newer(changes: Mapping[int, int], number: int) -> Iterator[int]:
    """The keys whose change is newer, newest first."""
    for id in reversed(changes):
        if changes[id] <= number:
            return
        yield id


class _Hops:
    """The rules, subscriptions and mappings by which deliveries go: the trace names them, the picture knows their ARNs."""

    def __init__(self, flow: Flow) -> None:
        named: tuple[type[Node], ...] = (Rule, Subscription, Schedule, EventSourceMapping)
        self._by_name = {(kind, flow.names[node.arn]): node.arn for kind in named for node in flow.of(kind)}
        self.rules = {node.arn for node in (*flow.of(Rule), *flow.of(Schedule))}
        self._mappings = {}
        for mapping in flow.of(EventSourceMapping):
            function = flow.function(mapping.function_arn)
            self._mappings[mapping.source_arn, function.arn if function else mapping.function_arn] = mapping.arn
        self._filtered = {each.arn for each in flow.of(Subscription) if each.filter_policy}

    def by(self, delivery: Delivery) -> str:
        """The ARN of what a delivery came by; empty where the trace names none, or it came straight from it."""
        if delivery.parent is None or not delivery.via:
            return ""
        of_topic = delivery.parent.kind == "topic"
        kinds: tuple[type[Node], ...] = (Subscription,) if of_topic else (Rule, Schedule, EventSourceMapping)
        found = next((arn for kind in kinds if (arn := self._by_name.get((kind, delivery.via)))), "")
        if found == delivery.parent.node or (of_topic and found not in self._filtered):
            return ""
        return found

    def mapping(self, source: str, function: str) -> str:
        """The mapping between a queue and a function; empty where there is none."""
        return self._mappings.get((source, function), "")
