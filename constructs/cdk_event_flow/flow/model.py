"""What a template says about events: nodes, and the edges between them.

Every value is resolved: ARNs, names and URLs are concrete strings (made up from the stack's name where CloudFormation
would make them up), so that equal strings mean the same resource. What cannot be known is `Unknown`, never a guess.
`local` builds its queues, topics, rules and functions from exactly these.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

JSON = Any


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that the template alone does not tell, with the reason ("parameter Stage has no default")."""

    reason: str

    def __str__(self) -> str:
        return f"unknown ({self.reason})"


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """One resource. `path` is its construct path without CDK's `Resource` (`Shop/Billing`), or its logical id.

    `unknown` says what of it the template does not tell, and why: by CloudFormation's property, or `Condition` for a
    resource that may not exist. Fields made of an unknown property hold its default, or `unknown (…)` where they are text.
    `tags` are those of the resource, and of its stack.
    """

    logical_id: str
    arn: str
    name: str
    path: str
    unknown: Mapping[str, str] = field(default_factory=dict, compare=False)
    tags: Mapping[str, str] = field(default_factory=dict, compare=False)

    def tells(self, *properties: str) -> bool:
        """Whether the template tells all of these properties of CloudFormation."""
        return self.unknown.keys().isdisjoint(properties)


