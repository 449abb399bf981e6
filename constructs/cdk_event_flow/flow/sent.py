"""An event, followed: the tree of its deliveries, and why it did not arrive elsewhere."""

from dataclasses import dataclass
from typing import Any

from cdk_event_flow.errors import EventError, Problem
from cdk_event_flow.flow import payload
from cdk_event_flow.flow.attributes import MessageAttributes
from cdk_event_flow.flow.delivery import Delivery
from cdk_event_flow.flow.graph import Flow
from cdk_event_flow.flow.hops import FOLLOW
from cdk_event_flow.flow.hops.hop import Sending
from cdk_event_flow.flow.model import Bus, EventSourceMapping, Function, Node, Other, Queue, Rule, Table, Topic
from cdk_event_flow.flow.sources import Archive, Route
from cdk_event_flow.flow.workers import Workers, consumed_by

MOST_DELIVERIES = 10_000
MOST_HOPS = 100

# What a name means where it is asked who receives: `Large` is the queue, though a rule of that name leads to it.
_RECEIVERS = (Function, Bus, Topic, Queue, Table, Other)


@dataclass(frozen=True, eq=False)
class Reach:
    """The answer of `reaches`, so that a failed `assert sent.reaches("Packing")` says why it is not so."""

    sent: "Sent"
    name: str
    route: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.route)

    def __repr__(self) -> str:
        if self.route:
            return f"reached by {' → '.join(self.route)}"
        return f"not reached: {self.sent.why_not(self.name)}"


@dataclass(frozen=True)
class Sent:
    """What became of one event."""

    flow: Flow
    root: Delivery

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """What was delivered, in order, without the sending itself."""
        return tuple(each for each in self.root.walk() if each.delivered)[1:]

    @property
    def ends(self) -> tuple[Node, ...]:
        """Who gets it in the end, each once: functions, and all else that nothing leads on from. Archives only keep it."""
        to = [each for each in self.deliveries if not isinstance(each.receiver, Archive)]
        passed_on = {at.receiver.arn for at in to if any(not isinstance(each.receiver, Archive) for each in at.next)}
        ends = [each.receiver for each in to if isinstance(each.receiver, Function) or each.receiver.arn not in passed_on]
        return tuple({end.arn: end for end in ends}.values())

    @property
    def missed(self) -> tuple[Delivery, ...]:
        """What was not delivered, in order, without archives: they only keep. A request takes one route of an API, so of what it
        reaches by that, the other routes are no miss."""
        by_route = {each.receiver.arn for each in self.deliveries if isinstance(each.by, Route)}
        return tuple(
            each
            for each in self.root.walk()
            if not each.delivered and not isinstance(each.receiver, Archive) and each.receiver.arn not in by_route
        )

    def receiver(self, name: str) -> Node:
        """The node of this name, as `Flow.find` finds it among those that can receive; or what is elsewhere, by its ARN,
        address or physical name.

        Raises TemplateError.
        """
        return self.flow.anywhere(name, *_RECEIVERS)

    def reaches(self, name: str) -> "Reach":
        """Whether the node of this name receives it: true or false, and it prints as the route or as the reason why not."""
        node = self.receiver(name)
        return Reach(self, name, _route(self.root, node.arn))

    def why_not(self, name: str) -> str:
        """Why the node of this name does not receive it, in sentences; the nearest miss first."""
        node = self.receiver(name)
        if self.reaches(name):
            return f"it does reach {node.path}"
        on_the_way = self.flow.ways.upstream(node.arn)
        missed = [each for each in self.root.walk() if not each.delivered and each.receiver.arn in on_the_way]
        if not missed:
            return f"no route leads from {self.root.receiver.path} to {node.path}"
        missed.sort(key=lambda each: len(each.reasons))
        return "\n".join(dict.fromkeys(reason for each in missed for reason in each.reasons))

    def explain(self) -> str:
        """The tree of deliveries as text, then what was not reached and why; archives, which only keep, are left out."""
        lines = [self.root.receiver.path]
        _draw(self.root, "", lines)
        if self.missed:
            lines.append("not reached:")
            for each in self.missed:
                lines.append(f"  {self._consumer(each.receiver)}")
                lines.extend(f"    {reason}" for reason in each.reasons)
        return "\n".join(lines)

    def _consumer(self, node: Node) -> str:
        """The function behind a queue says more than the queue."""
        for workers in self.flow.of(Workers):
            if any(each.arn == node.arn for each in consumed_by(self.flow, workers)):
                return f"{workers.path} (by {node.path})"
        for mapping in self.flow.of(EventSourceMapping):
            if mapping.source_arn == node.arn and (function := self.flow.function(mapping.function_arn)):
                return f"{function.path} (by {node.path})"
        return node.path


