"""An event, followed: the tree of its deliveries, and why it did not arrive elsewhere."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cdk_event_flow.flow import payload
from cdk_event_flow.flow.graph import Flow
from cdk_event_flow.flow.model import Bus, EventSourceMapping, Function, Node, Other, Queue, Rule, Subscription, Topic
from cdk_event_flow.flow.permissions import Hop, Permission, permission
from cdk_event_flow.match import EventPattern, FilterCriteria, FilterPolicy, Verdict

# What a name means where it is asked who receives: `Large` is the queue, though a rule of that name leads to it.
_RECEIVERS = (Function, Bus, Topic, Queue, Other)


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One hop. `payload` is what the receiver sees; `reasons` say why nothing was delivered, and are empty if it was.

    `permission` is what the policies say; a hop that they deny is not delivered, one of which they do not tell is.
    """

    receiver: Node
    by: Node | None
    payload: Any
    reasons: tuple[str, ...] = ()
    permission: Permission | None = None
    next: list["Delivery"] = field(default_factory=list)

    @property
    def delivered(self) -> bool:
        """Whether the receiver gets it."""
        return not self.reasons

    def walk(self) -> Iterator["Delivery"]:
        """This delivery and all that follow, delivered or not."""
        yield self
        for each in self.next:
            yield from each.walk()


@dataclass(frozen=True)
class Sent:
    """What became of one event."""

    flow: Flow
    root: Delivery

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """What was delivered, in order, without the sending itself."""
        return tuple(each for each in self.root.walk() if each.delivered)[1:]

    def reaches(self, name: str) -> bool:
        """Whether the node of this name receives it."""
        node = self.flow.find(name, *_RECEIVERS)
        return any(each.receiver.arn == node.arn for each in self.deliveries)

    def why_not(self, name: str) -> str:
        """Why the node of this name does not receive it, in sentences; the nearest miss first."""
        node = self.flow.find(name, *_RECEIVERS)
        if self.reaches(name):
            return f"it does reach {node.path}"
        on_the_way = upstream(self.flow, node.arn)
        missed = [each for each in self.root.walk() if not each.delivered and each.receiver.arn in on_the_way]
        if not missed:
            return f"no route leads from {self.root.receiver.path} to {node.path}"
        missed.sort(key=lambda each: len(each.reasons))
        return "\n".join(reason for each in missed for reason in each.reasons)

    def explain(self) -> str:
        """The tree of deliveries as text, then what was not reached and why."""
        lines = [self.root.receiver.path]
        _draw(self.root, "", lines)
        missed = [each for each in self.root.walk() if not each.delivered]
        if missed:
            lines.append("not reached:")
            for each in missed:
                lines.append(f"  {self._consumer(each.receiver)}")
                lines.extend(f"    {reason}" for reason in each.reasons)
        return "\n".join(lines)

    def _consumer(self, node: Node) -> str:
        """The function behind a queue says more than the queue."""
        for mapping in self.flow.of(EventSourceMapping):
            if mapping.source_arn == node.arn and (function := self.flow.function(mapping.function_arn)):
                return f"{function.path} (by {node.path})"
        return node.path


def send(flow: Flow, node: Node, event: Any) -> Sent:
    """Put `event` on `node` and follow it. A hop is followed once, so a loop ends."""
    if isinstance(node, Bus):
        event = payload.put_event(event, account=flow.account, region=flow.region)
    root = Delivery(receiver=node, by=None, payload=event)
    _follow(flow, root, frozenset())
    return Sent(flow, root)


def _follow(flow: Flow, at: Delivery, seen: frozenset[str]) -> None:
    if at.receiver.arn in seen:
        return
    seen |= {at.receiver.arn}
    match at.receiver:
        case Bus():
            hops = list(_from_bus(flow, at))
        case Topic():
            hops = list(_from_topic(flow, at))
        case Queue():
            hops = list(_from_queue(flow, at))
        case _:
            hops = []
    at.next.extend(hops)
    for hop in hops:
        if hop.delivered:
            _follow(flow, hop, seen)


def _from_bus(flow: Flow, at: Delivery) -> Iterator[Delivery]:
    for rule in flow.of(Rule):
        if rule.bus_arn != at.receiver.arn or rule.pattern is None:
            continue
        verdict = EventPattern(rule.pattern).explain(at.payload)
        reasons = _reasons(verdict, f"the rule {_short(rule)}")
        if not rule.enabled:
            reasons = (f"the rule {_short(rule)} is disabled", *reasons)
        for target in rule.targets:
            given = payload.rule_target_payload(target, at.payload)
            yield _hop(flow, Hop(by=rule, arn=target.arn, role_arn=target.role_arn), given, reasons)