@dataclass(frozen=True, kw_only=True, slots=True)
class Bus(Node):
    """An event bus. The account's default bus stands in every flow, named `default`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class InputTransformer:
    """`paths` maps names to JSON paths into the event; `template` is the text with `<name>` in it."""

    paths: Mapping[str, str]
    template: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """Where a rule or a schedule delivers. At most one of `input`, `input_path`, `transformer` is set.

    `max_attempts` 0 to 185 retries after the first attempt, `max_age` in seconds (EventBridge's defaults: 185, 86,400).
    `event_source` and `detail_type` are of the event that a schedule puts on a bus, `web` the headers, query and path of the
    request to an API destination, `key_path` where the event has the partition key of a record.
    """

    id: str
    arn: str
    input: str | None = None
    input_path: str | None = None
    transformer: InputTransformer | None = None
    max_attempts: int = 185
    max_age: int = 86_400
    dead_letter_arn: str | None = None
    role_arn: str | None = None
    message_group_id: str | None = None
    event_source: str | None = None
    detail_type: str | None = None
    web: Mapping[str, JSON] = field(default_factory=dict)
    key_path: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule(Node):
    """An EventBridge rule: `pattern` (a dict) and/or `schedule` (`rate(…)`/`cron(…)`, UTC) on `bus_arn`."""

    bus_arn: str
    pattern: JSON | None
    schedule: str | None
    enabled: bool
    targets: tuple[Target, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule(Node):
    """An EventBridge Scheduler schedule. `expression` is `rate(…)`, `cron(…)` or `at(…)` in `timezone`."""

    expression: str
    timezone: str
    enabled: bool
    target: Target
    flexible_minutes: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Topic(Node):
    """An SNS topic. `key` is what encrypts it: a key's id or ARN, or an alias; None for none."""

    fifo: bool = False
    content_deduplication: bool = False
    key: str | Unknown | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Subscription(Node):
    """An SNS subscription. `filter_policy` is a dict or None; `endpoint` an ARN, address or number."""

    topic_arn: str
    protocol: str
    endpoint: str
    filter_policy: JSON | None = None
    filter_scope: Literal["MessageAttributes", "MessageBody"] = "MessageAttributes"
    raw: bool = False
    dead_letter_arn: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Queue(Node):
    """An SQS queue; times in seconds. `max_receives` and `dead_letter_arn` come together or not at all.

    `key` is the KMS key that encrypts it: a key's id or ARN, or an alias; None where SQS encrypts with a key of its own.
    """

    url: str
    fifo: bool = False
    content_deduplication: bool = False
    visibility: int = 30
    retention: int = 345_600
    delay: int = 0
    max_receives: int | None = None
    dead_letter_arn: str | None = None
    key: str | Unknown | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """Where a function's code is.

    `asset` is the path CDK put into the metadata (relative to the assembly); `source` is the folder our own constructs
    record (relative to the app's folder), `shared` likewise, `exclude` the patterns of what is left out; `image` marks a
    container image; `inline` is the text of `ZipFile`.
    """

    asset: str | None = None
    source: str | None = None
    shared: str | None = None
    exclude: tuple[str, ...] = ()
    inline: str | None = None
    image: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Function(Node):
    """A Lambda function: `memory` in MB, `timeout` in seconds; `subnets` and `security_groups` are the ids of its network.

    `layers` are ARNs of versions of layers; where two have the same file, the last one's counts. `durable` says that
    executions go on where they stopped, `tenants` that no two tenants share an environment, `snap_start` that environments
    start from snapshots of a version. With `stops_loops` Lambda ends a loop through queues, topics, buckets and functions.
    """

    runtime: str
    handler: str
    architecture: str = "x86_64"
    memory: int = 128
    timeout: int = 3
    environment: Mapping[str, str] = field(default_factory=dict)
    code: Code = field(default_factory=Code)
    log_group: str = ""
    log_format: str = "Text"
    log_level: str | None = None
    tracing: bool = False
    reserved_concurrency: int | None = None
    dead_letter_arn: str | None = None
    in_network: bool = False
    ephemeral_storage: int = 512
    role_arn: str = ""
    subnets: tuple[str, ...] = ()
    security_groups: tuple[str | Unknown, ...] = ()
    layers: tuple[str, ...] = ()
    durable: bool = False
    tenants: bool = False
    snap_start: bool = False
    stops_loops: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Layer(Node):
    """A version of a layer; its code is what functions find in `/opt`."""

    code: Code = field(default_factory=Code)


@dataclass(frozen=True, kw_only=True, slots=True)
class Version(Node):
    """A published version of a function. `kept` says that it stays when the next one takes over."""

    function_arn: str
    version: str
    provisioned: int = 0
    kept: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Alias(Node):
    """An alias: `version_arn`, and the further versions' weights (0.0 to 1.0) by their ARN."""

    function_arn: str
    version_arn: str
    weights: Mapping[str, float] = field(default_factory=dict)
    provisioned: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class AsyncConfig(Node):
    """How asynchronous invokes of a function (its `$LATEST`, a version or an alias) are retried and where they end."""

    function_arn: str
    qualifier: str = "$LATEST"
    retries: int = 2
    max_age: int = 21_600
    on_success: str | None = None
    on_failure: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class EventSourceMapping(Node):
    """An event source mapping: `source_arn` is polled for `function_arn` (function, version or alias).

    `window` is the batching window in seconds; batches of a stream that failed go to `on_failure`. The rest is of streams:
    `parallel` batches of a shard at once, in halves after an error (`bisect`), `retries` and `max_age` in seconds (None: until
    the records expire), `tumbling` windows in seconds, records from `position` on (`AT_TIMESTAMP`: `since`, epoch seconds).
    """

    source_arn: str
    function_arn: str
    enabled: bool = True
    batch_size: int = 10
    window: int = 0
    filters: tuple[JSON, ...] = ()
    partial_failures: bool = False
    max_concurrency: int | None = None
    on_failure: str | None = None
    parallel: int = 1
    bisect: bool = False
    retries: int | None = None
    max_age: int | None = None
    tumbling: int = 0
    position: str = ""
    since: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Table(Node):
    """A DynamoDB table; `properties` are CloudFormation's own, resolved."""

    properties: Mapping[str, JSON] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class EventSchema(Node):
    """A schema in a registry: the JSON Schema of a whole event, of this source and detail-type."""

    source: str
    detail_type: str
    schema: Mapping[str, JSON]


@dataclass(frozen=True, kw_only=True, slots=True)
class Other(Node):
    """A resource that the local run does not run (`type` is CloudFormation's); events go through some of them (`sources`).

    `properties` are CloudFormation's own, resolved, of alarms, APIs, archives, buckets, pipes, streams, parts of networks and
    what is scaled; of others there are none.
    """

    type: str
    properties: Mapping[str, JSON] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class ResourcePolicy(Node):
    """A policy on resources (their ARNs): of queues, topics, a function, version or alias, a bus, or an account's logs.

    `document` is IAM's own, resolved. A Lambda permission is read as a document of one statement.
    """

    resources: tuple[str | Unknown, ...]
    document: JSON


@dataclass(frozen=True, kw_only=True, slots=True)
class Role(Node):
    """A role: who may assume it (`trust`, a policy document), its inline policies, and the ARNs of its managed ones.

    `bounded` where it has a permissions boundary.
    """

    trust: JSON
    documents: tuple[JSON, ...] = ()
    managed: tuple[str | Unknown, ...] = ()
    bounded: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class RolePolicy(Node):
    """A policy that stands by itself, inline or managed, and the names of the roles that it is for."""

    roles: tuple[str | Unknown, ...]
    document: JSON


@dataclass(frozen=True, kw_only=True, slots=True)
class Key(Node):
    """A KMS key with its policy document."""

    policy: JSON


@dataclass(frozen=True, kw_only=True, slots=True)
class Template(Node):
    """A stack's template: how much it declares, and its size in bytes as it lies on disk (of none on disk, as compact JSON)."""

    resources: int
    outputs: int
    parameters: int
    size: int


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyAlias(Node):
    """Another name (`alias/orders`) of a key, which is given by its id or ARN."""

    key: str | Unknown
