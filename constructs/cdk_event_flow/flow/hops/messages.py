"""From topics and queues."""

from collections.abc import Iterator
from typing import Any

from cdk_event_flow.flow import payload
from cdk_event_flow.flow.attributes import in_record, in_sns
from cdk_event_flow.flow.delivery import Delivery
from cdk_event_flow.flow.hops.filters import Judged, judge
from cdk_event_flow.flow.hops.hop import Sending, short
from cdk_event_flow.flow.hops.mappings import by_mapping
from cdk_event_flow.flow.hops.pipes import by_pipe
from cdk_event_flow.flow.hops.workers import by_workers
from cdk_event_flow.flow.model import EventSourceMapping, Rule, Subscription, Topic, Unknown
from cdk_event_flow.flow.sources import Pipe
from cdk_event_flow.flow.workers import Workers
from cdk_event_flow.match import FilterPolicy


def from_topic(sending: Sending, at: Delivery) -> Iterator[Delivery]:
    """Every subscription: the message raw, in an envelope, or in the record that a function gets."""
    for by in sending.leading(at):
        if isinstance(by, Subscription):
            judged = _judged(sending, by, at)
            group = "of the message" if isinstance(at.receiver, Topic) and at.receiver.fifo else None
            beside = at.attributes if by.raw else None
            given = _given(sending, by, at)
            yield sending.hop(
                by.endpoint, by, given, judged.reasons, judged.doubts, beside, group=group,
                judgement=judged.judgement,
            )  # fmt: skip


def _given(sending: Sending, subscription: Subscription, at: Delivery) -> Any:
    message = at.payload
    if isinstance(message, Unknown):
        return message
    envelope = payload.sns_envelope(
        payload.as_text(message), subscription.topic_arn, attributes=in_sns(at.attributes), subscription_arn=subscription.arn
    )
    if subscription.protocol == "lambda" and sending.flow.function(subscription.endpoint):
        return payload.sns_lambda_event(envelope, subscription.arn)
    return message if subscription.raw else envelope


def _judged(sending: Sending, subscription: Subscription, at: Delivery) -> Judged:
    policy, scope = subscription.filter_policy, subscription.filter_scope
    if not policy:
        return Judged()
    receiver = sending.flow.receiver(subscription.endpoint)
    route = f"the filter of {short(at.receiver)} → {short(receiver or subscription)}"
    message = at.payload if isinstance(at.payload, Unknown) else payload.as_text(at.payload)
    judged = judge(
        sending.ways,
        policy,
        route,
        message,
        _of_attributes if scope == "MessageAttributes" else _of_body,
        lambda compiled: compiled.explain(message, in_sns(at.attributes)),
    )
    if judged.reasons and scope == "MessageAttributes" and isinstance(at.by, Rule):
        return Judged(
            (f"{route} reads message attributes, and EventBridge sends none", *judged.reasons), judged.doubts, judged.judgement
        )
    return judged


def _of_attributes(policy: Any) -> FilterPolicy:
    return FilterPolicy(policy, "MessageAttributes")


def _of_body(policy: Any) -> FilterPolicy:
    return FilterPolicy(policy, "MessageBody")


def from_queue(sending: Sending, at: Delivery) -> Iterator[Delivery]:
    """Every mapping and pipe that polls the queue."""
    arn = at.receiver.arn
    record: Any = at.payload
    if not isinstance(record, Unknown):
        record = {**payload.sqs_record(payload.as_text(record), arn), "messageAttributes": in_record(at.attributes)}
    for by in sending.leading(at):
        if isinstance(by, EventSourceMapping):
            yield by_mapping(sending, by, at, record, "sqs")
        elif isinstance(by, Pipe):
            yield from by_pipe(sending, by, record)
        elif isinstance(by, Workers):
            yield by_workers(sending, by, at, record)
