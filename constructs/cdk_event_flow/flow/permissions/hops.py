"""Every place of a flow where one resource hands something to another, or reads from it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cdk_event_flow.flow.model import AsyncConfig, EventSourceMapping, Function, Node, Rule, Schedule, Subscription, Target
from cdk_event_flow.flow.sources import Alarm, Bucket, BucketNotifications, Pipe, Route, Subscriber, Url
from cdk_event_flow.flow.workers import ACTIONS, Workers

if TYPE_CHECKING:
    from cdk_event_flow.flow.graph import Flow

_SYNCHRONOUS = ("states:StartSyncExecution",)


@dataclass(frozen=True, kw_only=True, slots=True)
class Hop:
    """`by` hands on to `arn`: a rule to a target, a subscription to its endpoint, a bucket to a queue.

    `dead` is where it goes that could not be delivered; of a function or its asynchronous configuration, what failed.
    With `reads`, `by` (a mapping or a pipe) reads from `arn` what it hands on. `role_arn` is the role of a target, and
    `actions` are what that role needs where the kind of the receiver does not tell.
    """

    by: Node
    arn: str
    role_arn: str | None = None
    dead: bool = False
    reads: bool = False
    actions: tuple[str, ...] = ()


def hops(flow: "Flow") -> Iterator[Hop]:
    """All hops of the flow, in the template's order."""
    for node in flow.nodes.values():
        yield from hops_of(node)


def hops_of(by: Node) -> Iterable[Hop]:
    """The hops of one node; none of those that need no permission, such as what S3 puts on the default bus."""
    return _HOPS.get(type(by), _none)(by)


def _of_rule(rule: Rule) -> Iterator[Hop]:
    for target in rule.targets:
        yield from _of_target(rule, target)


def _of_target(by: Node, target: Target) -> Iterator[Hop]:
    yield Hop(by=by, arn=target.arn, role_arn=target.role_arn)
    yield from _dead(by, target.dead_letter_arn, target.role_arn)


def _of_subscription(subscription: Subscription) -> Iterator[Hop]:
    yield Hop(by=subscription, arn=subscription.endpoint)
    yield from _dead(subscription, subscription.dead_letter_arn)


def _of_mapping(mapping: EventSourceMapping) -> Iterator[Hop]:
    yield Hop(by=mapping, arn=mapping.source_arn, reads=True)
    yield from _dead(mapping, mapping.on_failure)


def _of_pipe(pipe: Pipe) -> Iterator[Hop]:
    yield Hop(by=pipe, arn=pipe.source_arn, role_arn=pipe.role_arn, reads=True)
    for arn, answered in ((pipe.enrichment_arn, True), (pipe.target_arn, pipe.awaits)):
        if arn:
            yield Hop(by=pipe, arn=arn, role_arn=pipe.role_arn, actions=_SYNCHRONOUS if answered and ":states:" in arn else ())
    yield from _dead(pipe, pipe.dead_letter_arn, pipe.role_arn)


def _of_route(route: Route) -> Iterator[Hop]:
    if route.target_arn.startswith("arn:") and ":apigateway:" not in route.target_arn:
        yield Hop(by=route, arn=route.target_arn, role_arn=route.role_arn, actions=route.actions)


def _of_bucket(bucket: Bucket | BucketNotifications) -> Iterator[Hop]:
    for arn in dict.fromkeys(each.destination for each in bucket.notifications):
        yield Hop(by=bucket, arn=arn)


def _of_alarm(alarm: Alarm) -> Iterator[Hop]:
    """All else that an alarm does (EC2, Auto Scaling, Systems Manager) it does by a role of its service."""
    for arn in alarm.actions:
        if arn.split(":")[2:3] in (["sns"], ["lambda"]):
            yield Hop(by=alarm, arn=arn)


def _of_config(config: AsyncConfig) -> Iterator[Hop]:
    yield from _dead(config, config.on_failure)
    if config.on_success is not None:
        yield Hop(by=config, arn=config.on_success)


def _dead(by: Node, arn: str | None, role_arn: str | None = None) -> Iterator[Hop]:
    if arn is not None:
        yield Hop(by=by, arn=str(arn), role_arn=role_arn, dead=True)


def _of_workers(workers: Workers) -> Iterator[Hop]:
    """Of workers that are not ours it is by their role that they are known to read, so there is nothing to ask."""
    if workers.runner:
        yield Hop(by=workers, arn=workers.queue_arn, role_arn=workers.role_arn, reads=True, actions=ACTIONS)


def _none(_: Node) -> Iterable[Hop]:
    return ()


_HOPS: Mapping[type[Node], Callable[[Any], Iterable[Hop]]] = {
    Alarm: _of_alarm,
    AsyncConfig: _of_config,
    Bucket: _of_bucket,
    BucketNotifications: _of_bucket,
    EventSourceMapping: _of_mapping,
    Function: lambda node: _dead(node, node.dead_letter_arn),
    Pipe: _of_pipe,
    Route: _of_route,
    Rule: _of_rule,
    Schedule: lambda node: _of_target(node, node.target),
    Subscriber: lambda node: _of_target(node, node.target),
    Subscription: _of_subscription,
    Url: lambda node: [Hop(by=node, arn=node.function_arn)],
    Workers: _of_workers,
}
