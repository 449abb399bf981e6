"""From what keeps data or watches it: buckets, tables, streams, alarms."""

from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from typing import Any

from cdk_event_flow.flow import payload
from cdk_event_flow.flow.arns import bus_arn
from cdk_event_flow.flow.delivery import Delivery
from cdk_event_flow.flow.hops.hop import Sending, short
from cdk_event_flow.flow.hops.mappings import by_mapping
from cdk_event_flow.flow.hops.pipes import by_pipe
from cdk_event_flow.flow.model import EventSourceMapping, Table, Topic, Unknown
from cdk_event_flow.flow.payloads import polled, s3
from cdk_event_flow.flow.payloads.services import alarm_message
from cdk_event_flow.flow.payloads.streams import dynamodb_record, kinesis_change, kinesis_record
from cdk_event_flow.flow.readers.resource import as_list, as_mapping
from cdk_event_flow.flow.sources import Alarm, Bucket, BucketNotifications, Notification, Pipe, Polled
from cdk_event_flow.flow.ways import kinesis_of
from cdk_event_flow.match.criteria import Source


def from_bucket(sending: Sending, at: Delivery) -> Iterator[Delivery]:
    """What S3 tells queues, topics, functions and the default bus about one object."""
    bucket, flow = at.receiver, sending.flow
    change = s3.Change.of(at.payload)
    for by in sending.leading(at):
        if not isinstance(by, Bucket | BucketNotifications):
            continue
        for each in by.notifications:
            given: Any = s3.notification(change, bucket.name, bucket.arn, flow.region)
            if isinstance(flow.receiver(each.destination), Topic):
                given = payload.as_text(given)
            yield sending.hop(each.destination, by, given, tuple(misses(each, change, short(bucket))))
        if by.to_default_bus:
            event = s3.bus_event(change, bucket.name, bucket.arn, account=flow.account, region=flow.region)
            yield sending.hop(bus_arn("default", flow.region, flow.account), by, event)


def misses(notification: Notification, change: s3.Change, bucket: str) -> Iterator[str]:
    """Why a notification does not tell of a change; nothing where it does."""
    route = f"the notification of {bucket}"
    events = [each.removeprefix("s3:") for each in notification.events]
    if not any(fnmatchcase(change.event, each) for each in events):
        yield f"the event is {change.event}, {route} wants {' or '.join(events) or 'none'}"
    if not change.key.startswith(notification.prefix):
        yield f"the key is {change.key}, {route} wants keys that begin with {notification.prefix}"
    if not change.key.endswith(notification.suffix):
        yield f"the key is {change.key}, {route} wants keys that end with {notification.suffix}"


def from_table(sending: Sending, at: Delivery) -> Iterator[Delivery]:
    """Every mapping and pipe that reads the table's stream, and the Kinesis data stream that the changes go to as well."""
    table = at.receiver
    if not isinstance(table, Table):
        return
    keys = keys_of(table)
    yield from _read(sending, at, "dynamodb", lambda item, arn: dynamodb_record(item, arn, keys))
    if stream := kinesis_of(table):
        given = at.payload
        if not isinstance(given, Unknown):
            given = kinesis_change(dynamodb_record(given, table.arn, keys), table.name)
        yield sending.hop(stream, table, given)


def from_stream(sending: Sending, at: Delivery) -> Iterator[Delivery]:
    """Every mapping and pipe that reads the stream."""
    yield from _read(sending, at, "kinesis", kinesis_record)


def _read(sending: Sending, at: Delivery, source: Source, record_of: Callable[[Any, str], Any]) -> Iterator[Delivery]:
    for by in sending.leading(at):
        if isinstance(by, EventSourceMapping | Pipe):
            record = at.payload if isinstance(at.payload, Unknown) else record_of(at.payload, by.source_arn)
            if isinstance(by, Pipe):
                yield from by_pipe(sending, by, record)
            else:
                yield by_mapping(sending, by, at, record, source)


def from_polled(sending: Sending, at: Delivery) -> Iterator[Delivery]:
    """Every mapping that polls the topic, the queue or the changes."""
    source = at.receiver
    if not isinstance(source, Polled):
        return
    record = polled.record_of(source, at.payload)
    for by in sending.leading(at):
        if isinstance(by, EventSourceMapping):
            yield by_mapping(sending, by, at, record, _KINDS[source.kind], lambda record: polled.batch_of(source, record))


_KINDS: dict[str, Source] = {
    "msk": "kafka", "kafka": "kafka", "activemq": "mq", "rabbitmq": "mq", "mq": "mq", "documentdb": "documentdb",
}  # fmt: skip


def keys_of(table: Table) -> tuple[str, ...]:
    """The names of a table's keys."""
    return tuple(str(as_mapping(each).get("AttributeName")) for each in as_list(table.properties.get("KeySchema")))


def from_alarm(sending: Sending, at: Delivery) -> Iterator[Delivery]:
    """What an alarm that goes off tells its topics and functions, and the default bus."""
    alarm, flow = at.receiver, sending.flow
    if not isinstance(alarm, Alarm):
        return
    for action in alarm.actions:
        yield sending.hop(action, alarm, alarm_message(alarm.name, alarm.arn, "ALARM"))
    event = {
        "source": "aws.cloudwatch",
        "detail-type": "CloudWatch Alarm State Change",
        "resources": [alarm.arn],
        "detail": {"alarmName": alarm.name, "state": {"value": "ALARM"}, "previousState": {"value": "OK"}},
    }
    put = payload.put_event(event, account=flow.account, region=flow.region)
    yield sending.hop(bus_arn("default", flow.region, flow.account), alarm, put)
