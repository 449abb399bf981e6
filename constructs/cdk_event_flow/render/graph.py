"""What is drawn: the nodes and edges of a picture, read from a flow, not placed yet."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from cdk_event_flow.errors import Problem, TemplateError
from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.callers import callers
from cdk_event_flow.flow.dead_letters import dead_letters_of, hidden
from cdk_event_flow.flow.model import (
    AsyncConfig,
    Bus,
    EventSourceMapping,
    Function,
    Node,
    Other,
    Queue,
    Rule,
    Schedule,
    Subscription,
    Table,
    Target,
    Topic,
)
from cdk_event_flow.flow.names import short_names
from cdk_event_flow.flow.publishers import publishers
from cdk_event_flow.flow.readers.resource import as_mapping
from cdk_event_flow.flow.sources import Api, Bucket, BucketNotifications, Route, Stream, Subscriber, Url
from cdk_event_flow.flow.workers import Workers, consumed_by
from cdk_event_flow.render.words import summary

Kind = Literal[
    "bus", "rule", "topic", "filter", "queue", "dead letters", "function", "schedule", "pipe", "archive",
    "bucket", "table", "stream", "api", "client", "service",
]  # fmt: skip
LinkKind = Literal["delivers", "calls", "publishes", "dead letters"]

MOST_KEYS = 5
_PLAIN: Mapping[type[Node], Kind] = {Bus: "bus", Bucket: "bucket", Table: "table", Stream: "stream"}
_SERVICES: Mapping[str, Kind] = {"events": "bus", "sns": "topic", "sqs": "queue", "lambda": "function"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Vertex:
    """One box. `id` is an ARN; `name` is empty where only `lines` speak (a filter); `remark` follows the kind ("FIFO").

    `mark` says in words where its dead letters go; `idle` is set for what is disabled; `details` is the tooltip.
    """

    id: str
    kind: Kind
    name: str
    scope: str = ""
    remark: str = ""
    lines: tuple[str, ...] = ()
    mark: str = ""
    idle: bool = False
    details: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """One edge, between vertices by id. It bridges `span` columns at least."""

    source: str
    target: str
    kind: LinkKind = "delivers"
    details: str = ""
    span: int = 1


@dataclass(frozen=True, slots=True)
class Graph:
    """Vertices and links in the template's order."""

    vertices: tuple[Vertex, ...]
    links: tuple[Link, ...]


def graph_of(flow: Flow, *, dead_letters: bool = False) -> Graph:
    """The graph of what events go through; what they do not reach (tables, alarms, idle queues) is left out.

    A queue that only keeps dead letters is a mark on the queue it serves; `dead_letters` draws it. Raises TemplateError
    (EF-DIAGRAM-EMPTY) where nothing is to be drawn.
    """
    drawing = _Drawing(flow, set() if dead_letters else hidden(flow))
    drawing.draw()
    if not drawing.links:
        raise TemplateError(
            "the template",
            Problem(code="EF-DIAGRAM-EMPTY",
                    given="it has no rule, schedule, subscription, event source mapping, pipe, API or notification, "
                    "and no function that calls another",
                    allowed="a picture shows where events go", fix="draw a template with an event flow in it"),
        )  # fmt: skip
    return Graph(tuple(drawing.vertices.values()), tuple(drawing.links.values()))


