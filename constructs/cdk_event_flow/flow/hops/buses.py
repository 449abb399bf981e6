"""From buses: rules and archives, schedules, and the subscribers of the new custom bus."""

from collections.abc import Iterator, Mapping
from typing import Any

from cdk_event_flow.flow import payload
from cdk_event_flow.flow.delivery import Delivery
from cdk_event_flow.flow.hops.filters import Judged, judge, known_event
from cdk_event_flow.flow.hops.hop import Sending, short
from cdk_event_flow.flow.model import Bus, Rule, Schedule, Target, Unknown
from cdk_event_flow.flow.payloads.services import schedule_event, schedule_input, scheduled_event
from cdk_event_flow.flow.sources import Archive, Subscriber
from cdk_event_flow.match import EventPattern


def from_bus(sending: Sending, at: Delivery) -> Iterator[Delivery]:
    """Every rule and archive of the bus."""
    for by in sending.leading(at):
        if isinstance(by, Rule):
            yield from _by_rule(sending, by, at.payload)
        elif isinstance(by, Archive):
            judged = _judged(sending, by.pattern, f"the archive {short(by)}", at.payload)
            yield sending.hop(by.arn, by, at.payload, judged.reasons, judged.doubts, judgement=judged.judgement)


def _by_rule(sending: Sending, rule: Rule, event: Any) -> Iterator[Delivery]:
    judged = _judged(sending, rule.pattern, f"the rule {short(rule)}", event)
    off = () if rule.enabled else (f"the rule {short(rule)} is disabled",)
    for target in rule.targets:
        yield _to_target(sending, rule, target, event, judged._replace(reasons=(*off, *judged.reasons)))


def _to_target(sending: Sending, rule: Rule, target: Target, event: Any, judged: Judged) -> Delivery:
    given = payload.rule_target_payload(target, event, rule) if isinstance(event, Mapping) else event
    if isinstance(given, str) and not sending.flow.function(target.arn):
        given = payload.as_json(given)
    return sending.hop(
        target.arn, rule, given, judged.reasons, judged.doubts, group=target.message_group_id,
        judgement=judged.judgement,
    )  # fmt: skip


def from_rule(sending: Sending, at: Delivery) -> Iterator[Delivery]:
    """A rule by itself: its schedule fires, or it is given an event that it is asked about."""
    rule = at.receiver
    if not isinstance(rule, Rule):
        return
    if rule.pattern is not None:
        yield from _by_rule(sending, rule, at.payload)
        return
    event = scheduled_event(rule.arn, source="aws.events")
    off = () if rule.enabled else (f"the rule {short(rule)} is disabled",)
    for target in rule.targets:
        yield _to_target(sending, rule, target, event, Judged(off))


def from_schedule(sending: Sending, at: Delivery) -> Iterator[Delivery]:
    """A schedule that fires; what it puts on a bus is the detail of an event."""
    schedule = at.receiver
    if not isinstance(schedule, Schedule):
        return
    target = schedule.target
    to_bus = isinstance(sending.flow.receiver(target.arn), Bus)
    given = schedule_event(schedule) if to_bus else payload.json_or_text(schedule_input(schedule))
    off = () if schedule.enabled else (f"the schedule {short(schedule)} is disabled",)
    yield sending.hop(target.arn, schedule, given, off, group=target.message_group_id)


def from_custom_bus(sending: Sending, at: Delivery) -> Iterator[Delivery]:
    """Every subscriber of a new custom bus: each filter must match the part of the event that it looks at.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-custom-bus-addressing.html
    """
    event = at.payload if isinstance(at.payload, dict) and "Data" in at.payload else {"Data": at.payload}
    parts = {"DATA": event["Data"], "METADATA": event.get("Metadata", {}), "SYSTEM_METADATA": event.get("SystemMetadata", {})}
    for by in sending.leading(at):
        if not isinstance(by, Subscriber):
            continue
        name = f"the subscriber {short(by)}"
        judged = [
            _judged(sending, each.pattern, f"{name} ({each.scope})", parts.get(each.scope, Unknown(each.scope)))
            for each in by.filters
        ]
        off = () if by.enabled else (f"{name} is stopped",)
        sends: Any = {"RAW": event["Data"], "WITH_METADATA": {"Metadata": {}, "SystemMetadata": {}, **event}}.get(
            by.sends, Unknown(f"what the expression of {name} makes of it")
        )
        yield sending.hop(
            by.target.arn, by, sends,
            (*off, *(reason for each in judged for reason in each.reasons)),
            tuple(doubt for each in judged for doubt in each.doubts),
        )  # fmt: skip


def _judged(sending: Sending, pattern: Any, name: str, event: Any) -> Judged:
    if pattern is None:
        return Judged()
    if not isinstance(event, Mapping | Unknown):
        return Judged(reasons=(f"{name} takes events, and this is none",))
    return judge(sending.ways, pattern, name, event, EventPattern, lambda compiled: compiled.explain(known_event(event)))
