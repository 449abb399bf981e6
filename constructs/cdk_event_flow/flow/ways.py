"""From where events can go where: the static edges of a flow, and its filters compiled once."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cdk_event_flow.flow.arns import bus_arn
from cdk_event_flow.flow.model import AsyncConfig, EventSourceMapping, Function, Node, Rule, Schedule, Subscription, Table
from cdk_event_flow.flow.readers.resource import text_at
from cdk_event_flow.flow.sources import Alarm, Archive, Bucket, BucketNotifications, Pipe, Route, Subscriber, Url
from cdk_event_flow.flow.workers import Workers, consumed_by

if TYPE_CHECKING:
    from cdk_event_flow.flow.graph import Flow

DEFAULT_BUS = "default"


class Ways:
    """`edges` are (ARN, the node that leads on, ARN); `out` has the nodes that lead on from an ARN: the rules of a bus."""

    def __init__(self, flow: "Flow") -> None:
        self.out: dict[str, list[Node]] = {}
        self._into: dict[str, list[tuple[str, Node]]] = {}
        self._compiled: dict[Any, Any] = {}
        every = list(_edges(flow))
        listened = {source for source, _, _ in every}
        default = bus_arn("default", flow.region, flow.account)
        # Every alarm and many a bucket tell the default bus: a hop only where something listens there.
        self.edges = [edge for edge in every if edge[2] != default or default in listened]
        for source, by, target in every:
            leading = self.out.setdefault(source, [])
            if not leading or leading[-1] is not by:
                leading.append(by)
            found = flow.receiver(target)
            self._into.setdefault(found.arn if found else target, []).append((source, by))

    def upstream(self, arn: str, *, past_filters: bool = True) -> set[str]:
        """All from which `arn` can be reached, itself included; whatever filters say, or by hops without filter only."""
        found, todo = {arn}, [arn]
        while todo:
            for source, by in self._into.get(todo.pop(), ()):
                if source not in found and (past_filters or not _filters(by)):
                    found.add(source)
                    todo.append(source)
        return found

    def compiled(self, key: Any, compile: Callable[[], Any]) -> Any:
        """What `compile()` made for this key the first time."""
        if key not in self._compiled:
            self._compiled[key] = compile()
        return self._compiled[key]


def _filters(node: Node) -> bool:
    match node:
        case Rule() | Archive():
            return True
        case Subscription():
            return bool(node.filter_policy)
        case EventSourceMapping() | Pipe() | Subscriber():
            return bool(node.filters)
    return False


def source_of(arn: str) -> str:
    """The table of a table's stream, the stream of its consumer, the bucket of an object, the API of a stage; else the ARN."""
    if ":dynamodb:" in arn:
        return arn.partition("/stream/")[0]
    if ":s3:" in arn or ":execute-api:" in arn:
        return arn.partition("/")[0]
    return arn.partition("/consumer/")[0] if ":kinesis:" in arn else arn


def invoked(config: AsyncConfig) -> str:
    """The ARN that a configuration of asynchronous invokes is of."""
    return config.function_arn if config.qualifier == "$LATEST" else f"{config.function_arn}:{config.qualifier}"


def handed_on(flow: "Flow", function: Function) -> set[str]:
    """Where Lambda itself sends what becomes of the function's asynchronous invokes: dead letters and destinations."""
    configured = [each for each in flow.of(AsyncConfig) if each.function_arn == function.arn]
    ends = (function.dead_letter_arn, *(end for each in configured for end in (each.on_failure, each.on_success)))
    return {end for end in ends if end}


def kinesis_of(table: Table) -> str | None:
    """The ARN of the Kinesis data stream that a table's changes go to besides its own stream."""
    return text_at(table.properties, "KinesisStreamSpecification", "StreamArn")


Ends = Iterable[tuple[str, str]]


def _of_rule(rule: Rule) -> Ends:
    for target in rule.targets:
        if rule.pattern is not None:
            yield rule.bus_arn, target.arn
        yield rule.arn, target.arn


def _of_config(config: AsyncConfig) -> Ends:
    function = ":".join(config.function_arn.split(":")[:7])
    return [(function, config.on_success)] if config.on_success else []


def _of_pipe(pipe: Pipe) -> Ends:
    ends = filter(None, (pipe.enrichment_arn, pipe.target_arn))
    return [(source_of(pipe.source_arn), end) for end in ends]


def _of_bucket(bucket: Bucket | BucketNotifications) -> Ends:
    arn = bucket.bucket_arn if isinstance(bucket, BucketNotifications) else bucket.arn
    ends = [(arn, each.destination) for each in bucket.notifications]
    return [*ends, (arn, DEFAULT_BUS)] if bucket.to_default_bus else ends


_ENDS: Mapping[type[Node], Callable[[Any], Ends]] = {
    Alarm: lambda node: [(node.arn, each) for each in (*node.actions, DEFAULT_BUS)],
    Archive: lambda node: [(node.bus_arn, node.arn)],
    AsyncConfig: _of_config,
    Bucket: _of_bucket,
    BucketNotifications: _of_bucket,
    EventSourceMapping: lambda node: [(source_of(node.source_arn), node.function_arn)],
    Pipe: _of_pipe,
    Route: lambda node: [(node.api_arn, node.target_arn)],
    Rule: _of_rule,
    Schedule: lambda node: [(node.arn, node.target.arn)],
    Subscriber: lambda node: [(node.bus_arn, node.target.arn)],
    Subscription: lambda node: [(node.topic_arn, node.endpoint)],
    Table: lambda node: [(node.arn, end)] if (end := kinesis_of(node)) else [],
    Url: lambda node: [(node.arn, node.function_arn)],
}


def _edges(flow: "Flow") -> Iterator[tuple[str, Node, str]]:
    for node in flow.nodes.values():
        ends = _ENDS.get(type(node), _nowhere)(node)
        if isinstance(node, Workers):
            ends = [(consumed.arn, node.arn) for consumed in consumed_by(flow, node)]
        for source, target in ends:
            yield source, node, target if target != DEFAULT_BUS else bus_arn("default", flow.region, flow.account)


def _nowhere(_: Node) -> Ends:
    return ()