class _Drawing:
    def __init__(self, flow: Flow, hidden_queues: set[str]) -> None:
        self.flow = flow
        self.hidden = hidden_queues
        self.names = short_names(flow.nodes)
        self.vertices: dict[str, Vertex] = {}
        self.links: dict[tuple[str, str], Link] = {}
        self.dead = [each for each in dead_letters_of(flow) if each.queue not in hidden_queues]
        self.filters = {type(each) for each in flow.nodes.values() if _filters(each)}
        self.keeps_dead = {each.queue for each in self.dead} & hidden(flow)

    def draw(self) -> None:
        """Everything, in the order that events take."""
        for rule in self.flow.of(Rule):
            self.rule(rule)
        for schedule in self.flow.of(Schedule):
            lines = (f"{schedule.expression} {schedule.timezone}",)
            self.starts(schedule, "schedule", lines, (schedule.target,), schedule.enabled)
        for subscription in self.flow.of(Subscription):
            self.subscription(subscription)
        for mapping in self.flow.of(EventSourceMapping):
            self.mapping(mapping)
        self.workers()
        self.other_sources()
        for config in self.flow.of(AsyncConfig):
            for end, when in ((config.on_success, "when it succeeds"), (config.on_failure, "when it fails")):
                if end and end not in self.hidden and end not in self.keeps_dead:
                    self.link(config.function_arn, end, details=when)
        for other in self.flow.of(Other):
            self.other(other)
        self.spoken_to()
        for each in self.dead:
            if self.id_of(each.source) in self.vertices:
                self.link(each.source, each.queue, "dead letters", f"dead letters {each.when}")

    def other_sources(self) -> None:
        """What else leads on: buckets, tables, APIs, function URLs, subscribers of new buses."""
        for source, by, target in self.flow.ways.edges:
            match by:
                case Bucket() | BucketNotifications():
                    told = sorted({event for each in by.notifications if each.destination == target for event in each.events})
                    self.link(source, target, details=", ".join(told))
                case Route():
                    self.link(source, target, details=f"{by.method} {by.url}")
                case Url() | Table():
                    self.link(source, target)
                case Subscriber():
                    lines = [line for each in by.filters if isinstance(each.pattern, Mapping) for line in summary(each.pattern)]
                    self.filtered(by, source, target, lines, details="", remark="" if by.enabled else "stopped")

    def spoken_to(self) -> None:
        """What functions publish to, and call."""
        for function, receiver, told in publishers(self.flow):
            if receiver.arn not in self.hidden and receiver.arn not in self.keeps_dead:
                self.link(function.arn, receiver.arn, "publishes", f"{self.names[function.arn]} may publish: {told}")
        for function, called, told in callers(self.flow):
            self.link(function.arn, called.arn, "calls", f"{self.names[function.arn]} may call: {told}")

    def rule(self, rule: Rule) -> None:
        if rule.pattern is None:
            self.starts(rule, "schedule", (rule.schedule or "",), rule.targets, rule.enabled)
            return
        lines = (*_limited(summary(rule.pattern)), *((rule.schedule,) if rule.schedule else ()))
        self.starts(rule, "rule", lines, rule.targets, rule.enabled, _written(rule.pattern))
        self.link(rule.bus_arn, rule.arn)

    def starts(
        self, node: Node, kind: Kind, lines: tuple[str, ...], targets: tuple[Target, ...], enabled: bool, details: str = ""
    ) -> None:
        """A rule or a schedule with its targets."""
        remark = "" if enabled else "disabled"
        self.add(node, kind, remark=remark, lines=lines, idle=not enabled, details=details)
        for target in targets:
            changed = "; sends its own input" if target.input or target.transformer or target.input_path else ""
            self.link(node.arn, target.arn, details=f"up to {target.max_attempts} retries in {target.max_age} s{changed}")

    def subscription(self, subscription: Subscription) -> None:
        if subscription.protocol not in ("sqs", "lambda", "firehose"):
            self.vertices.setdefault(
                subscription.endpoint,
                Vertex(id=subscription.endpoint, kind="client", name=subscription.endpoint, remark=subscription.protocol),
            )
        policy = subscription.filter_policy
        scope = "message attributes" if subscription.filter_scope == "MessageAttributes" else "message body"
        details = f"filter on the {scope}: {_written(policy)}" if policy else "raw" if subscription.raw else ""
        lines = summary(policy) if policy else []
        self.filtered(subscription, subscription.topic_arn, subscription.endpoint, lines, details=details)

    def mapping(self, mapping: EventSourceMapping) -> None:
        lines = [", ".join(summary(each)) for each in mapping.filters]
        lines = [f"or {line}" if number else line for number, line in enumerate(lines)]
        batches = f"batches of up to {mapping.batch_size}" + (f" or {mapping.window} s" if mapping.window else "")
        written = "".join(f"\nfilter: {_written(each)}" for each in mapping.filters)
        state = "" if mapping.enabled else "disabled"
        self.filtered(mapping, mapping.source_arn, mapping.function_arn, lines, details=batches + written, remark=state)

    def workers(self) -> None:
        for workers in self.flow.of(Workers):
            for consumed in consumed_by(self.flow, workers):
                span = 2 if EventSourceMapping in self.filters else 1
                self.link(
                    consumed.arn,
                    workers.arn,
                    details="; ".join((*consumed.refused, *consumed.doubts)) or "workers poll it",
                    span=span,
                )

    def filtered(self, by: Node, source: str, target: str, lines: list[str], *, details: str, remark: str = "") -> None:
        """An edge, with its filter as a vertex of its own where it has one; else as long, so that receivers stand in a column."""
        if not lines and not remark:
            self.link(source, target, details=details, span=2 if type(by) in self.filters else 1)
            return
        shown = (*((remark,) if remark else ()), *_limited(lines))
        self.vertices[by.arn] = Vertex(id=by.arn, kind="filter", name="", lines=shown, idle=bool(remark), details=details)
        self.link(source, by.arn)
        self.link(by.arn, target, details=details)

    def other(self, node: Other) -> None:
        """A pipe, or an archive."""
        properties = node.properties
        if node.type == "AWS::Events::Archive" and isinstance(bus := properties.get("SourceArn"), str):
            days = properties.get("RetentionDays")
            self.add(node, "archive", lines=(f"keeps {days} days" if days else "keeps for ever",))
            self.link(bus, node.arn)
        if node.type == "AWS::Pipes::Pipe":
            filters = as_mapping(as_mapping(properties.get("SourceParameters")).get("FilterCriteria")).get("Filters")
            patterns = [as_mapping(as_mapping(each).get("Pattern")) for each in (filters if isinstance(filters, list) else [])]
            self.add(node, "pipe", lines=_limited([", ".join(summary(each)) for each in patterns]))
            enrichment = properties.get("Enrichment")
            for start, end in ((properties.get("Source"), node.arn), (node.arn, properties.get("Target")), (enrichment, node.arn)):
                if start and end:
                    self.link(str(start), str(end), details="enriches" if start == enrichment else "")

    def add(self, node: Node, kind: Kind, **more: Any) -> None:
        """A vertex for a node of the template."""
        scope, _, name = self.names.get(node.arn, node.path).rpartition("/")
        details = "\n".join(filter(None, (node.path, more.pop("details", ""))))
        self.vertices[node.arn] = Vertex(id=node.arn, kind=kind, name=name, scope=scope, details=details, **more)

    def link(self, source: str, target: str, kind: LinkKind = "delivers", details: str = "", span: int = 1) -> None:
        """An edge, and its ends where they are not there yet; of several between the same two, the first."""
        ends = self.id_of(source), self.id_of(target)
        for end in ends:
            if end not in self.vertices:
                self.receiver(end)
        self.links.setdefault(ends, Link(source=ends[0], target=ends[1], kind=kind, details=details, span=span))

    def id_of(self, arn: str) -> str:
        """A function's aliases and versions are the function."""
        function = self.flow.function(arn)
        if function or arn in self.flow.nodes:
            return function.arn if function else arn
        behind = self.flow.receiver(arn)  # of a table's stream, the table; of a stage, its API
        return behind.arn if behind else arn

    def receiver(self, arn: str) -> None:
        """What is delivered to, or publishes."""
        match node := self.flow.nodes.get(arn):
            case Bus() | Bucket() | Table() | Stream():
                self.add(node, _PLAIN[type(node)])
            case Topic():
                self.add(node, "topic", remark="FIFO" if node.fifo else "")
            case Queue() if arn in self.keeps_dead:
                self.add(node, "dead letters")
            case Queue():
                mark = f"dead letters after {node.max_receives}" if node.dead_letter_arn in self.hidden else ""
                self.add(node, "queue", remark="FIFO" if node.fifo else "", mark=mark, details=f"visibility {node.visibility} s")
            case Function():
                self.add(node, "function", details=f"{node.runtime}, {node.memory} MB, {node.timeout} s")
            case Workers():
                scales = node.scales
                self.add(node, "service", remark=f"{scales.least} to {scales.most} workers" if scales else "workers")
            case Api():
                routes = [f"{each.method} {each.url}" for each in self.flow.of(Route) if each.api_arn == arn]
                self.add(node, "api", remark=node.protocol, lines=_limited(routes))
            case Url():
                self.add(node, "api", remark="function URL", lines=("signed requests only",) if node.auth == "AWS_IAM" else ())
            case None:
                self.vertices[arn] = _elsewhere(arn)
            case _:
                self.add(node, "service", remark=getattr(node, "type", type(node).__name__))


def _filters(node: Node) -> bool:
    return bool(isinstance(node, Subscription) and node.filter_policy) or bool(isinstance(node, EventSourceMapping) and node.filters)


def _elsewhere(arn: str) -> Vertex:
    """What the template does not have: told by its ARN, or unknown."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return Vertex(id=arn, kind="service", name="unknown", lines=(arn.removeprefix("unknown ").strip("()"),))
    name = parts[5].removeprefix("function:").removeprefix("event-bus/")
    kind = _SERVICES.get(parts[2], "service")
    return Vertex(id=arn, kind=kind, name=name, remark="elsewhere" if kind in _SERVICES.values() else parts[2], details=arn)


def _limited(lines: list[str]) -> tuple[str, ...]:
    more = len(lines) - MOST_KEYS
    return tuple(lines if more < 2 else [*lines[:MOST_KEYS], f"and {more} more"])


def _written(pattern: Any) -> str:
    return json.dumps(pattern, ensure_ascii=False, default=str)
