"""The post office: everything that takes deliveries, by ARN.

Buses, topics, schedules and asynchronous invokes hand on through it, so none of them knows another.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from cdk_event_flow.flow.attributes import MessageAttributes
from cdk_event_flow.local.trace import Delivery


@dataclass(kw_only=True, slots=True)
class Parcel:
    """What is handed on: `body`, and what goes beside it.

    `attributes` are in SQS's form (`DataType` with `StringValue` or `BinaryValue`); `trace_header` is the X-Ray header; `key` is
    the partition key of a record, or the key of an object; `web` what a request has besides its body.
    """

    body: str
    attributes: MessageAttributes = field(default_factory=dict)
    group_id: str | None = None
    deduplication_id: str | None = None
    trace_header: str = ""
    key: str = ""
    web: Mapping[str, Any] = field(default_factory=dict)


class RefusedError(Exception):
    """A receiver did not take a parcel. `code` is AWS's; `retry` tells whether the sender tries again."""

    def __init__(self, code: str, message: str, *, retry: bool) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry = retry


class Receiver(Protocol):
    """Something with an ARN that takes deliveries."""

    kind: str
    name: str

    def take(self, parcel: Parcel, delivery: Delivery) -> Awaitable[None] | None:
        """Take over `delivery`, or raise RefusedError. What takes time is awaited: it ends, or raises, when that is decided."""
        ...


class Post:
    """Receivers by ARN, and the names by which everything is shown.

    `before` is asked before each delivery and may return a refusal: for trying out what happens when a service is
    throttled or away.
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        self._receivers: dict[str, Receiver] = {}
        self._names = names
        self.before: Callable[[str], RefusedError | None] | None = None

    def register(self, arn: str, receiver: Receiver) -> None:
        """Deliveries to `arn` go to `receiver` from now on."""
        self._receivers[arn] = receiver

    def find(self, arn: str) -> Receiver | None:
        """Who receives for `arn`."""
        return self._receivers.get(arn)

    def kind_and_name(self, arn: str) -> tuple[str, str]:
        """How a delivery to `arn` is shown; an ARN that nobody here has is shown by its last part."""
        receiver = self._receivers.get(arn)
        if receiver is None:
            return "outside", self.name(arn)
        return receiver.kind, self._names.get(arn, receiver.name)

    def name(self, arn: str) -> str:
        """How the node of this ARN is called; one that nobody here has is called by its ARN's last part."""
        return self._names.get(arn, arn.rsplit(":", 1)[-1])

    def deliver(self, arn: str, parcel: Parcel, delivery: Delivery) -> Awaitable[None] | None:
        """Hand over, or raise RefusedError; see Receiver."""
        if self.before and (refusal := self.before(arn)):
            raise refusal
        receiver = self._receivers.get(arn)
        if receiver is None:
            raise RefusedError("RESOURCE_NOT_FOUND", f"{arn} does not exist in this run", retry=False)
        return receiver.take(parcel, delivery)


class Sink:
    """A receiver whose deliveries are shown and go no further: a log group, say."""

    def __init__(self, kind: str, name: str, taken: Callable[[Parcel, Delivery], None]) -> None:
        self.kind = kind
        self.name = name
        self._taken = taken

    def take(self, parcel: Parcel, delivery: Delivery) -> None:
        """Keep it."""
        self._taken(parcel, delivery)
