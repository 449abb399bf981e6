"""How events go on from each kind of node, one module a family of services."""

from collections.abc import Callable, Iterator

from cdk_event_flow.flow.delivery import Delivery
from cdk_event_flow.flow.hops import buses, functions, http, messages, stored
from cdk_event_flow.flow.hops.hop import Sending
from cdk_event_flow.flow.model import Bus, Function, Node, Queue, Rule, Schedule, Table, Topic
from cdk_event_flow.flow.sources import Alarm, Api, Bucket, CustomBus, Polled, Stream, Url

Follow = Callable[[Sending, Delivery], Iterator[Delivery]]

FOLLOW: dict[type[Node], Follow] = {
    Alarm: stored.from_alarm,
    Api: http.from_api,
    Bucket: stored.from_bucket,
    Bus: buses.from_bus,
    CustomBus: buses.from_custom_bus,
    Function: functions.from_function,
    Polled: stored.from_polled,
    Queue: messages.from_queue,
    Rule: buses.from_rule,
    Schedule: buses.from_schedule,
    Stream: stored.from_stream,
    Table: stored.from_table,
    Topic: messages.from_topic,
    Url: http.from_url,
}