def send(flow: Flow, node: Node, event: Any, attributes: MessageAttributes | None = None) -> Sent:
    """Put `event` on `node` and follow it. A way does not come to one node twice, so a loop ends.

    Raises EventError for what the node cannot take, and for an event that would never stop multiplying.
    """
    if isinstance(node, Bus) or (isinstance(node, Rule) and node.pattern is not None):
        event = payload.put_event(event, account=flow.account, region=flow.region)
    if attributes and not isinstance(node, Topic | Queue):
        raise EventError(node.path, _without_attributes())
    sending = Sending(flow, flow.ways)
    root = Delivery(receiver=node, by=None, payload=event, arn=node.arn, attributes=attributes or {})
    todo: list[tuple[Delivery, tuple[str, ...]]] = [(root, ())]
    count = 0
    while todo:
        at, before = todo.pop()
        follow = FOLLOW.get(type(at.receiver))
        if follow is None or at.receiver.arn in before:
            continue
        at.next.extend(follow(sending, at))
        count += len(at.next)
        if count > MOST_DELIVERIES or len(before) > MOST_HOPS:
            raise EventError(node.path, _endless())
        todo.extend((hop, (*before, at.receiver.arn)) for hop in at.next if hop.delivered)
    return Sent(flow, root)


def _without_attributes() -> Problem:
    return Problem(
        code="EF-EVENT",
        given="message attributes were given",
        allowed="topics and queues take them",
        fix="leave them out, or send to the topic or queue",
    )


def _endless() -> Problem:
    return Problem(
        code="EF-SEND-ENDLESS",
        given=f"the event leads to more than {MOST_DELIVERIES:,} deliveries, or over more than {MOST_HOPS} hops",
        allowed="an event of a sound flow comes to an end",
        fix="look for buses that send to each other: flow.check()",
    )


def _route(at: Delivery, arn: str, before: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The paths from the sending to the receiver; empty where it does not arrive."""
    paths = (*before, at.receiver.path)
    for each in at.next:
        if each.delivered:
            if each.receiver.arn == arn:
                return (*paths, each.receiver.path)
            if found := _route(each, arn, paths):
                return found
    return ()


def _draw(at: Delivery, indent: str, lines: list[str]) -> None:
    reached = [each for each in at.next if each.delivered and not isinstance(each.receiver, Archive)]
    for index, each in enumerate(reached):
        last = index == len(reached) - 1
        kind = "function " if isinstance(each.receiver, Function) else "workers " if isinstance(each.receiver, Workers) else ""
        doubts = f" (if {'; '.join(each.doubts)})" if each.doubts else ""
        lines.append(f"{indent}{'└─' if last else '├─'} {kind}{each.receiver.path}{_alias(each)}{doubts}")
        _draw(each, indent + ("   " if last else "│  "), lines)


def _alias(at: Delivery) -> str:
    """` (alias PROD)`, or the version; nothing for `live`, which is what all that triggers a function of ours points at."""
    if not isinstance(at.receiver, Function) or (name := at.arn.removeprefix(at.receiver.arn).removeprefix(":")) in ("", "live"):
        return ""
    return f" ({'version' if name.isdigit() else 'alias'} {name})"
