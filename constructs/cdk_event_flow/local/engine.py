"""The delivery engine: every bus, rule, topic, queue, mapping, schedule and asynchronous invoke of a flow."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from cdk_event_flow.flow.model import (
    AsyncConfig,
    Bus,
    Node,
    Other,
    Queue,
    Rule,
    Schedule,
    Subscription,
    Topic,
)
from cdk_event_flow.flow.names import short_names
from cdk_event_flow.flow.payload import put_event
from cdk_event_flow.flow.sources import ApiDestination, Archive
from cdk_event_flow.local.archives import LocalArchive, Replays
from cdk_event_flow.local.buses import LocalBus, Targets
from cdk_event_flow.local.clock import Clock
from cdk_event_flow.local.entries import refusal
from cdk_event_flow.local.faults import Faults
from cdk_event_flow.local.functions import Functions, LogWatcher
from cdk_event_flow.local.hub import Hub
from cdk_event_flow.local.ids import Ids, iso_seconds
from cdk_event_flow.local.invocation import Invocation, Invoker
from cdk_event_flow.local.invocations import Invocations
from cdk_event_flow.local.invokes import AsyncInvokes
from cdk_event_flow.local.keeper import Forgetful, Keeper
from cdk_event_flow.local.logbook import Logbook
from cdk_event_flow.local.outside import LocalApiDestination, Web, WebSubscriber
from cdk_event_flow.local.post import Parcel, Post, Sink
from cdk_event_flow.local.queues import LocalQueue
from cdk_event_flow.local.retries import Retries
from cdk_event_flow.local.schedules import Schedules
from cdk_event_flow.local.sources import Sources
from cdk_event_flow.local.storage import Nowhere, Storage
from cdk_event_flow.local.topics import LocalTopic
from cdk_event_flow.local.trace import Delivery, State, Trace

_TAKES_RECORDS = ("AWS::KinesisFirehose::DeliveryStream",)
AnyNode = TypeVar("AnyNode", bound=Node)


class Engine:
    """Built from the nodes of a flow; nothing moves before `start`. `seed` gives the identifiers made up.

    `keep` is where what was accepted is kept; by default nothing is. `storage` has the records of streams and the objects of
    buckets. `faults` tell what is delivered twice on purpose. `allowed` are hosts besides this machine that requests go to.
    """

    def __init__(
        self,
        nodes: Iterable[Node],
        invoker: Invoker,
        *,
        region: str,
        account: str,
        clock: Clock,
        seed: int = 0,
        keep: Keeper | None = None,
        faults: Faults | None = None,
        storage: Storage | None = None,
        allowed: Collection[str] = (),
        on_event: Callable[[str, Delivery], None] | None = None,
        on_log: LogWatcher | None = None,
    ) -> None:
        self.nodes = list(nodes)
        names = short_names({node.arn: node for node in self.nodes})
        keep = keep or Forgetful()
        self.hub = hub = Hub(clock, Ids(seed, keep.generation), Trace(clock.now, on_event, keep), Post(names), keep)
        self.web = Web(allowed=allowed)
        self.region = region
        self.account = account
        self.logbook = Logbook(keep)
        self.invocations = Invocations()
        self.functions = Functions(
            self.nodes, invoker, hub=hub, logbook=self.logbook, invocations=self.invocations, on_log=on_log, faults=faults
        )
        self.retries = retries = Retries(hub=hub)
        targets = Targets(hub=hub, retries=retries)
        self.schedules = Schedules(hub=hub, retries=retries, targets=targets)
        self.queues = [LocalQueue(node, hub=hub) for node in self.all(Queue)]
        subscriptions = self.all(Subscription)
        self.topics = [LocalTopic(node, subscriptions, hub=hub, retries=retries) for node in self.all(Topic)]
        rules = self.all(Rule)
        self.buses = [LocalBus(node, rules, targets=targets, hub=hub) for node in self.all(Bus)]
        buses = {bus.node.arn: bus for bus in self.buses}
        archives = [LocalArchive(node, buses[node.bus_arn], hub=hub) for node in self.all(Archive) if node.bus_arn in buses]
        self.replays = Replays(archives, hub=hub)
        self.sources = Sources(
            self.nodes,
            self.queues,
            self.functions,
            hub=hub,
            retries=retries,
            storage=storage or Nowhere(),
            region=region,
            account=account,
        )
        self.mappings = self.sources.mappings
        self._register()

    def all(self, kind: type[AnyNode]) -> list[AnyNode]:
        """The nodes of one kind, in the template's order."""
        return [node for node in self.nodes if isinstance(node, kind)]

    def _register(self) -> None:
        post = self.hub.post
        for queue in self.queues:
            post.register(queue.node.arn, queue)
        for topic in self.topics:
            post.register(topic.node.arn, topic)
        for bus in self.buses:
            post.register(bus.node.arn, bus)
        for source in self.sources.followed:
            post.register(source.node.arn, source)
        for bucket in self.sources.buckets:
            post.register(bucket.node.arn, bucket)
        connections = {node.arn: node.properties for node in self.all(Other) if node.type == "AWS::Events::Connection"}
        for destination in self.all(ApiDestination):
            connection = connections.get(destination.connection_arn, {})
            post.register(destination.arn, LocalApiDestination(destination, connection, hub=self.hub, web=self.web))
        for subscription in self.all(Subscription):
            if subscription.protocol in ("http", "https"):
                post.register(subscription.endpoint, WebSubscriber(subscription.endpoint, hub=self.hub, web=self.web))
        configs = self.all(AsyncConfig)
        for arn in self.functions.arns():
            post.register(arn, AsyncInvokes(arn, self.functions, configs, hub=self.hub))
        for node in self.all(Other):
            if node.type == "AWS::Logs::LogGroup":
                sink = Sink("log group", node.name, partial(self._logged, node.name))
                # Targets name a log group with and without the ":*" that its ARN ends in.
                post.register(node.arn, sink)
                post.register(node.arn.removesuffix(":*"), sink)

        self.elsewhere = self._elsewhere()
        for arn, name, kind in self.elsewhere:
            post.register(arn, Sink(kind or "outside", name, self._not_run(kind)))

    def _elsewhere(self) -> list[tuple[str, str, str]]:
        """ARN, name and CloudFormation type (empty: not in this flow) of each target that this run has no part for."""
        targets = [target.arn for rule in self.all(Rule) for target in rule.targets]
        targets += [schedule.target.arn for schedule in self.all(Schedule)]
        targets += [s.endpoint for s in self.all(Subscription) if s.protocol in ("sqs", "lambda")]
        configs = self.all(AsyncConfig)
        targets += [arn for config in configs for arn in (config.on_success, config.on_failure) if arn]
        targets += [pipe.target_arn for pipe in self.sources.pipes]
        targets += [reader.mapping.on_failure for reader in self.sources.readers if reader.mapping.on_failure]
        targets += [each.destination for bucket in self.sources.buckets for _, each in bucket.notifications]
        unknown = [arn for arn in dict.fromkeys(targets) if self.hub.post.find(arn) is None]
        types = {node.arn: (node.path, node.type) for node in self.all(Other)}
        return [(arn, *types.get(arn, (arn.rsplit(":", 1)[-1], ""))) for arn in unknown]

    def _not_run(self, kind: str) -> Callable[[Parcel, Delivery], None]:
        def taken(_: Parcel, delivery: Delivery) -> None:
            if kind in _TAKES_RECORDS:
                self.hub.trace.shown(delivery, "on AWS a record of the delivery stream")
            elif kind:
                self.hub.trace.end(delivery, State.DROPPED, f"{kind} is not run here")
            else:
                self.hub.trace.shown(delivery, "outside of this flow")

        return taken

    def _logged(self, group: str, parcel: Parcel, delivery: Delivery) -> None:
        self.logbook.add(group, self.hub.ids.uuid(), parcel.body, self.hub.clock.now())
        self.hub.trace.end(delivery, State.PROCESSED, "logged")

    def start(self) -> None:
        """Poll queues and fire schedules from now on. Raises ScheduleError (EF-SCHEDULE)."""
        for mapping in self.mappings:
            mapping.start()
        for rule in self.all(Rule):
            self.schedules.start_rule(rule)
        for schedule in self.all(Schedule):
            self.schedules.start_schedule(schedule)

    def put_entry(
        self, entry: Mapping[str, Any], *, origin: str, header: str = "", request: str = "", trusted: bool = False
    ) -> tuple[dict[str, str], Delivery | None]:
        """Take one PutEvents entry; returns EventId, or ErrorCode and ErrorMessage, and what follows it.

        `trusted` lets sources that begin with `aws.` in: only AWS's services may send such, and whoever plays them.
        """
        problem = refusal(entry, trusted=trusted)
        name = str(entry.get("EventBusName") or "default")
        bus = self.bus(name)
        if problem is None and bus is None:
            problem = ("InvalidArgument", f"Event bus {name} does not exist in this run.")
        if problem or bus is None:
            code, message = problem or ("InternalException", "")
            return {"ErrorCode": code, "ErrorMessage": message}, None
        event_id = self.hub.ids.uuid()
        now = self.hub.clock.now()
        event = put_event({**entry, "Time": _time(entry.get("Time"), now)}, account=self.account, region=self.region, id=event_id)
        header = str(entry.get("TraceHeader") or header)
        shown = self.hub.post.name(bus.node.arn)
        root = self.hub.trace.begin(bus.kind, bus.node.arn, shown, json.dumps(event), origin=origin, cause=header, request=request)
        bus.put(event, root, header=header)
        return {"EventId": event_id}, root

    async def invoke(
        self,
        arn: str,
        payload: str,
        *,
        header: str = "",
        request: str = "",
        client_context: str | None = None,
        origin: str = "Invoke",
    ) -> Invocation:
        """Invoke a function and give its answer to the caller, whatever it is. The caller holds the clock."""
        trace = self.hub.trace
        name = self.hub.post.name(arn)
        delivery = trace.begin("function", arn, name, payload, origin=origin, cause=header, request=request)
        answer, _ = await self.functions.call(arn, payload, [delivery], trace_header=header, client_context=client_context)
        if answer.fault:
            trace.end(delivery, State.DROPPED, f"the caller got {delivery.last_error or answer.fault}")
        else:
            trace.end(delivery, State.PROCESSED)
        return answer

    def bus(self, name: str) -> LocalBus | None:
        """A bus by name or ARN."""
        return next((bus for bus in self.buses if name in (bus.name, bus.node.arn)), None)

    def queue(self, name: str) -> LocalQueue | None:
        """A queue by name, ARN, URL (its last part counts), construct path or logical id."""
        last = name.rstrip("/").rsplit("/", 1)[-1] if "://" in name else name
        return next((q for q in self.queues if last in _names(q.node)), None)

    def topic(self, name: str) -> LocalTopic | None:
        """A topic by name, ARN, construct path or logical id."""
        return next((t for t in self.topics if name in _names(t.node)), None)


def _names(node: Node) -> tuple[str, ...]:
    return node.name, node.arn, node.path, node.logical_id, node.path.rsplit("/", 1)[-1]


def _time(given: object, now: float) -> str:
    """The time of an event: the entry's (a datetime from an SDK, or text), else now."""
    if isinstance(given, datetime):
        return iso_seconds(given.timestamp())
    return str(given) if given else iso_seconds(now)
