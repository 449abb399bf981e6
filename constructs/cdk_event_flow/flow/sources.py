"""Where events come from and go to besides buses, topics, queues and functions.

All are `Other` too: the local run names them as what it does not run, and a picture draws them as a service.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from cdk_event_flow.flow.model import JSON, Other, Target, Unknown


@dataclass(frozen=True, kw_only=True, slots=True)
class Stream(Other):
    """A Kinesis data stream. `key` is the KMS key that encrypts it: its id, ARN or alias; None for none."""

    key: str | Unknown | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Polled(Other):
    """What Lambda polls and no resource of a template is: a Kafka topic, a queue of an MQ broker, changes of a database.

    `name` is the topic, the queue, or database and collection; `cluster` the ARN of the cluster or broker, of a Kafka cluster
    that one runs oneself its bootstrap servers. `mq` is a broker of which the template does not tell the engine.
    """

    kind: Literal["msk", "kafka", "activemq", "rabbitmq", "mq", "documentdb"]
    cluster: str
    virtual_host: str = "/"


@dataclass(frozen=True, kw_only=True, slots=True)
class Notification:
    """What S3 sends straight to a queue, topic or function: `events` such as `s3:ObjectCreated:*`, of keys that fit."""

    destination: str
    events: tuple[str, ...]
    prefix: str = ""
    suffix: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bucket(Other):
    """An S3 bucket. `to_default_bus` says whether its events go to EventBridge."""

    notifications: tuple[Notification, ...] = ()
    to_default_bus: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class BucketNotifications(Other):
    """The custom resource by which CDK sets the notifications of a bucket."""

    bucket_arn: str
    notifications: tuple[Notification, ...] = ()
    to_default_bus: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Pipe(Other):
    """An EventBridge pipe. Templates have `<$.path>` in them; `event_source` and `detail_type` are of a bus as target.

    With `awaits`, a state machine as target is started synchronously. Batches of a stream that failed go to
    `dead_letter_arn`.
    """

    source_arn: str
    target_arn: str
    role_arn: str = ""
    dead_letter_arn: str | None = None
    awaits: bool = False
    filters: tuple[JSON, ...] = ()
    enrichment_arn: str | None = None
    enrichment_template: str | None = None
    template: str | None = None
    enabled: bool = True
    event_source: str | None = None
    detail_type: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Archive(Other):
    """An archive of the events of a bus that match `pattern`, or of all."""

    bus_arn: str
    pattern: JSON | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiDestination(Other):
    """An HTTP endpoint outside of AWS, called with the authorization of a connection."""

    endpoint: str
    method: str
    connection_arn: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Api(Other):
    """An HTTP, REST or WebSocket API. A `quick` one was made with its target, and has the stage `$default`.

    `selection` says where a WebSocket API finds the key of the route in a message: `$request.body.action`.
    """

    protocol: Literal["HTTP", "REST", "WEBSOCKET"] = "HTTP"
    quick: bool = False
    selection: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Route(Other):
    """A route of an API to what serves it. `method` is an HTTP verb or `ANY`; `url` has `{name}` and `{name+}` in it.

    `kind` says what the target sees: the event of an HTTP API (`proxy-v2`), of a REST API (`proxy-v1`), or what
    `parameters` (an AWS service called by an HTTP API) or a template (`template`, which is not followed) make of it.
    API Gateway calls the target by the role `role_arn`, which needs `actions` where the target does not tell; without
    a role, by the target's policy.
    """

    api_arn: str
    method: str
    url: str
    target_arn: str
    kind: Literal["proxy-v1", "proxy-v2", "parameters", "template"] = "proxy-v2"
    parameters: Mapping[str, str] = field(default_factory=dict)
    role_arn: str | None = None
    actions: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Url(Other):
    """The URL of a function. `auth` is `AWS_IAM` (requests are signed) or `NONE` (the function's policy alone decides)."""

    function_arn: str
    auth: str = "AWS_IAM"


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarm(Other):
    """A CloudWatch alarm; `actions` are the ARNs that it tells when it goes off."""

    actions: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomBus(Other):
    """A custom event bus of the new kind (EventsV2), which subscribers read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EventFilter:
    """One filter of a subscriber: `scope` is the part of the event that the pattern is matched against."""

    pattern: JSON
    scope: str = "DATA"


@dataclass(frozen=True, kw_only=True, slots=True)
class Subscriber(Other):
    """A subscriber of a new custom event bus (EventsV2). An event must match every filter; `target` is where it goes.

    `sends` is the payload alone (`RAW`), the event with its metadata, or what a JSONata expression makes of it, which is
    not followed.
    """

    bus_arn: str
    target: Target
    filters: tuple[EventFilter, ...] = ()
    enabled: bool = True
    sends: str = "RAW"
