"""From templates to nodes: every stack with its nested stacks, every resource that is created."""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from cdk_event_flow.flow.arns import arn_of, bus_arn
from cdk_event_flow.flow.model import Bus, Node, Other, Rule, Template
from cdk_event_flow.flow.readers import READERS
from cdk_event_flow.flow.readers.resource import Resource
from cdk_event_flow.flow.resolve import Resolver
from cdk_event_flow.flow.sources import Archive, Polled
from cdk_event_flow.flow.stacks import Stacks
from cdk_event_flow.flow.template import read_template, tell_paths, tell_places

_BUS = re.compile(r"arn:[\w-]+:events:[\w-]+:\d{12}:event-bus/(?P<name>[\w./-]+)")
MOST_NESTED = 10  # CDK nests two or three deep; a template that names itself would go on for ever


def add_stack(template: Mapping[str, Any], folder: Path | None, **more: Any) -> None:
    """Add a stack to `stacks`, and the stacks nested in it whose templates lie in `folder`. Raises TemplateError."""
    resolver = Resolver(template, **more)
    if folder is not None:
        _add_nested(resolver, folder, 1)


def _add_nested(parent: Resolver, folder: Path, depth: int) -> None:
    for logical_id in parent.section("Resources"):
        if parent.type(logical_id) != "AWS::CloudFormation::Stack" or depth > MOST_NESTED:
            continue
        place = _template_file(parent, logical_id)
        if place is not None and (file := folder / place).is_file():
            template = read_template(file)
            tell_places(template, file.parent)
            match parent.resource(logical_id):
                case {"Metadata": {"aws:cdk-event-flow:paths": [*paths]}}:
                    tell_paths(template, paths)
            nested = Resolver(
                template,
                f"{parent.stack}-{logical_id}",
                parent.account,
                parent.region,
                stacks=parent.stacks,
                parent=(parent, logical_id),
                size=file.stat().st_size,
            )
            parent.nested[logical_id] = nested
            _add_nested(nested, file.parent, depth + 1)


def _template_file(resolver: Resolver, logical_id: str) -> str | None:
    """Where CDK put the nested template, or a `TemplateURL` that is a path still."""
    match resolver.resource(logical_id):
        case {"Metadata": {"aws:asset:path": str(path)}}:
            return path
        case {"Properties": {"TemplateURL": str(path)}} if "://" not in path:
            return path
    return None


def nodes_of(stacks: Stacks, only: Collection[str] | None = None) -> dict[str, Node]:
    """All nodes of these stacks, or of `only` those of these names and what is nested in them."""
    nodes: dict[str, Node] = {}
    for resolver in stacks:
        if only is None or _root(resolver).stack in only:
            default = bus_arn("default", resolver.region, resolver.account)
            place = f"default ({resolver.account} {resolver.region})"
            nodes.setdefault(default, Bus(logical_id=place, arn=default, name="default", path=place))
            _read(resolver, nodes)
    for bus in _buses_elsewhere(list(nodes.values())):
        nodes.setdefault(bus.arn, bus)
    return nodes


def _buses_elsewhere(nodes: Iterable[Node]) -> Iterator[Bus]:
    """The buses that rules and archives stand on, and that no template makes, as far as their ARNs are known: events can be put on
    them all the same."""
    for node in nodes:
        if isinstance(node, Archive | Rule) and (found := _BUS.fullmatch(node.bus_arn)):
            yield Bus(logical_id=found["name"], arn=node.bus_arn, name=found["name"], path=found["name"])


def templates_of(stacks: Stacks, only: Collection[str] | None = None) -> tuple[Template, ...]:
    """What each template declares, of these stacks or of those named in `only` and what is nested in them."""
    return tuple(_template(resolver) for resolver in stacks if only is None or _root(resolver).stack in only)


def _template(resolver: Resolver) -> Template:
    return Template(
        logical_id=resolver.stack,
        arn=arn_of("cloudformation", f"stack/{resolver.stack}", resolver.region, resolver.account),
        name=resolver.stack,
        path=resolver.stack,
        resources=len(resolver.section("Resources")),
        outputs=len(resolver.section("Outputs")),
        parameters=len(resolver.section("Parameters")),
        size=resolver.size if resolver.size is not None else _size(resolver.template),
    )


def _size(template: Mapping[str, Any]) -> int:
    try:
        return len(json.dumps(template, separators=(",", ":"), default=str))
    except RecursionError:
        return 0  # deeper than CloudFormation takes, whatever its size


def _root(resolver: Resolver) -> Resolver:
    while resolver.parent:
        resolver = resolver.parent[0]
    return resolver


def _read(resolver: Resolver, nodes: dict[str, Node]) -> None:
    for logical_id in resolver.section("Resources"):
        if resolver.exists(logical_id) is False:
            continue
        resource = Resource(resolver, logical_id)
        reader = READERS.get(resource.type)
        read = reader(resource) if reader else Other(**resource.identity(), type=resource.type)
        for number, node in enumerate(read if isinstance(read, tuple) else (read,)):
            if node.arn not in nodes:
                nodes[node.arn] = node
            elif not isinstance(node, Polled):  # which several mappings may poll
                # Two of one ARN are of two conditions that are not decided, or of a name given twice: both are read.
                nodes[f"{resolver.stack}/{logical_id}/{number}"] = node
