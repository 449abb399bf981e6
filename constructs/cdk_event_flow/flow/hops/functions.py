"""From functions: the destination of a success. What a handler does by itself, no template tells."""

from collections.abc import Iterator

from cdk_event_flow.flow.delivery import Delivery
from cdk_event_flow.flow.hops.hop import Sending
from cdk_event_flow.flow.model import AsyncConfig, Bus, EventSourceMapping
from cdk_event_flow.flow.payloads.services import destination_event, invocation_record
from cdk_event_flow.flow.sources import Pipe, Route, Url
from cdk_event_flow.flow.ways import invoked

_SYNCHRONOUS = (EventSourceMapping, Pipe, Route, Url)


def from_function(sending: Sending, at: Delivery) -> Iterator[Delivery]:
    """Where an asynchronous invoke that succeeded is told; a batch or request is answered instead."""
    if isinstance(at.by, _SYNCHRONOUS):
        return
    for by in sending.leading(at):
        if isinstance(by, AsyncConfig) and by.on_success and invoked(by) == at.arn:
            record = invocation_record(at.arn, at.payload)
            to_bus = isinstance(sending.flow.receiver(by.on_success), Bus)
            yield sending.hop(by.on_success, by, destination_event(record, by.on_success) if to_bus else record)
