"""Events to try a flow with: the shortest that a rule or filter takes, and the declared ones with what filters ask for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from cdk_event_flow.errors import PatternError
from cdk_event_flow.flow.contracts import Contract
from cdk_event_flow.flow.graph import Flow
from cdk_event_flow.flow.model import Bus, EventSchema, EventSourceMapping, Node, Rule, Subscription
from cdk_event_flow.match import EventPattern
from cdk_event_flow.match.dialects import EVENTBRIDGE, MAPPING, SNS, Dialect

Kind = TypeVar("Kind", bound=EventSchema | Contract)


def witnesses(flow: Flow, bus: Bus) -> Iterator[dict[str, Any]]:
    """Events that something behind the bus takes: for each rule one, and one for each filter right behind its targets."""
    for rule in flow.of(Rule):
        if rule.bus_arn == bus.arn:
            yield from of_rule(flow, rule, rule.pattern)


def asked_of(flow: Flow, bus: Bus, schema: EventSchema) -> Iterator[dict[str, Any]]:
    """Events of this kind that something behind the bus takes."""
    kind = {"source": [schema.source], "detail-type": [schema.detail_type]}
    for rule in flow.of(Rule):
        if rule.bus_arn == bus.arn and rule.pattern is not None and admits(rule.pattern, schema):
            yield from of_rule(flow, rule, {**rule.pattern, **kind})


def of_rule(flow: Flow, rule: Rule, pattern: Any) -> Iterator[dict[str, Any]]:
    """Events of this pattern, which the rule has or which says more than its own: one, and one for each filter behind it."""
    if compiled := _compiled(pattern):
        for event in (compiled.witness(), *(compiled.overlap(each) for each in _filters_behind(flow, rule))):
            if isinstance(event, dict):
                yield event


def between(old: Flow, new: Flow) -> Iterator[dict[str, Any]]:
    """Events that a rule or filter takes in one flow and not in the other."""
    before = {(type(node), node.path): node for node in old.nodes.values()}
    for node in new.nodes.values():
        one, other = _own_filter(before.get((type(node), node.path))), _own_filter(node)
        if one and other and one.pattern != other.pattern:
            yield from (event for event in (one.covers(other), other.covers(one)) if isinstance(event, dict))


def declared(schema: EventSchema, asked: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Events of this schema: a sample, and the sample with what each of `asked` has, where they agree on the kind of event."""
    sample = Contract(schema.source, schema.detail_type, schema.schema).sample()
    yield sample
    for event in asked:
        kind = event.get("source", schema.source), event.get("detail-type", schema.detail_type)
        if kind == (schema.source, schema.detail_type) and (laid := _laid_over(sample, event)):
            yield laid


def admits(pattern: Any, event: EventSchema | Contract) -> bool:
    """Whether a pattern lets this kind of event through, by what it says of source and detail-type."""
    return bool(admitted(pattern, [event]))


def admitted(pattern: Any, events: Sequence[Kind]) -> list[Kind]:
    """Those of some kinds of events that a pattern lets through, by what it says of source and detail-type."""
    envelope = {key: value for key, value in pattern.items() if key in ("source", "detail-type")}
    try:
        compiled = EventPattern(envelope)
    except PatternError:  # also of nothing at all
        return list(events)
    return [each for each in events if compiled.matches({"source": each.source, "detail-type": each.detail_type})]


def _own_filter(node: Node | None) -> EventPattern | None:
    match node:
        case Rule():
            return _compiled(node.pattern)
        case Subscription(filter_scope="MessageBody"):
            return _compiled(node.filter_policy, SNS)
    return None


def _filters_behind(flow: Flow, rule: Rule) -> Iterator[EventPattern]:
    plain = {target.arn for target in rule.targets if not (target.input or target.input_path or target.transformer)}
    queues = set(plain)
    for subscription in flow.of(Subscription):
        if subscription.topic_arn in plain:
            if subscription.raw:
                queues.add(subscription.endpoint)
            if subscription.filter_scope == "MessageBody" and (policy := _compiled(subscription.filter_policy, SNS)):
                yield policy
    for mapping in flow.of(EventSourceMapping):
        for pattern in mapping.filters if mapping.source_arn in queues else ():
            if compiled := _compiled(pattern.get("body"), MAPPING):
                yield compiled


def _compiled(pattern: Any, dialect: Dialect = EVENTBRIDGE) -> EventPattern | None:
    try:
        return EventPattern(dict(pattern), dialect) if isinstance(pattern, Mapping) else None
    except PatternError:
        return None


def _laid_over(event: Any, asked: Any) -> Any:
    """The event with the values asked for; None where it has no such field, so that no event of its kind has."""
    if not isinstance(event, dict) or not isinstance(asked, Mapping):
        return asked
    if not asked.keys() <= event.keys():
        return None
    inner = {key: _laid_over(event[key], value) for key, value in asked.items()}
    return None if any(value is None and asked[key] is not None for key, value in inner.items()) else {**event, **inner}
