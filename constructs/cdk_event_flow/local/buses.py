"""EventBridge buses: an event comes in, rules match it, each target gets it as its input says.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cdk_event_flow.flow.model import JSON, Bus, Rule, Target
from cdk_event_flow.flow.payload import as_json, at_path, rule_target_payload
from cdk_event_flow.local.hub import Hub
from cdk_event_flow.local.lineage import without
from cdk_event_flow.local.patience import LastResort, Patience, Sender, string_attributes
from cdk_event_flow.local.post import Parcel
from cdk_event_flow.local.retries import Retries
from cdk_event_flow.local.trace import Delivery, State
from cdk_event_flow.local.why import nearest_first
from cdk_event_flow.match import EventPattern, Router


class Targets:
    """Delivers events to the targets of rules."""

    def __init__(self, *, hub: Hub, retries: Retries) -> None:
        self._trace = hub.trace
        self._post = hub.post
        self._retries = retries

    def deliver(self, rule: Rule, target: Target, event: dict[str, Any], delivery: Delivery, header: str) -> None:
        """Hand `event` to one target, retrying and dead-lettering as the target says."""
        body = as_json(rule_target_payload(target, event, rule))
        kind, name = self._post.kind_and_name(target.arn)
        child = self._trace.child(delivery, kind, target.arn, name, body, via=self._post.name(rule.arn))
        told = string_attributes({"RULE_ARN": rule.arn, "TARGET_ARN": target.arn})
        self._retries.deliver(
            target.arn,
            Parcel(
                body=body, group_id=target.message_group_id, trace_header=header, key=_key(target, event), web=_web(target, event)
            ),
            child,
            patience=Patience(sender=Sender.EVENTBRIDGE, retries=target.max_attempts, max_age=target.max_age),
            last_resort=LastResort(
                sender=Sender.EVENTBRIDGE,
                arn=target.dead_letter_arn,
                parcel=Parcel(body=delivery.payload, attributes=told),
            ),
        )


class LocalBus:
    """One bus with its enabled rules."""

    kind = "bus"

    def __init__(self, node: Bus, rules: Sequence[Rule], *, targets: Targets, hub: Hub) -> None:
        self.node = node
        self.name = node.name
        self.rules = [r for r in rules if r.bus_arn == node.arn and r.enabled and r.pattern is not None]
        self._by_name = {f"{index:06d}": rule for index, rule in enumerate(self.rules)}
        patterns: dict[str, JSON] = {name: rule.pattern for name, rule in self._by_name.items()}
        self._router = Router(patterns)
        self.archives: list[Callable[[dict[str, Any]], None]] = []
        self._targets = targets
        self._trace = hub.trace
        self._post = hub.post

    def take(self, parcel: Parcel, delivery: Delivery) -> None:
        """Take over an event from another service: its body is the event's JSON."""
        self.put(json.loads(parcel.body), delivery, header=parcel.trace_header)

    def put(self, event: dict[str, Any], delivery: Delivery, *, header: str = "", only: frozenset[str] = frozenset()) -> None:
        """Route one complete event to the targets of every rule that matches it, or of those in `only` (ARNs), if any."""
        header = without(header)
        for keep in self.archives:
            keep(event)
        matched = sorted(name for name in self._router.route(event) if not only or self._by_name[name].arn in only)
        for name in matched:
            rule = self._by_name[name]
            for target in rule.targets:
                self._targets.deliver(rule, target, event, delivery, header)
        if delivery.children:
            self._trace.forward(delivery)
        elif matched:
            rules = ", ".join(self._post.name(self._by_name[name].arn) for name in matched)
            self._trace.end(delivery, State.DROPPED, f"matched {rules}, which has no targets")
        else:
            self._trace.unmatched(delivery, lambda: self._why(event))

    def _why(self, event: dict[str, Any]) -> tuple[str, ...]:
        if not self.rules:
            return (f"{self._post.name(self.node.arn)} has no rules with a pattern",)
        patterns: list[tuple[str, JSON]] = [(self._post.name(rule.arn), rule.pattern) for rule in self.rules]
        return nearest_first((path, EventPattern(pattern).explain(event)) for path, pattern in patterns)


def _key(target: Target, event: Mapping[str, Any]) -> str:
    """The partition key of a record: what the event has at the target's path, else the event's id."""
    found = at_path(event, target.key_path) if target.key_path else None
    return str(event.get("id", "") if found is None else found)


def _web(target: Target, event: Mapping[str, Any]) -> dict[str, Any]:
    """The target's headers, query and path, with what they read from the event."""

    def read(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {name: read(each) for name, each in value.items()}
        if isinstance(value, list | tuple):
            return [read(each) for each in value]
        return at_path(event, value) if isinstance(value, str) and value.startswith("$.") else value

    return {name: read(value) for name, value in target.web.items()}