def _from_topic(flow: Flow, at: Delivery) -> Iterator[Delivery]:
    text = payload.as_text(at.payload)
    for subscription in flow.of(Subscription):
        if subscription.topic_arn != at.receiver.arn:
            continue
        reasons: tuple[str, ...] = ()
        if subscription.filter_policy:
            policy = FilterPolicy(subscription.filter_policy, subscription.filter_scope)
            receiver = flow.nodes.get(subscription.endpoint)
            route = f"the filter of {_short(at.receiver)} → {_short(receiver or subscription)}"
            reasons = _reasons(policy.explain(text), route)
            if reasons and subscription.filter_scope == "MessageAttributes" and isinstance(at.by, Rule):
                reasons = (f"{route} reads message attributes, and EventBridge sends none", *reasons)
        given = at.payload if subscription.raw else payload.sns_envelope(text, subscription.topic_arn)
        function = flow.function(subscription.endpoint) if subscription.protocol == "lambda" else None
        if function:
            given = payload.sns_lambda_event(payload.sns_envelope(text, subscription.topic_arn), subscription.arn)
        yield _hop(flow, Hop(by=subscription, arn=subscription.endpoint), given, reasons)


def _from_queue(flow: Flow, at: Delivery) -> Iterator[Delivery]:
    for mapping in flow.of(EventSourceMapping):
        if mapping.source_arn != at.receiver.arn:
            continue
        record = payload.sqs_record(payload.as_text(at.payload), mapping.source_arn)
        verdict = FilterCriteria(list(mapping.filters), "sqs").explain(record)
        reasons = _reasons(verdict, f"the filter of the mapping from {_short(at.receiver)}")
        if not mapping.enabled:
            reasons = (f"the mapping from {_short(at.receiver)} is disabled", *reasons)
        yield _hop(flow, Hop(by=mapping, arn=mapping.function_arn), payload.sqs_lambda_event([record]), reasons)


def _hop(flow: Flow, hop: Hop, given: Any, reasons: tuple[str, ...]) -> Delivery:
    arn = hop.arn
    receiver = flow.function(arn) or flow.nodes.get(arn) or Node(logical_id=arn, arn=arn, name=arn, path=arn)
    permitted = permission(flow, hop)
    if permitted.verdict == "denied":
        reasons = (*reasons, str(permitted))
    return Delivery(receiver=receiver, by=hop.by, payload=given, reasons=reasons, permission=permitted)


def _reasons(verdict: Verdict, filter_name: str) -> tuple[str, ...]:
    """`detail.region is "apac", the filter of OrderEvents → Packing wants "eu" or "us"`."""
    if verdict.matched:
        return ()
    if not verdict.misses:
        return (f"{filter_name} wants fields of one element of an array, the event has them in different ones",)
    return tuple(
        f"{miss.path} is {'absent' if miss.outcome == 'absent' else json.dumps(miss.value, ensure_ascii=False)}, "
        f"{filter_name} wants {miss.wanted}"
        for miss in verdict.misses
    )


def _short(node: Node) -> str:
    """The name a person gave it: the last part of the path that is not the kind of what stands there."""
    parts = [part for part in node.path.split("/") if part not in ("Queue", "Topic", "Bus", "Function")]
    return parts[-1] if parts else node.path


def upstream(flow: Flow, arn: str, *, past_filters: bool = True) -> set[str]:
    """All nodes from which `arn` can be reached, itself included; whatever filters say, or by hops without filter only."""
    into: dict[str, set[str]] = {}
    for rule in flow.of(Rule) if past_filters else ():
        for target in rule.targets:
            into.setdefault(_plain(flow, target.arn), set()).add(rule.bus_arn)
    for subscription in flow.of(Subscription):
        if past_filters or not subscription.filter_policy:
            into.setdefault(_plain(flow, subscription.endpoint), set()).add(subscription.topic_arn)
    for mapping in flow.of(EventSourceMapping):
        if past_filters or not mapping.filters:
            into.setdefault(_plain(flow, mapping.function_arn), set()).add(mapping.source_arn)
    found, todo = {arn}, [arn]
    while todo:
        for source in into.get(todo.pop(), set()) - found:
            found.add(source)
            todo.append(source)
    return found


def _plain(flow: Flow, arn: str) -> str:
    function = flow.function(arn)
    return function.arn if function else arn


def _draw(at: Delivery, indent: str, lines: list[str]) -> None:
    reached = [each for each in at.next if each.delivered]
    for index, each in enumerate(reached):
        last = index == len(reached) - 1
        kind = "function " if isinstance(each.receiver, Function) else ""
        lines.append(f"{indent}{'└─' if last else '├─'} {kind}{each.receiver.path}{_doubt(each)}")
        _draw(each, indent + ("   " if last else "│  "), lines)


def _doubt(at: Delivery) -> str:
    """What is unknown of the permission, if anything."""
    unknown = at.permission is not None and at.permission.verdict == "unknown"
    return f" (permission {at.permission})" if unknown else ""
