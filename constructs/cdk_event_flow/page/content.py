"""What the page shows of a flow by itself: its picture, its nodes, sample events, findings."""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from cdk_event_flow.errors import EventFlowError, TemplateError
from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.contracts import Contract
from cdk_event_flow.flow.diff import Difference
from cdk_event_flow.flow.findings import KINDS
from cdk_event_flow.flow.model import Bus, EventSchema, Function, Queue, Topic
from cdk_event_flow.page.hints import fields
from cdk_event_flow.page.verdicts import kind_of
from cdk_event_flow.render import picture_of
from cdk_event_flow.render.themes import DARK, LIGHT, Theme

Sample = tuple[str, Any]


def content(flow: Flow, saved: Iterable[Sample], *, title: str) -> dict[str, Any]:
    """All of it, as plain JSON values. `saved` are events with the names of where they were."""
    return {
        "title": title,
        **_pictures(flow),
        "names": {arn: flow.names.get(arn, node.path) for arn, node in flow.nodes.items()},
        "receivers": receivers(flow),
        "samples": samples(flow, saved),
        "contracts": [
            {"source": each.source, "detailType": each.detail_type, "fields": fields(each)} for each in flow.of(EventSchema)
        ],
        "findings": findings(flow),
    }


def _pictures(flow: Flow) -> dict[str, Any]:
    try:
        return {
            "picture": picture_of(flow).as_json(),
            "withDeadLetters": picture_of(flow, dead_letters=True).as_json(),
            "noPicture": "",
        }
    except TemplateError as error:
        return {"picture": None, "withDeadLetters": None, "noPicture": str(error)}


def title_of(flow: Flow, otherwise: str) -> str:
    """What a flow is called: its stack, where there is one."""
    stacks = {node.path.partition("/")[0] for node in flow.nodes.values() if "/" in node.path}
    return stacks.pop() if len(stacks) == 1 else otherwise


def receivers(flow: Flow) -> list[dict[str, str]]:
    """What an event can be sent to: own buses first, then topics, queues, functions, the default bus."""
    buses = sorted(flow.of(Bus), key=lambda bus: bus.name == "default")
    nodes = [*buses[:-1], *flow.of(Topic), *flow.of(Queue), *flow.of(Function), *buses[-1:]]
    return [{"arn": node.arn, "name": flow.names.get(node.arn, node.path), "kind": kind_of(node)} for node in nodes]


def samples(flow: Flow, saved: Iterable[Sample]) -> list[dict[str, Any]]:
    """Events to try: those of files, then one of each contract. `on` is the ARN of where it goes; empty for where nobody tells."""
    usual = _usual_bus(flow)
    found = [{"name": name, "from": "file", "on": _bus_named(flow, event) or usual, "event": event} for name, event in saved]
    for schema in flow.of(EventSchema):
        try:
            event = Contract(schema.source, schema.detail_type, schema.schema).sample()
        except (EventFlowError, KeyError, TypeError, RecursionError):
            continue  # a schema that somebody wrote by hand, of which no sample can be made
        found.append({"name": schema.detail_type, "from": "contract", "on": usual, "event": event})
    return found


def _usual_bus(flow: Flow) -> str:
    own = [bus for bus in flow.of(Bus) if bus.name != "default"]
    default = next((bus.arn for bus in flow.of(Bus) if bus.name == "default"), "")
    return own[0].arn if len(own) == 1 else default


def _bus_named(flow: Flow, event: Any) -> str:
    name = event.get("EventBusName") if isinstance(event, Mapping) else None
    return next((bus.arn for bus in flow.of(Bus) if name and name in (bus.name, bus.arn)), "")


def findings(flow: Flow) -> list[dict[str, str]]:
    """What `event-flow check --advice` says, each with the address of AWS's documentation by itself."""
    found = []
    for finding in flow.check(advice=True):
        kind = KINDS[finding.id]
        found.append({**dataclasses.asdict(finding), "title": kind.title, "why": kind.why, "docs": kind.docs})
    return found


def difference(old: Flow, new: Flow) -> dict[str, Any]:
    """What changes between two flows."""
    return as_values(old.diff(new))


def as_values(changes: Difference) -> dict[str, Any]:
    """A difference as plain JSON values."""
    return dataclasses.asdict(changes)


def theme_css() -> str:
    """The colours as CSS variables: light, dark where the reader prefers it or chose it."""
    light, dark = _variables(LIGHT), _variables(DARK)
    return (
        f":root {{ color-scheme: light; {light} }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root:not([data-theme=light]) {{ color-scheme: dark; {dark} }} }}\n"
        f":root[data-theme=dark] {{ color-scheme: dark; {dark} }}\n"
        + "".join(
            f".sign.{name}, .glyph.{name} {{ stroke: var(--{name}); }} .tile.{name} {{ fill: var(--{name}); }}\n"
            for name in (kind.replace(" ", "-") for kind in LIGHT.kinds)
        )
    )


def _variables(theme: Theme) -> str:
    named = {"page": theme.page, "box": theme.box, "border": theme.border, "ink": theme.ink, "muted": theme.muted, "edge": theme.edge}
    named |= {kind.replace(" ", "-"): colour for kind, colour in theme.kinds.items()}
    return " ".join(f"--{name}: {colour};" for name, colour in named.items())
