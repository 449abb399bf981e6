"""A Kinesis data stream, and a table with its stream: what comes in goes to everyone who reads it.

https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
"""

import base64
import json
from collections.abc import Mapping
from typing import Any

from cdk_event_flow.flow.hops.stored import keys_of
from cdk_event_flow.flow.model import Table
from cdk_event_flow.flow.payload import as_text, json_or_text
from cdk_event_flow.flow.payloads.streams import dynamodb_record, kinesis_change, kinesis_record
from cdk_event_flow.flow.readers.resource import text_at, whole
from cdk_event_flow.flow.sources import Stream
from cdk_event_flow.flow.ways import kinesis_of
from cdk_event_flow.local.hub import Hub
from cdk_event_flow.local.post import Parcel, RefusedError
from cdk_event_flow.local.storage import Storage
from cdk_event_flow.local.streams.reader import Reader
from cdk_event_flow.local.trace import Delivery, State

# https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
# Kinesis keeps records for a day unless told otherwise, and the stream of a table always does.
DAY = 86_400.0
RECORD_BYTES = 10 * 1024 * 1024
TABLE_SHARD = "shardId-00000001541626099285-f35f62ef"


class LocalStream:
    """One Kinesis data stream. Its records lie in `storage`; who reads it gets each as it comes."""

    kind = "stream"

    def __init__(self, node: Stream, *, hub: Hub, storage: Storage) -> None:
        self.node = node
        self.name = node.name
        self.readers: list[Reader] = []
        self.shards = whole(node.properties.get("ShardCount"), 4 if _on_demand(node) else 1)
        self.retention = whole(node.properties.get("RetentionPeriodHours"), 24) / 24 * DAY
        self._hub = hub
        self._storage = storage

    def take(self, parcel: Parcel, delivery: Delivery) -> None:
        """Put a record for another service."""
        data = parcel.body.encode()
        if len(data) > RECORD_BYTES:
            raise RefusedError("ValidationException", f"the record is larger than {RECORD_BYTES} bytes", retry=False)
        key = parcel.key or self._hub.ids.uuid()
        shard, sequence = self._storage.put_record(self.name, key, data)
        self.arrived(shard, sequence, key, data, delivery)

    def arrived(self, shard: str, sequence: str, key: str, data: bytes, delivery: Delivery) -> None:
        """A record that lies in the stream already goes to everyone who reads it."""
        now = self._hub.clock.now()
        record = kinesis_record("", self.node.arn)
        record["kinesis"] |= {
            "partitionKey": key,
            "sequenceNumber": sequence,
            "data": base64.b64encode(data).decode(),
            "approximateArrivalTimestamp": round(now, 3),
        }
        record["eventID"] = f"{shard}:{sequence}"
        _hand_out(self._hub, self.readers, delivery, record, shard=shard, sequence=sequence, key=key)


class LocalTable:
    """One table with a stream of its changes. Its items lie elsewhere."""

    kind = "table"
    retention = DAY

    def __init__(self, node: Table, *, hub: Hub) -> None:
        self.node = node
        self.name = node.name
        self.readers: list[Reader] = []
        self.stream_arn = kinesis_of(node)
        self._keys = keys_of(node)
        self._view = text_at(node.properties, "StreamSpecification", "StreamViewType") or "NEW_AND_OLD_IMAGES"
        self._count = 0
        self._hub = hub

    @property
    def followed(self) -> bool:
        """Whether anyone hears of its changes."""
        return bool(self.readers or self.stream_arn)

    def take(self, parcel: Parcel, delivery: Delivery) -> None:
        """Take a change: a record of a stream, or an item as newly put."""
        change = json_or_text(parcel.body)
        arn = self.readers[0].mapping.source_arn if self.readers else self.node.arn
        self.changed(dynamodb_record(change, arn, self._keys), delivery)

    def changed(self, record: Mapping[str, Any], delivery: Delivery) -> None:
        """A change of an item goes to everyone who reads the table's stream, and to the Kinesis stream that it has."""
        self._count += 1
        hub = self._hub
        shown = {**record, "awsRegion": self.node.arn.split(":")[3]}
        shown["dynamodb"] = {"SequenceNumber": f"{self._count:021d}", "StreamViewType": self._view, **record["dynamodb"]}
        sequence, key = str(shown["dynamodb"]["SequenceNumber"]), json.dumps(shown["dynamodb"].get("Keys"), sort_keys=True)
        if self.stream_arn:
            body = as_text(kinesis_change(shown, self.name))
            kind, name = hub.post.kind_and_name(self.stream_arn)
            child = hub.trace.child(delivery, kind, self.stream_arn, name, body, via=self.name)
            try:
                hub.post.deliver(self.stream_arn, Parcel(body=body, key=key), child)
            except RefusedError as refusal:
                hub.trace.end(child, State.DROPPED, f"{refusal.code}: {refusal.message}")
        _hand_out(hub, self.readers, delivery, shown, shard=TABLE_SHARD, sequence=sequence, key=key)


def _hand_out(
    hub: Hub, readers: list[Reader], delivery: Delivery, record: dict[str, Any], *, shard: str, sequence: str, key: str
) -> None:
    for reader in readers:
        reader.offer(record, delivery, shard=shard, sequence=sequence, key=key)
    if delivery.children:
        hub.trace.forward(delivery)
    else:
        hub.trace.end(delivery, State.PROCESSED, "kept; nothing here reads this stream")


def _on_demand(node: Stream) -> bool:
    return text_at(node.properties, "StreamModeDetails", "StreamMode") == "ON_DEMAND"
