"""What of a flow is not run as on AWS: each gap with its title on the page of parity, and a sentence for the start of a run."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import Alias, EventSourceMapping, Node, Other, Subscription, Table, Version
from cdk_event_flow.flow.permissions import hops, permission
from cdk_event_flow.flow.sources import Alarm, Api, ApiDestination, Archive, Pipe, Route, Subscriber
from cdk_event_flow.local.alarms import by_name, why_not
from cdk_event_flow.local.engine import Engine

OTHER_SERVICES = {
    "AWS::AppSync": "AppSync",
    "AWS::Cognito::UserPool": "Cognito triggers",
    "AWS::EventsV2": "Custom buses of the new kind",
    "AWS::IoT::TopicRule": "IoT rules",
    "AWS::KinesisAnalytics": "Kinesis analytics",
    "AWS::KinesisFirehose": "Firehose",
    "AWS::MSK": "Kafka, MQ and DocumentDB",
    "AWS::StepFunctions": "Step Functions",
}
ELSEWHERE = "Targets that are not run"
ADDRESSES = "Addresses outside of this machine"
ARCHIVES = "Archives of other buses"
VERSIONS = "Versions that are not in the template"
SOURCES = "Kafka, MQ and DocumentDB"
PIPES = "Pipes from other sources, and other enrichments"
WEBSOCKETS = "WebSocket APIs"
SIGNATURES = "Signatures of requests and tokens"
AUTHORIZERS = "Authorizers of REST APIs"
TEMPLATES = "Integrations by mapping template"
ALARMS = "Other alarms"
TIME_TO_LIVE = "Time to live of items"
PERMISSIONS = "Permissions"


@dataclass(frozen=True, slots=True)
class Gap:
    """One gap that a template meets: its `title` in docs/reference/parity.md, and what is `said` at the start."""

    title: str
    said: str


def gaps(engine: Engine) -> list[Gap]:
    """Every gap that the flow of this engine meets."""
    nodes = engine.nodes
    found: list[Gap] = []
    for one in (_services, _elsewhere, _addresses, _archives, _versions, _mappings, _pipes, _apis, _alarms, _tables):
        found += one(nodes, engine)
    return found


def denied(flow: Flow) -> list[Gap]:
    """What the policies of the template do not permit: on AWS it would not be delivered, here it is."""
    found = {}
    for hop in hops(flow):
        permitted = permission(flow, hop)
        if permitted.verdict == "denied":
            receiver = flow.receiver(hop.arn)
            to = receiver.path if receiver else hop.arn
            found[hop.by.path, to] = Gap(PERMISSIONS, f"{hop.by.path} to {to}: delivered here, and on AWS not: {permitted}")
    return list(found.values())


def _services(nodes: Iterable[Node], _: Engine) -> Iterator[Gap]:
    for node in nodes:
        if isinstance(node, Other) and not isinstance(node, Subscriber):
            title = next((title for prefix, title in OTHER_SERVICES.items() if node.type.startswith(prefix)), None)
            if title:
                yield Gap(title, f"{node.path}: {node.type} is not run here")


def _elsewhere(_: Iterable[Node], engine: Engine) -> Iterator[Gap]:
    for _arn, name, kind in engine.elsewhere:
        yield Gap(ELSEWHERE, f"{name}: events to it are shown, not sent ({kind or 'it is outside of this flow'})")


def _addresses(nodes: Iterable[Node], engine: Engine) -> Iterator[Gap]:
    for node in nodes:
        url = node.endpoint if isinstance(node, ApiDestination | Subscription) else ""
        if url.startswith(("http://", "https://")) and not engine.web.may(url.replace("*", "x")):
            yield Gap(ADDRESSES, f"{node.path}: requests to {url} are shown, not sent (--allow with its host sends them)")


def _archives(nodes: Iterable[Node], engine: Engine) -> Iterator[Gap]:
    kept = {archive.node.arn for archive in engine.replays.archives}
    for node in nodes:
        if isinstance(node, Archive) and node.arn not in kept:
            yield Gap(ARCHIVES, f"{node.path}: the archive keeps nothing, its bus {node.bus_arn} is not run here")


def _versions(nodes: Iterable[Node], engine: Engine) -> Iterator[Gap]:
    versions = {version.arn for version in engine.all(Version)}
    for alias in nodes:
        if isinstance(alias, Alias):
            for arn in (alias.version_arn, *alias.weights):
                if arn.rpartition(":")[2].isdigit() and arn not in versions:
                    number = arn.rpartition(":")[2]
                    yield Gap(VERSIONS, f"{alias.path}: version {number} is not in this template, the newest code runs in its name")


def _mappings(nodes: Iterable[Node], engine: Engine) -> Iterator[Gap]:
    sources = engine.sources
    run = {mapping.node.arn for mapping in sources.mappings} | {reader.mapping.arn for reader in sources.readers}
    others = {node.arn: node.type for node in nodes if isinstance(node, Other)}
    for node in nodes:
        if isinstance(node, EventSourceMapping) and node.arn not in run:
            why = others.get(node.function_arn, "queues, streams and tables of this flow are read")
            yield Gap(SOURCES, f"{node.path}: the mapping of {node.source_arn} is not run ({why})")


def _pipes(_: Iterable[Node], engine: Engine) -> Iterator[Gap]:
    for pipe in engine.all(Pipe):
        if reason := engine.sources.why_not(pipe):
            yield Gap(PIPES, f"{pipe.path}: the pipe is not run, {reason}")


def _apis(_: Iterable[Node], engine: Engine) -> Iterator[Gap]:
    apis = {api.arn: api for api in engine.all(Api)}
    for api in apis.values():
        if api.protocol == "WEBSOCKET":
            yield Gap(WEBSOCKETS, f"{api.path}: WebSocket APIs are not run here")
    for route in engine.all(Route):
        served_by = apis.get(route.api_arn)
        if served_by is None or served_by.protocol == "WEBSOCKET":
            continue
        wanted = str(route.properties.get("AuthorizationType") or "NONE")
        if wanted in ("AWS_IAM", "JWT"):
            yield Gap(SIGNATURES, f"{route.path}: the signature of its requests or tokens is not checked")
        elif served_by.protocol == "REST" and wanted != "NONE":
            yield Gap(AUTHORIZERS, f"{route.path}: its authorizer is not run, all requests are let in")
        if route.kind == "template" or (route.kind != "parameters" and route.target_arn not in engine.functions.arns()):
            yield Gap(TEMPLATES, f"{route.path}: what it calls is not run, requests are answered with 501")


def _alarms(_: Iterable[Node], engine: Engine) -> Iterator[Gap]:
    alarms = engine.all(Alarm)
    known = by_name(alarms)
    for alarm in alarms:
        # What scales is told of with what it scales.
        told = [action for action in alarm.actions if ":autoscaling:" not in action]
        if told and (reason := why_not(alarm, known)):
            yield Gap(ALARMS, f"{alarm.path}: the alarm is not looked at, {reason}")


def _tables(_: Iterable[Node], engine: Engine) -> Iterator[Gap]:
    followed = {table.node.arn for table in engine.sources.tables if table.followed}
    for table in engine.all(Table):
        if table.arn in followed and (table.properties.get("TimeToLiveSpecification") or {}).get("AttributeName"):
            yield Gap(TIME_TO_LIVE, f"{table.path}: items do not expire by themselves, and its stream does not tell of it")
