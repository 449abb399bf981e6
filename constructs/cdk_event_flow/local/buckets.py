"""S3 buckets: what they tell of their objects. The objects lie elsewhere.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html
"""

from collections.abc import Sequence
from typing import Any

from cdk_event_flow.flow.arns import bus_arn
from cdk_event_flow.flow.hops.stored import misses
from cdk_event_flow.flow.payload import as_text, json_or_text
from cdk_event_flow.flow.payloads import s3
from cdk_event_flow.flow.sources import Bucket, BucketNotifications
from cdk_event_flow.local.hub import Hub
from cdk_event_flow.local.ids import iso_milliseconds, iso_seconds
from cdk_event_flow.local.patience import LastResort, Patience, Sender
from cdk_event_flow.local.post import Parcel
from cdk_event_flow.local.retries import Retries
from cdk_event_flow.local.storage import Storage
from cdk_event_flow.local.trace import Delivery, State


class LocalBucket:
    """One bucket with its notifications, in its own properties or in CDK's custom resource."""

    kind = "bucket"

    def __init__(
        self,
        node: Bucket,
        others: Sequence[BucketNotifications],
        *,
        hub: Hub,
        retries: Retries,
        storage: Storage,
        region: str,
        account: str,
    ) -> None:
        self.node = node
        self.name = node.name
        told_by: list[Bucket | BucketNotifications] = [node, *(each for each in others if each.bucket_arn == node.arn)]
        self.notifications = [(by, each) for by in told_by for each in by.notifications]
        self.to_bus = next((by for by in told_by if by.to_default_bus), None)
        self._hub = hub
        self._retries = retries
        self._storage = storage
        self._region = region
        self._account = account
        self._sequence = 0

    def take(self, parcel: Parcel, delivery: Delivery) -> None:
        """Keep an object for another service (`parcel.key`), or take a change: `{"key": "in/a.csv", "event": …}`."""
        if parcel.key:
            body = parcel.body.encode()
            self._storage.put_object(self.name, parcel.key, body)
            self.changed(s3.Change(key=parcel.key, size=len(body)), delivery, header=parcel.trace_header)
        else:
            self.changed(s3.Change.of(json_or_text(parcel.body)), delivery, header=parcel.trace_header)

    def changed(self, change: s3.Change, delivery: Delivery, *, header: str = "") -> None:
        """Tell everyone who is to hear of it."""
        trace, post = self._hub.trace, self._hub.post
        self._sequence += 1
        missed: list[str] = []
        for _, each in self.notifications:
            if reasons := list(misses(each, change, self.name)):
                missed.extend(reasons)
                continue
            body = as_text(self._notification(change))
            kind, name = post.kind_and_name(each.destination)
            child = trace.child(delivery, kind, each.destination, name, body, via=post.name(self.node.arn))
            parcel = Parcel(body=body, trace_header=header)
            self._retries.deliver(
                each.destination,
                parcel,
                child,
                patience=Patience(sender=Sender.S3, retries=3),
                last_resort=LastResort(sender=Sender.S3, arn=None, parcel=parcel),
            )
        if self.to_bus:
            self._put_event(change, delivery)
        if delivery.children:
            trace.forward(delivery)
        elif missed:
            trace.unmatched(delivery, lambda: tuple(missed))
        else:
            trace.end(delivery, State.PROCESSED, "kept; nobody is told of objects of this bucket")

    def _notification(self, change: s3.Change) -> dict[str, Any]:
        hub = self._hub
        made = s3.notification(change, self.name, self.node.arn, self._region)
        record = made["Records"][0]
        record["eventTime"] = iso_milliseconds(hub.clock.now())
        record["responseElements"]["x-amz-request-id"] = hub.ids.hex(16).upper()
        record["s3"]["object"]["sequencer"] = self._sequencer()
        if change.event.startswith("ObjectRemoved"):
            record["s3"]["object"].pop("size")
            record["s3"]["object"].pop("eTag")
        return made

    def _put_event(self, change: s3.Change, delivery: Delivery) -> None:
        hub = self._hub
        arn = bus_arn("default", self._region, self._account)
        event = s3.bus_event(change, self.name, self.node.arn, account=self._account, region=self._region)
        event |= {"id": hub.ids.uuid(), "time": iso_seconds(hub.clock.now())}
        event["detail"]["object"]["sequencer"] = self._sequencer()
        body = as_text(event)
        kind, name = hub.post.kind_and_name(arn)
        child = hub.trace.child(delivery, kind, arn, name, body, via=hub.post.name(self.node.arn))
        hub.post.deliver(arn, Parcel(body=body), child)

    def _sequencer(self) -> str:
        """Grows with each change of an object."""
        return f"{0x0A1B2C3D4E5F0000 + self._sequence:018X}"
